namespace ActorPerf.Caching;

/// <summary>Tells, without reading the clock itself, that a time is not yet near: for hits, whose reading of it would take as long as all the rest and hold up the processor's reads of memory.</summary>
/// <remarks>The system's tick count runs some milliseconds behind and, on some systems, by another clock: it is set against the timestamps every second and trusted to within a second.
/// What is nearer, and any clock that is not the system's own, is left to who reads the time.</remarks>
internal sealed class CoarseClock
{
    private static readonly TimeProvider Systems = TimeProvider.System;
    private static readonly long Margin = Systems.TimestampFrequency;
    private static readonly long TicksOfAMillisecond = Systems.TimestampFrequency / 1_000;

    private readonly bool _isSystems;
    private long _offset;

    public CoarseClock(TimeProvider time)
    {
        _isSystems = RunsByTheSystems(time);
        Set();
    }

    /// <summary>False also where only the clock can tell.</summary>
    public bool IsSurelyBefore(long at) => _isSystems && (Environment.TickCount64 * TicksOfAMillisecond) + Volatile.Read(ref _offset) + Margin < at;

    public void Set() => Volatile.Write(ref _offset, Systems.GetTimestamp() - (Environment.TickCount64 * TicksOfAMillisecond));

    private static bool RunsByTheSystems(TimeProvider time)
    {
        if (time.TimestampFrequency != Systems.TimestampFrequency) return false;
        var (before, now, after) = (Systems.GetTimestamp(), time.GetTimestamp(), Systems.GetTimestamp());
        return before <= now && now <= after;
    }
}
