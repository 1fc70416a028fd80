using System.Runtime.InteropServices;

namespace ActorPerf.Caching;

/// <summary>Tells by one look at memory that a time is not yet near: for hits, whose reading of the clock, even of the system's coarse one, would take as long as all the rest and keep the
/// processor from reading ahead.</summary>
/// <remarks>A thread of its own, for all nodes of the process, writes the time every <see cref="Period"/>; it is trusted to within a second, and what is nearer is left to who reads the clock.
/// So an answer is late only where that thread gets no processor for longer than a second, and then by no more than it waited.</remarks>
internal static class CoarseClock
{
    /// <summary>Between two writings.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    private static readonly TimeProvider Systems = TimeProvider.System;
    private static readonly long Margin = Systems.TimestampFrequency;
    private static Line _line = new() { Sure = Systems.GetTimestamp() + Margin };

    static CoarseClock() => new Thread(Run) { Name = "actorperf-clock", IsBackground = true, Priority = ThreadPriority.AboveNormal }.Start();

    /// <summary>False also where only the clock can tell.</summary>
    /// <param name="at">A timestamp of <see cref="TimeProvider.System"/>.</param>
    public static bool IsSurelyBefore(long at) => Volatile.Read(ref _line.Sure) < at;

    /// <summary>Whether timestamps of another clock are the system's.</summary>
    public static bool Tells(TimeProvider time)
    {
        if (time.TimestampFrequency != Systems.TimestampFrequency) return false;
        var (before, now, after) = (Systems.GetTimestamp(), time.GetTimestamp(), Systems.GetTimestamp());
        return before <= now && now <= after;
    }

    private static void Run()
    {
        while (true)
        {
            Volatile.Write(ref _line.Sure, Systems.GetTimestamp() + Margin);
            Thread.Sleep(Period);
        }
    }

    /// <summary>A line of memory to itself: read by every hit, so nothing else may be written there.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct Line
    {
        [FieldOffset(64)]
        public long Sure;
    }
}
