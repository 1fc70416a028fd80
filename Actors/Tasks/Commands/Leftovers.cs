namespace ActorPerf.Tasks.Commands;

/// <summary>Ends what calls have left running behind them, also where it left their group: one look at the table of processes serves all calls
/// that ended within a second.</summary>
internal sealed class Leftovers(TimeProvider time, ILogger log) : IDisposable
{
    private static readonly TimeSpan Gather = TimeSpan.FromSeconds(1);

    /// <summary>A call beyond these is not looked after; it takes thousands of calls a second to get there.</summary>
    private const int MostRuns = 100_000;

    private readonly Lock _gate = new();
    private HashSet<string> _ended = new(StringComparer.Ordinal);
    private ITimer? _timer;
    private bool _armed;
    private bool _disposed;

    /// <summary>A call is over: nothing that carries its mark has a right to run.</summary>
    public void Ended(string run)
    {
        if (!OperatingSystem.IsLinux()) return;
        lock (_gate)
        {
            if (_disposed || _ended.Count >= MostRuns) return;
            _ended.Add(run);
            if (_armed) return;
            _armed = true;
            if (_timer is null) _timer = time.CreateTimer(_ => Sweep(), null, Gather, Timeout.InfiniteTimeSpan);
            else _timer.Change(Gather, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The last look, at the node's end.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            _timer?.Dispose();
        }
        Sweep();
    }

    private void Sweep()
    {
        HashSet<string> ended;
        lock (_gate)
        {
            (ended, _ended) = (_ended, new HashSet<string>(StringComparer.Ordinal));
            _armed = false;
        }
        if (ended.Count == 0 || OperatingSystem.IsWindows()) return;
        var killed = ProcessTree.KillMarked(ended);
        if (killed > 0) log.LeftoversEnded(killed);
    }
}
