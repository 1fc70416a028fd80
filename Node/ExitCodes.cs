namespace ActorPerf.Node;

/// <summary>What the process answers its caller: the table of the command line's contract.</summary>
public static class ExitCodes
{
    public const int Done = 0;

    /// <summary>The node answered with an error, or what was asked for ended badly (a failed job, a broken invariant).</summary>
    public const int Refused = 1;

    /// <summary>The command line cannot be understood; nothing was done.</summary>
    public const int Usage = 2;

    public const int CannotConnect = 3;
    public const int NotFound = 4;
    public const int TimedOut = 5;

    /// <summary>A fault of this program.</summary>
    public const int Bug = 70;

    /// <summary>A file could not be read or written.</summary>
    public const int FileFault = 74;

    /// <summary>The configuration has a fault; the message names file, line and column.</summary>
    public const int Configuration = 78;

    /// <summary>A load test ran to its end and a threshold does not hold; k6's code.</summary>
    public const int ThresholdFailed = 99;

    public const int Interrupted = 130;
}
