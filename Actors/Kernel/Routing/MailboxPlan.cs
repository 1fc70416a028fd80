using System.Diagnostics.CodeAnalysis;

namespace ActorPerf.Kernel;

/// <summary>Who gets the next messages while no routee is idle, decided by one count of all mailboxes.</summary>
internal sealed class MailboxPlan
{
    /// <summary>Messages given out after one count, unless it gets too old before.</summary>
    private const int Run = 512;

    /// <summary>The clock is read with one message in so many at least: reading it costs as much as the rest.</summary>
    private const int RarestLook = 64;

    private static readonly TimeSpan Age = TimeSpan.FromMilliseconds(1);

    private readonly ushort[] _order;
    private readonly ITimeProvider _clock;
    private readonly TimeSpan _made;
    private readonly int _lookEvery;
    private int _given = 1;                // the first goes to who made the plan
    private int _nextLook;                 // the message with which the clock is read

    private MailboxPlan(LocalActorRef[] routees, ushort[] order, ITimeProvider clock, MailboxPlan? before)
    {
        Routees = routees;
        _order = order;
        _clock = clock;
        _made = clock.MonotonicClock;
        _lookEvery = _nextLook = LookEvery(before, _made);
    }

    public LocalActorRef[] Routees { get; }

    /// <summary>Null when no routee lives.</summary>
    public LocalActorRef? First => _order.Length == 0 ? null : Routees[_order[0]];

    /// <param name="routees">Of the pool; not empty.</param>
    /// <param name="start">Who comes first among equals.</param>
    /// <param name="clock">Tells when the count is out of date.</param>
    /// <param name="before">The plan that this one replaces: it tells how fast messages come.</param>
    public static MailboxPlan Of(LocalActorRef[] routees, int start, ITimeProvider clock, MailboxPlan? before)
    {
        var count = Math.Min(routees.Length, ushort.MaxValue);
        Span<long> depths = count <= 64 ? stackalloc long[count] : new long[count];
        for (var i = 0; i < count; i++) depths[i] = routees[i].IsTerminated ? long.MaxValue : routees[i].Cell.MailboxDepth;
        return new MailboxPlan(routees, Fill(depths, Math.Min(start, count - 1)), clock, before);
    }

    /// <summary>False when the plan is used up or found out of date.</summary>
    /// <remarks>Senders that come at once may get the same place, and one that lost the core may turn the plan back: it is an estimate, and
    /// its age is bounded. To count exactly would cost more than all else here.</remarks>
    public bool TryNext([NotNullWhen(true)] out LocalActorRef? routee)
    {
        routee = null;
        var (order, given) = (_order, _given);
        if ((uint)given >= (uint)order.Length || (given >= _nextLook && IsOld(given))) return false;
        _given = given + 1;
        routee = Routees[order[given]];
        return !routee.IsTerminated;
    }

    /// <summary>Messages in a quarter of a plan's age, as fast as they came with the one before: however slowly they come, no plan is used for much longer than it may be.</summary>
    private static int LookEvery(MailboxPlan? before, TimeSpan now) =>
        before is null ? 1 : (int)Math.Clamp(before._given * Age.Ticks / (4 * Math.Max(1, (now - before._made).Ticks)), 1, RarestLook);

    private bool IsOld(int given)
    {
        _nextLook = given + _lookEvery;
        return _clock.MonotonicClock - _made >= Age;
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
            if (given == 0) order = new ushort[Run];
            var equals = lowest[..CollectAt(level, depths, start, lowest)];
            if (equals.Length == 1)        // mostly the one that was drained last
            {
                var all = (int)Math.Min(next - level, order.Length - given);
                order.AsSpan(given, all).Fill(equals[0]);
                given += all;
                if (given == order.Length) return order;
                level = next;
            }
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
