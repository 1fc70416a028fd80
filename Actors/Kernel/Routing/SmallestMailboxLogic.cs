using System.Runtime.CompilerServices;

namespace ActorPerf.Kernel;

/// <summary>An idle routee if there is one, else the one with the fewest waiting messages.</summary>
/// <remarks>To count a mailbox is to read what every message changes, on another thread: so while all are busy one count serves a run of messages,
/// for a millisecond or so, and each goes to the one that then has the fewest. That none has become idle is read from one word.</remarks>
/// <param name="clock">Tells how old a count is.</param>
internal sealed class SmallestMailboxLogic(ITimeProvider clock) : RoutingLogic
{
    private int _start;                    // only a hint: senders may overwrite each other's
    private MailboxPlan? _plan;

    public override IdleSignal Idle { get; } = new();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public override LocalActorRef? Select(object message, LocalActorRef[] routees)
    {
        var plan = Volatile.Read(ref _plan);
        return !Idle.IsRaised && plan is not null && ReferenceEquals(plan.Routees, routees) && plan.TryNext(out var planned)
            ? planned
            : IdleOrFewest(routees, plan);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private LocalActorRef? IdleOrFewest(LocalActorRef[] routees, MailboxPlan? plan)
    {
        if (Idle.IsRaised && FindIdle(routees) is { } idle) return idle;
        if (plan is not null && ReferenceEquals(plan.Routees, routees) && plan.TryNext(out var planned)) return planned;
        var fresh = MailboxPlan.Of(routees, NextStart(routees.Length), clock, plan);
        Volatile.Write(ref _plan, fresh);
        return fresh.TryNext(out var first) ? first : null;
    }

    private LocalActorRef? FindIdle(LocalActorRef[] routees)
    {
        Idle.Lower();
        var start = NextStart(routees.Length);
        var found = FindIdle(routees.AsSpan(start)) ?? FindIdle(routees.AsSpan(0, start));
        if (found is not null) Idle.Raise();       // there may be more
        return found;
    }

    /// <summary>Behind the one where the last search began, so that equals take turns.</summary>
    private int NextStart(int count)
    {
        var start = _start;
        if ((uint)start >= (uint)count) start = 0;
        _start = start + 1;
        return start;
    }

    private static LocalActorRef? FindIdle(ReadOnlySpan<LocalActorRef> routees)
    {
        foreach (var routee in routees)
        {
            if (!routee.Cell.IsBusy && !routee.IsTerminated) return routee;
        }
        return null;
    }
}
