namespace ActorPerf.Kernel;

/// <summary>How often an actor was restarted, and how many of its retries the present window has used.</summary>
internal sealed class RestartStatistics
{
    private int _retries;
    private TimeSpan? _windowStart;

    /// <summary>Restarts in all, for the inspector.</summary>
    public int Total;

    /// <summary>Asks for one more restart.</summary>
    /// <param name="maxRetries">Restarts allowed in a window; −1 for any number.</param>
    /// <param name="window">Zero or less: a single window that never ends.</param>
    /// <param name="now">Monotonic.</param>
    public bool RequestPermission(int maxRetries, TimeSpan window, TimeSpan now)
    {
        if (maxRetries == 0) return false;
        if (window > TimeSpan.Zero) return RequestInWindow(maxRetries > 0 ? maxRetries : 1, window, now);
        if (maxRetries < 0) return true;
        return ++_retries <= maxRetries;
    }

    private bool RequestInWindow(int maxRetries, TimeSpan window, TimeSpan now)
    {
        if (_windowStart is { } start && now - start <= window) return ++_retries <= maxRetries;
        _windowStart = now;
        _retries = 1;
        return true;
    }
}
