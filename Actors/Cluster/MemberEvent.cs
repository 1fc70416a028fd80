namespace ActorPerf.Cluster;

/// <summary>Something that happened to a member, or to the leadership.</summary>
/// <param name="Kind">One of <see cref="Joining"/>, <see cref="Up"/>, <see cref="Leaving"/>, <see cref="Down"/>, <see cref="Removed"/>, <see cref="Unreachable"/>, <see cref="Reachable"/>, <see cref="Leader"/>.</param>
/// <param name="Member">As it is now, or was last; null for a leadership that nobody holds.</param>
/// <param name="Epoch">Of the leadership; null for other kinds.</param>
public sealed record MemberEvent(string Kind, Member? Member, long? Epoch)
{
    public const string Joining = MemberStatus.Joining;
    public const string Up = MemberStatus.Up;
    public const string Leaving = MemberStatus.Leaving;
    public const string Down = MemberStatus.Down;

    /// <summary>Its row is no longer kept.</summary>
    public const string Removed = "removed";

    public const string Unreachable = "unreachable";
    public const string Reachable = "reachable";

    /// <summary>The singleton duties went to another.</summary>
    public const string Leader = "leader";

    /// <summary>What happened between two views, members in the order of the later one, leadership last.</summary>
    /// <param name="before">Null: everything is told as it is.</param>
    /// <param name="after">Both with members as <see cref="MemberRules.Shown"/> gives them.</param>
    public static IEnumerable<MemberEvent> Between(ClusterView? before, ClusterView after)
    {
        foreach (var gone in before?.Members ?? [])
            if (after.Find(gone.Name) is null) yield return new MemberEvent(Removed, gone, null);
        foreach (var member in after.Members)
            foreach (var change in Changes(before?.Find(member.Name), member)) yield return change;
        if (after.Leader.Incarnation != before?.Leader.Incarnation && (before is not null || after.Leader.Epoch > 0))
            yield return new MemberEvent(Leader, after.LeadingMember, after.Leader.Epoch);
    }

    private static IEnumerable<MemberEvent> Changes(Member? was, Member now)
    {
        if (was is not null && was.Incarnation != now.Incarnation)
        {
            // Another life under the same name: the one before is over.
            if (was.Status != Down) yield return new MemberEvent(Down, was with { Status = Down }, null);
            was = null;
        }
        if (was?.Status != now.Status) yield return new MemberEvent(now.Status, now, null);
        if (now.Status == Down || (was?.Unreachable ?? false) == now.Unreachable) yield break;
        yield return new MemberEvent(now.Unreachable ? Unreachable : Reachable, now, null);
    }
}
