using System.Diagnostics.CodeAnalysis;

namespace ActorPerf.Kernel;

/// <summary>Who gets the next messages while no routee is idle, decided by one count of all mailboxes.</summary>
internal sealed class MailboxPlan
{
    /// <summary>Messages given out after one count: more where the mailboxes are so deep that it hardly matters.</summary>
    private const int ShortestRun = 64, LongestRun = 512;

    /// <summary>The clock is read with one message in so many: reading it costs as much as the rest.</summary>
    private const int ClockEvery = 8;

    private static readonly TimeSpan Age = TimeSpan.FromMilliseconds(1);

    private readonly ushort[] _order;
    private readonly ITimeProvider _clock;
    private readonly TimeSpan _end;
    private int _given = 1;                // the first goes to who made the plan

    private MailboxPlan(LocalActorRef[] routees, ushort[] order, ITimeProvider clock)
    {
        Routees = routees;
        _order = order;
        _clock = clock;
        _end = clock.MonotonicClock + Age;
    }

    public LocalActorRef[] Routees { get; }

    /// <summary>Null when no routee lives.</summary>
    public LocalActorRef? First => _order.Length == 0 ? null : Routees[_order[0]];

    /// <param name="routees">Of the pool; not empty.</param>
    /// <param name="start">Who comes first among equals.</param>
    /// <param name="clock">Tells when the count is out of date.</param>
    public static MailboxPlan Of(LocalActorRef[] routees, int start, ITimeProvider clock)
    {
        var count = Math.Min(routees.Length, ushort.MaxValue);
        Span<long> depths = count <= 64 ? stackalloc long[count] : new long[count];
        for (var i = 0; i < count; i++) depths[i] = routees[i].IsTerminated ? long.MaxValue : routees[i].Cell.MailboxDepth;
        return new MailboxPlan(routees, Fill(depths, Math.Min(start, count - 1)), clock);
    }

    /// <summary>False when the plan is used up or found out of date.</summary>
    /// <remarks>Senders that come at once may get the same place, and one that lost the core may turn the plan back: it is an estimate, and
    /// its age is bounded. To count exactly would cost more than all else here.</remarks>
    public bool TryNext([NotNullWhen(true)] out LocalActorRef? routee)
    {
        routee = null;
        var (order, given) = (_order, _given);
        if ((uint)given >= (uint)order.Length || (given % ClockEvery == 0 && _clock.MonotonicClock >= _end)) return false;
        _given = given + 1;
        routee = Routees[order[given]];
        return !routee.IsTerminated;
    }

    /// <summary>Gives every message of a run to a routee that then has the fewest. Empty when none lives.</summary>
    private static ushort[] Fill(Span<long> depths, int start)
    {
        var order = Array.Empty<ushort>();
        Span<ushort> lowest = depths.Length <= 64 ? stackalloc ushort[depths.Length] : new ushort[depths.Length];
        for (var given = 0; ;)
        {
            var (level, next) = Lowest(depths);
            if (level == long.MaxValue) return order;
            if (given == 0) order = new ushort[Math.Clamp(level * depths.Length / 2, ShortestRun, LongestRun)];
            var equals = lowest[..CollectAt(level, depths, start, lowest)];
            for (; level < next; level++)
            {
                foreach (var index in equals)
                {
                    order[given] = index;
                    if (++given == order.Length) return order;
                }
            }
            foreach (var index in equals) depths[index] = level;
        }
    }

    /// <summary>The smallest depth and the smallest above it.</summary>
    private static (long Level, long Next) Lowest(ReadOnlySpan<long> depths)
    {
        var (level, next) = (long.MaxValue, long.MaxValue);
        foreach (var depth in depths)
        {
            if (depth < level) (level, next) = (depth, level);
            else if (depth > level && depth < next) next = depth;
        }
        return (level, next);
    }

    private static int CollectAt(long level, ReadOnlySpan<long> depths, int start, Span<ushort> indices)
    {
        var found = 0;
        for (var i = 0; i < depths.Length; i++)
        {
            if (depths[start] == level) indices[found++] = (ushort)start;
            if (++start == depths.Length) start = 0;
        }
        return found;
    }
}
