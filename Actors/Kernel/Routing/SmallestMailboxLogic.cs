using System.Diagnostics.CodeAnalysis;

namespace ActorPerf.Kernel;

/// <summary>An idle routee if there is one, else the one with the fewest waiting messages.</summary>
/// <remarks>To see whether one is idle is to read a word that seldom changes while it is busy. To count its mailbox is to read what every
/// message changes, on other threads: so while all are busy one count serves a run of messages, for a millisecond or so, and each goes to
/// the one that then has the fewest.</remarks>
/// <param name="clock">Tells how old a count is.</param>
internal sealed class SmallestMailboxLogic(ITimeProvider clock) : RoutingLogic
{
    /// <summary>Messages given out after one count.</summary>
    private const int Run = 64;

    private int _start;                    // only a hint: senders may overwrite each other's
    private Plan? _plan;

    /// <summary>Begins behind the one where the last search began, so that equals take turns.</summary>
    public override LocalActorRef? Select(object message, LocalActorRef[] routees)
    {
        var start = _start;
        if ((uint)start >= (uint)routees.Length) start = 0;
        _start = start + 1;
        return Idle(routees.AsSpan(start)) ?? Idle(routees.AsSpan(0, start)) ?? Planned(routees, start);
    }

    private static LocalActorRef? Idle(ReadOnlySpan<LocalActorRef> routees)
    {
        foreach (var routee in routees)
        {
            if (!routee.Cell.IsBusy && !routee.IsTerminated) return routee;
        }
        return null;
    }

    private LocalActorRef? Planned(LocalActorRef[] routees, int start)
    {
        if (Volatile.Read(ref _plan) is { } plan && ReferenceEquals(plan.Routees, routees) && plan.TryNext(out var planned)) return planned;
        var fresh = Plan.Of(routees, start, clock);
        Volatile.Write(ref _plan, fresh);
        return fresh.First;
    }

    /// <summary>Who gets the next messages while nobody is idle.</summary>
    private sealed class Plan(LocalActorRef[] routees, ushort[] order, ITimeProvider clock)
    {
        /// <summary>The clock is read with every fourth message: reading it costs as much as the rest.</summary>
        private const int ClockEvery = 4;

        private readonly TimeSpan _end = clock.MonotonicClock + TimeSpan.FromMilliseconds(1);
        private int _given = 1;            // the first goes to who made the plan

        public LocalActorRef[] Routees => routees;

        /// <summary>Null when no routee lives.</summary>
        public LocalActorRef? First => order.Length == 0 ? null : routees[order[0]];

        public static Plan Of(LocalActorRef[] routees, int start, ITimeProvider clock)
        {
            var count = Math.Min(routees.Length, ushort.MaxValue);
            Span<long> depths = count <= 64 ? stackalloc long[count] : new long[count];
            for (var i = 0; i < count; i++) depths[i] = routees[i].IsTerminated ? long.MaxValue : routees[i].Cell.MailboxDepth;
            return new Plan(routees, Fill(depths, Math.Min(start, count - 1)), clock);
        }

        /// <summary>Gives every message of a run to a routee that then has the fewest. Empty when none lives.</summary>
        private static ushort[] Fill(Span<long> depths, int start)
        {
            var order = new ushort[Run];
            for (var given = 0; given < Run;)
            {
                var level = depths[0];
                foreach (var depth in depths) level = Math.Min(level, depth);
                if (level == long.MaxValue) return [];
                for (var i = 0; i < depths.Length && given < Run; i++)
                {
                    if (depths[start] == level)
                    {
                        depths[start]++;
                        order[given++] = (ushort)start;
                    }
                    if (++start == depths.Length) start = 0;
                }
            }
            return order;
        }

        /// <summary>False when the plan is used up or found out of date.</summary>
        public bool TryNext([NotNullWhen(true)] out LocalActorRef? routee)
        {
            routee = null;
            if (Volatile.Read(ref _given) >= order.Length) return false;
            var given = Interlocked.Increment(ref _given) - 1;
            if (given >= order.Length || (given % ClockEvery == 0 && clock.MonotonicClock >= _end)) return false;
            routee = routees[order[given]];
            return !routee.IsTerminated;
        }
    }
}
