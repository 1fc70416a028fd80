namespace ActorPerf.Cluster;

/// <summary>What a command does to the member rows. Pure: time is the view's, which is the store's.</summary>
/// <remarks>
/// <para>A member lives while its lease runs and it is not <c>down</c>. Dead is dead: no command makes an incarnation live again, so that whoever saw it dead
/// may give its runs to others. A node that comes back does so under a new incarnation.</para>
/// <para>A third of the lease before its end a member counts as unreachable. By then the node itself, if it lives, has stopped its attempts (<see cref="NodeLease"/>).</para>
/// <para>The oldest member that is up leads, and goes on leading while it lives and is up.</para>
/// </remarks>
public static class MemberRules
{
    /// <summary>How long a member that is down is still shown.</summary>
    public static readonly TimeSpan KeptDown = TimeSpan.FromDays(1);

    /// <summary>Its runs are its own.</summary>
    public static bool IsAlive(Member member, DateTimeOffset now) =>
        member.Status != MemberStatus.Down && (member.LeaseUntil is not { } until || now < until);

    /// <summary>It has not been heard of for two thirds of its lease; or it is down, and went without a word.</summary>
    public static bool IsUnreachable(Member member, DateTimeOffset now)
    {
        if (member.LeaseUntil is not { } until) return false;
        return member.Status == MemberStatus.Down ? until > member.LastHeartbeat : now >= member.LastHeartbeat + (until - member.LastHeartbeat) * 2 / 3;
    }

    /// <summary>The row as people see it: a lease that is over is <c>down</c>, whether or not anyone has written so.</summary>
    public static Member Shown(Member member, DateTimeOffset now) =>
        member with { Status = IsAlive(member, now) ? member.Status : MemberStatus.Down, Unreachable = IsUnreachable(member, now) };

    /// <summary>Nobody leads who may, and somebody could.</summary>
    public static bool WantsElection(ClusterView view) => Elect(view.Members, view.Leader, view.Now) != view.Leader;

    public static MemberReply Decide(ClusterView view, MemberCommand command) => command switch
    {
        MemberCommand.Join join => Join(view, join),
        MemberCommand.Renew renew => Renew(view, renew),
        MemberCommand.Leave leave => view.Find(leave.Name) is { } member ? Leave(view, member) : Unknown(view, leave.Name),
        MemberCommand.Down down => view.Find(down.Name) is { } member ? Down(view, [member]) : Unknown(view, down.Name),
        MemberCommand.DownUnreachable => Down(view, [.. view.Members.Where(member => IsUnreachable(member, view.Now))]),
        MemberCommand.End end => End(view, end),
        _ => throw new ArgumentOutOfRangeException(nameof(command), command, "No such command."),
    };

    private static MemberReply Join(ClusterView view, MemberCommand.Join join)
    {
        if (view.Find(join.Self.Name) is { } holder && IsAlive(holder, view.Now) && !IsFreeFor(holder, join))
            return new MemberReply.Refused(
                $"The name {holder.Name} belongs to a node at {Where(holder)}{Until(holder)}. Give this node another name (actorperf.node.name), or wait until that one has gone.");
        var status = view.Find(join.Self.Name) is { } row && (row.Incarnation == join.Former || row.Incarnation == join.Self.Incarnation) ? Asked(row, join.Self) : join.Self.Status;
        return Done(view, Renewed(join.Self, join.Lease, view.Now) with { UpSince = view.Now, Status = status });
    }

    /// <summary>What an operator asked stands until it is done, also under the node's next incarnation.</summary>
    private static string Asked(Member row, Member self) => row.Status == MemberStatus.Leaving ? MemberStatus.Leaving : self.Status;

    private static bool IsFreeFor(Member holder, MemberCommand.Join join) =>
        holder.Incarnation == join.Former || holder.Incarnation == join.Self.Incarnation || (join.TakesOver && holder.Address == join.Self.Address);

    private static MemberReply Renew(ClusterView view, MemberCommand.Renew renew)
    {
        var row = view.Find(renew.Self.Name);
        if (row is null) return new MemberReply.Refused("its member row is gone");
        if (row.Incarnation != renew.Self.Incarnation) return new MemberReply.Refused($"another node took its name, at {Where(row)}");
        if (row.Status == MemberStatus.Down) return new MemberReply.Refused("it was downed");
        if (!IsAlive(row, view.Now)) return new MemberReply.Refused("its lease had ended");
        return Done(view, Renewed(renew.Self, renew.Lease, view.Now) with { UpSince = row.UpSince, Status = Asked(row, renew.Self) });
    }

    private static MemberReply Leave(ClusterView view, Member member) => (IsAlive(member, view.Now), member.Status) switch
    {
        (false, _) => new MemberReply.Refused($"{member.Name} is down already; it has nothing left to end."),
        (_, MemberStatus.Leaving) => new MemberReply.Done(view, []),
        _ => Done(view, member with { Status = MemberStatus.Leaving }, told: true),
    };

    private static MemberReply.Done Down(ClusterView view, IReadOnlyList<Member> members)
    {
        var downed = members.Where(member => member.Status != MemberStatus.Down).Select(member => Ended(member, view.Now)).ToArray();
        return new MemberReply.Done(After(view, downed), downed);
    }

    private static MemberReply.Done End(ClusterView view, MemberCommand.End end) =>
        view.Find(end.Name) is { } row && row.Incarnation == end.Incarnation && row.Status != MemberStatus.Down
            ? Done(view, row with { Status = MemberStatus.Down, LastHeartbeat = view.Now, LeaseUntil = view.Now })
            : new MemberReply.Done(view, []);

    /// <summary>A lease that runs is cut short as of now; whoever was heard of until then does not count as gone without a word.</summary>
    private static Member Ended(Member member, DateTimeOffset now) => IsUnreachable(member, now)
        ? member with { Status = MemberStatus.Down }
        : member with { Status = MemberStatus.Down, LastHeartbeat = now, LeaseUntil = now };

    private static Member Renewed(Member self, TimeSpan? lease, DateTimeOffset now) =>
        self with { LastHeartbeat = now, LeaseUntil = lease is { } length ? now + length : null, Unreachable = false };

    private static MemberReply.Done Done(ClusterView view, Member row, bool told = false) => new(After(view, [row]), told ? [row] : []);

    /// <summary>The rows with some replaced, leases that are over written down as such, those long gone left out, and a leader.</summary>
    private static ClusterView After(ClusterView view, IReadOnlyList<Member> changed)
    {
        var rows = view.Members.Where(member => !changed.Any(row => row.Name == member.Name))
            .Where(member => IsAlive(member, view.Now) || view.Now - member.LastHeartbeat < KeptDown)
            .Select(member => member.Status != MemberStatus.Down && !IsAlive(member, view.Now) ? member with { Status = MemberStatus.Down } : member)
            .Concat(changed).OrderBy(member => member.UpSince).ThenBy(member => member.Name, StringComparer.Ordinal).ToArray();
        return view with { Members = rows, Leader = Elect(rows, view.Leader, view.Now) };
    }

    private static Leader Elect(IReadOnlyList<Member> members, Leader leader, DateTimeOffset now)
    {
        Member? oldest = null;
        foreach (var member in members)
        {
            if (member.Status != MemberStatus.Up || !IsAlive(member, now)) continue;
            if (member.Incarnation == leader.Incarnation) return leader;
            oldest ??= member;
        }
        if (oldest is null && leader.Incarnation == Guid.Empty) return leader;
        // Nobody is an epoch too: whoever led before must not find its own when it looks again.
        return new Leader(oldest?.Incarnation ?? Guid.Empty, leader.Epoch + 1, now);
    }

    private static MemberReply.Unknown Unknown(ClusterView view, string name) => new(
        $"There is no node named {name}. {(view.Members.Count == 0 ? "There are none." : $"There are {string.Join(", ", view.Members.Select(member => member.Name))}.")}");

    private static string Where(Member member) => member.Address.Length > 0 ? member.Address : $"an unknown address (incarnation {member.Incarnation})";

    private static string Until(Member member) => member.LeaseUntil is { } until ? $", whose lease runs until {until:HH:mm:ss} UTC" : "";
}
