namespace ActorPerf.Kernel;

/// <summary>A lane for each of the delays in use, while these are few. Programs have a handful of time-outs, each used a million times.</summary>
internal sealed class AlarmLanes(TimeProvider time) : IDisposable
{
    private const int MostLanes = 8;
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private AlarmLane[] _lanes = [];       // replaced as a whole, under the lock
    private bool _isDisposed;

    /// <summary>Sets an alarm; false when it needs a timer of its own: all lanes are in use for other delays, or the delay is none for a lane.</summary>
    public bool TryEnter(LaneAlarm alarm, TimeSpan delay) => Find(delay) is { } lane
        ? lane.TryEnter(alarm)
        : delay > TimeSpan.Zero && delay <= Longest && Open(delay) is { } opened && opened.TryEnter(alarm);

    /// <summary>Alarms that wait in open lanes.</summary>
    public int SetAlarms => Volatile.Read(ref _lanes).Sum(static lane => lane.SetAlarms);

    /// <summary>Opens no lane any more. Alarms that are set still ring, for each ends somebody's wait.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            foreach (var lane in _lanes) lane.Close();
            _lanes = [];
        }
    }

    private AlarmLane? Find(TimeSpan delay)
    {
        foreach (var lane in Volatile.Read(ref _lanes))
        {
            if (lane.Delay == delay) return lane;
        }
        return null;
    }

    private AlarmLane? Open(TimeSpan delay)
    {
        lock (_gate)
        {
            if (Find(delay) is { } opened) return opened;
            if (_isDisposed) return null;
            var kept = _lanes.Length < MostLanes ? _lanes : Array.FindAll(_lanes, lane => !lane.TryCloseEmpty());
            if (kept.Length == MostLanes) return null;
            var fresh = new AlarmLane(time, delay);
            Volatile.Write(ref _lanes, [.. kept, fresh]);
            return fresh;
        }
    }
}
