using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace ActorPerf.Kernel;

/// <summary>Who gets the next messages while no routee is idle, decided by one count of all mailboxes: each message goes to one that has the fewest
/// by then.</summary>
/// <remarks>
/// Routees stand in the order of their depths. The first of them share messages in turn until they have as many as the next one, which then
/// joins them. Senders that come at once may get the same place, and one that lost the core may turn the plan back: it is an estimate, and its age
/// is bounded. To count exactly would cost more than all else here.
/// </remarks>
internal sealed class MailboxPlan
{
    /// <summary>Messages given out after one count, unless it gets too old before.</summary>
    private const int Run = 4_096;

    /// <summary>The clock is read with one message in so many at least: reading it costs as much as the rest.</summary>
    private const int RarestLook = 64;

    /// <summary>Bits of a depth's entry that tell who came first among equals.</summary>
    private const int Places = 16;

    private static readonly TimeSpan Age = TimeSpan.FromMilliseconds(1);

    private readonly LocalActorRef[] _members;     // those alive, the emptiest first
    private readonly long[] _depths;               // theirs, each shifted by Places
    private readonly ITimeProvider _clock;
    private readonly TimeSpan _made;
    private readonly int _lookEvery;
    private int _given;
    private int _stop;                     // the message with which something is to be looked at: the clock, who shares, the end
    private int _nextLook;                 // the message with which the clock is read
    private int _sharing;                  // so many of the first members share what comes
    private long _joins;                   // the message with which the next one joins them
    private int _turn;                     // whose turn it is among them

    private MailboxPlan(LocalActorRef[] routees, LocalActorRef[] members, long[] depths, ITimeProvider clock, MailboxPlan? before)
    {
        Routees = routees;
        _members = members;
        _depths = depths;
        _clock = clock;
        _made = clock.MonotonicClock;
        _lookEvery = _nextLook = LookEvery(before, _made);
    }

    public LocalActorRef[] Routees { get; }

    /// <param name="routees">Of the pool; not empty.</param>
    /// <param name="start">Who comes first among equals.</param>
    /// <param name="clock">Tells when the count is out of date.</param>
    /// <param name="before">The plan that this one replaces: it tells how fast messages come.</param>
    public static MailboxPlan Of(LocalActorRef[] routees, int start, ITimeProvider clock, MailboxPlan? before)
    {
        var (members, depths) = (new LocalActorRef[routees.Length], new long[routees.Length]);
        var alive = 0;
        for (var i = 0; i < routees.Length; i++)
        {
            var routee = routees[start];
            if (++start == routees.Length) start = 0;
            if (routee.IsTerminated) continue;
            members[alive] = routee;
            depths[alive] = (routee.Cell.MailboxDepth << Places) + alive++;      // its place behind it, for a sort keeps no order among equals
        }
        Array.Sort(depths, members, 0, alive);
        if (alive < routees.Length) (members, depths) = (members[..alive], depths[..alive]);
        return new MailboxPlan(routees, members, depths, clock, before);
    }

    /// <summary>False when the plan is used up or found out of date, or nobody lives.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryNext([NotNullWhen(true)] out LocalActorRef? routee)
    {
        var given = _given;
        if (given >= _stop && !GoesOn(given))
        {
            routee = null;
            return false;
        }
        _given = given + 1;
        var turn = _turn;
        routee = _members[turn];
        _turn = ++turn >= _sharing ? 0 : turn;
        return !routee.IsTerminated;
    }

    /// <summary>Messages in a quarter of a plan's age, as fast as they came with the one before: however slowly they come, no plan is used for much longer than it may be.</summary>
    private static int LookEvery(MailboxPlan? before, TimeSpan now) =>
        before is null ? 1 : (int)Math.Clamp(before._given * Age.Ticks / (4 * Math.Max(1, (now - before._made).Ticks)), 1, RarestLook);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool GoesOn(int given)
    {
        if (given >= Run || _members.Length == 0 || (given >= _nextLook && IsOld(given))) return false;
        if (given >= _joins) Join(given);
        _stop = (int)Math.Min(Math.Min(_nextLook, Run), _joins);
        return true;
    }

    private bool IsOld(int given)
    {
        _nextLook = given + _lookEvery;
        return _clock.MonotonicClock - _made >= Age;
    }

    /// <summary>Lets all share that have as many now as those who shared so far.</summary>
    private void Join(int given)
    {
        var sharing = _sharing;
        if (sharing < _members.Length)
        {
            var level = DepthOf(sharing);
            while (sharing < _members.Length && DepthOf(sharing) == level) sharing++;
        }
        _joins = sharing < _members.Length ? given + sharing * (DepthOf(sharing) - DepthOf(sharing - 1)) : Run;
        _turn = 0;
        _sharing = sharing;
    }

    private long DepthOf(int member) => _depths[member] >> Places;
}
