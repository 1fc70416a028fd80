namespace ActorPerf.Load;

/// <summary>What the generating process has used so far.</summary>
/// <param name="Cpu">Processor time of all its threads.</param>
/// <param name="GcPause">Time in which the garbage collector had stopped it.</param>
/// <param name="LastGcPause">The longest stop of the latest collection.</param>
internal readonly record struct GeneratorReading(TimeSpan Cpu, TimeSpan GcPause, TimeSpan LastGcPause, long ThreadPoolQueue, long Memory)
{
    /// <summary>Of this process, now.</summary>
    public static GeneratorReading OfThisProcess()
    {
        var pauses = GC.GetGCMemoryInfo(GCKind.Any).PauseDurations;
        var longest = TimeSpan.Zero;
        foreach (var pause in pauses)
            if (pause > longest) longest = pause;
        return new GeneratorReading(Environment.CpuUsage.TotalTime, GC.GetTotalPauseDuration(), longest, ThreadPool.PendingWorkItemCount, Environment.WorkingSet);
    }
}

/// <summary>Makes health of readings. For one thread at a time.</summary>
internal sealed class GeneratorWatch
{
    /// <summary>Readings that a rate is over, one a second.</summary>
    private const int Window = 10;

    private readonly Queue<(TimeSpan At, GeneratorReading Reading)> _readings = new();
    private (TimeSpan At, GeneratorReading Reading)? _first;
    private (TimeSpan At, GeneratorReading Reading) _last;
    private TimeSpan _gcPauseMax;

    /// <summary>Cores in use since the reading before.</summary>
    public double Cpu { get; private set; }

    /// <summary>Notes a reading.</summary>
    public void Note(TimeSpan at, GeneratorReading reading)
    {
        if (_first is not null && at > _last.At) Cpu = (reading.Cpu - _last.Reading.Cpu) / (at - _last.At);
        if (_first is { } first && reading.GcPause > first.Reading.GcPause && reading.LastGcPause > _gcPauseMax) _gcPauseMax = reading.LastGcPause;
        _first ??= (at, reading);
        _last = (at, reading);
        _readings.Enqueue(_last);
        if (_readings.Count > Window + 1) _readings.Dequeue();
    }

    /// <param name="planned">Iterations that were to start; 0 where no plan says.</param>
    public GeneratorHealth Health(LoadBook book, long dropped, long late, long planned)
    {
        var (from, to) = (_readings.Count > 0 ? _readings.Peek() : _last, _last);
        var seconds = (to.At - from.At).TotalSeconds;
        var whole = (to.At - (_first?.At ?? to.At)).TotalSeconds;
        var health = new GeneratorHealth
        {
            Cpu = seconds > 0 ? (to.Reading.Cpu - from.Reading.Cpu).TotalSeconds / seconds : 0,
            TimerLatenessP95 = book.TimerLateness.Percentile(95),
            TimerLatenessMax = book.TimerLateness.Max,
            GcPauses = whole > 0 ? (to.Reading.GcPause - _first!.Value.Reading.GcPause).TotalSeconds / whole : 0,
            GcPauseMax = _gcPauseMax,
            ThreadPoolQueue = to.Reading.ThreadPoolQueue,
            Memory = to.Reading.Memory,
            Saturated = HealthRules.IsSaturated(dropped, late, planned),
        };
        return health with { Warnings = HealthRules.Warnings(health, dropped, late, planned) };
    }
}
