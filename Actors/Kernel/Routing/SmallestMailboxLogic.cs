using System.Diagnostics.CodeAnalysis;

namespace ActorPerf.Kernel;

/// <summary>An idle routee if there is one, else the one with the fewest waiting messages.</summary>
/// <remarks>Counting mailboxes reads what every message changes, on other threads. So while all are busy one count serves a run of messages,
/// for a millisecond at most: each goes to the one that then has the fewest. Two routees are looked at with each message, so one that has
/// become idle meanwhile soon gets the next.</remarks>
internal sealed class SmallestMailboxLogic : RoutingLogic
{
    /// <summary>Messages given out after one count. A power of two.</summary>
    private const int Run = 32;

    private int _next = -1;
    private Plan? _plan;

    public override LocalActorRef? Select(object message, LocalActorRef[] routees) =>
        Volatile.Read(ref _plan) is { } plan && ReferenceEquals(plan.Routees, routees) && plan.TryNext(out var planned) ? planned : Look(routees);

    /// <summary>Begins behind the one picked last, so that equals take turns.</summary>
    private LocalActorRef? Look(LocalActorRef[] routees)
    {
        var start = (int)((uint)Interlocked.Increment(ref _next) % (uint)routees.Length);
        for (var i = start; i < routees.Length; i++)
        {
            if (IsIdle(routees[i])) return routees[i];
        }
        for (var i = 0; i < start; i++)
        {
            if (IsIdle(routees[i])) return routees[i];
        }
        var plan = Plan.Of(routees, start);
        Volatile.Write(ref _plan, plan);
        return plan.First;
    }

    private static bool IsIdle(LocalActorRef routee) => !routee.Cell.IsBusy && !routee.IsTerminated;

    /// <summary>Who gets the next messages while nobody is idle.</summary>
    private sealed class Plan(LocalActorRef[] routees, ushort[] order)
    {
        private readonly long _tick = Environment.TickCount64;
        private int _given = 1;            // the first goes to who made the plan

        public LocalActorRef[] Routees => routees;

        /// <summary>Null when no routee lives.</summary>
        public LocalActorRef? First => order.Length == 0 ? null : routees[order[0]];

        public static Plan Of(LocalActorRef[] routees, int start)
        {
            var count = Math.Min(routees.Length, ushort.MaxValue);
            Span<long> depths = count <= 64 ? stackalloc long[count] : new long[count];
            for (var i = 0; i < count; i++) depths[i] = routees[i].IsTerminated ? long.MaxValue : routees[i].Cell.MailboxDepth;
            var order = new ushort[Run];
            for (var given = 0; given < Run; given++)
            {
                var least = Least(depths, start % count);
                if (depths[least] == long.MaxValue) return new Plan(routees, []);
                depths[least]++;
                order[given] = (ushort)least;
                start = least + 1;
            }
            return new Plan(routees, order);
        }

        /// <summary>False when the plan is used up or out of date.</summary>
        public bool TryNext([NotNullWhen(true)] out LocalActorRef? routee)
        {
            routee = null;
            if (Volatile.Read(ref _given) >= order.Length || Environment.TickCount64 != _tick) return false;
            var given = Interlocked.Increment(ref _given) - 1;
            if (given >= order.Length) return false;
            var (second, third) = (routees[order[(given + 1) % Run]], routees[order[(given + 2) % Run]]);
            routee = IsIdle(second) ? second : IsIdle(third) ? third : routees[order[given]];
            return !routee.IsTerminated;
        }

        /// <summary>The first of the smallest, looking from <paramref name="start"/> on and around.</summary>
        private static int Least(ReadOnlySpan<long> depths, int start)
        {
            var least = start;
            for (var i = start + 1; i < depths.Length; i++)
            {
                if (depths[i] < depths[least]) least = i;
            }
            for (var i = 0; i < start; i++)
            {
                if (depths[i] < depths[least]) least = i;
            }
            return least;
        }
    }
}
