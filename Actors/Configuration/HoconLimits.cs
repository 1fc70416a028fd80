namespace ActorPerf.Configuration;

/// <summary>Bounds of what the reader accepts, so that no file can hang a start-up or exhaust its memory or stack.</summary>
public static class HoconLimits
{
    /// <summary>Bytes of one file.</summary>
    public const int MaxFileBytes = 1024 * 1024;

    /// <summary>Bytes of the file and all that it includes.</summary>
    public const int MaxTotalBytes = 8 * MaxFileBytes;

    /// <summary>Files read, the first one included.</summary>
    public const int MaxFiles = 256;

    /// <summary>Levels of includes.</summary>
    public const int MaxIncludeDepth = 10;

    /// <summary>Levels of objects, lists and path elements.</summary>
    public const int MaxDepth = 64;

    /// <summary>Values that may wait for one another while substitutions are resolved.</summary>
    public const int MaxChain = 256;

    /// <summary>
    /// Work and memory of resolving, in units of about one byte: every list, object and string that substitutions or
    /// concatenation make is charged, and so is the whole result with shared parts counted as often as they are used.
    /// </summary>
    public const long MaxExpansion = 32L * 1024 * 1024;
}
