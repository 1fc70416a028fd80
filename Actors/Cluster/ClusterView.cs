namespace ActorPerf.Cluster;

/// <summary>The members and who leads them, as of one moment by the store's clock.</summary>
/// <param name="Members">One row per name, oldest first (<see cref="Member.UpSince"/>, then name).</param>
/// <param name="Leader">Who runs the duties that only one may run.</param>
/// <param name="Now">The store's clock, read no later than the rows were: whatever was committed before it stands in them.</param>
public sealed record ClusterView(IReadOnlyList<Member> Members, Leader Leader, DateTimeOffset Now)
{
    public static ClusterView Empty { get; } = new([], Leader.None, default);

    public Member? Find(string name)
    {
        foreach (var member in Members)
            if (member.Name == name) return member;
        return null;
    }

    /// <summary>The member that leads; null while none does.</summary>
    public Member? LeadingMember => Members.FirstOrDefault(member => member.Incarnation == Leader.Incarnation && MemberRules.IsAlive(member, Now));

    /// <summary>Incarnations whose runs are theirs; those of all others are lost.</summary>
    public IReadOnlyList<Guid> Living => [.. Members.Where(member => MemberRules.IsAlive(member, Now)).Select(member => member.Incarnation)];
}

/// <summary>The lease of the singleton duties. It lasts as long as its holder's own lease and <c>up</c> status.</summary>
/// <param name="Incarnation">Who holds it; <see cref="Guid.Empty"/>: nobody.</param>
/// <param name="Epoch">Rises by one each time it goes to another; never falls.</param>
/// <param name="Since">By the store's clock.</param>
public sealed record Leader(Guid Incarnation, long Epoch, DateTimeOffset Since)
{
    public static Leader None { get; } = new(Guid.Empty, 0, default);
}
