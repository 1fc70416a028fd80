namespace ActorPerf.Kernel;

/// <summary>The places of a pool whose routees have died, and when each is filled again.</summary>
/// <remarks>A routee that dies is replaced at once. Where the new one dies within a second as well, the next is started after a pause: 100 ms, and
/// twice as long each time up to 10 s, so that routees which cannot start cost next to nothing. Once one has stood for a second there is no pause.</remarks>
/// <param name="clock">The system's.</param>
internal sealed class Vacancies(ITimeProvider clock)
{
    private const int Doublings = 7;       // enough for the longest pause
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100), Longest = TimeSpan.FromSeconds(10), Stand = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, (TimeSpan Start, int InARow)> _replacements = [];     // the last one of each name
    private readonly Dictionary<string, ICancelable> _open = [];

    /// <summary>How long to wait before the routee of this name, which has died, is replaced.</summary>
    public TimeSpan PauseBefore(string name)
    {
        var now = clock.MonotonicClock;
        var failed = _replacements.TryGetValue(name, out var last) && now - last.Start < Stand ? last.InARow : 0;
        var pause = failed == 0 ? TimeSpan.Zero : Shortest * Math.Pow(2, Math.Min(failed - 1, Doublings));
        if (pause > Longest) pause = Longest;
        _replacements[name] = (now + pause, failed + 1);
        return pause;
    }

    /// <summary>Nobody has the name while <paramref name="timer"/> runs.</summary>
    public void Open(string name, ICancelable timer) => _open[name] = timer;

    /// <summary>False when the place has been given up meanwhile.</summary>
    public bool TryFill(string name) => _open.Remove(name);

    /// <summary>Gives one of the places up for good; false when there is none.</summary>
    public bool TryGiveUp()
    {
        if (_open.Keys.FirstOrDefault() is not { } name) return false;
        _open.Remove(name, out var timer);
        timer?.Cancel();
        Forget(name);
        return true;
    }

    /// <summary>The routee of this name was let go.</summary>
    public void Forget(string name) => _replacements.Remove(name);
}
