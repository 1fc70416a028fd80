namespace ActorPerf.Configuration;

/// <summary>A configuration file cannot be read. The message is <c>FILE:LINE:COLUMN: what happened, what to do</c>.</summary>
public sealed class HoconException : Exception
{
    public HoconException(Origin origin, string problem, Exception? cause = null)
        : base($"{origin}: {problem}", cause)
    {
        Origin = origin;
        Problem = problem;
    }

    /// <summary>The place of the fault.</summary>
    public Origin Origin { get; }

    /// <summary>The message without the place.</summary>
    public string Problem { get; }
}
