namespace ActorPerf.Cluster;

/// <summary>What membership needs stored: one row per node, and who leads. Small on purpose: <see cref="MemberRules"/> decide, a store reads and writes rows.</summary>
/// <remarks>An implementation of <see cref="ApplyAsync"/> takes a lock that all of them share (on PostgreSQL an advisory lock of the transaction), reads all rows and
/// its own clock, asks <see cref="MemberRules.Decide"/>, and writes what <see cref="MemberChanges.Between"/> finds. There are few rows and few commands: a node sends one in a third of its lease.</remarks>
public interface IMemberStore
{
    /// <summary>Carries a command out in one transaction by the store's clock. Durable when it returns <see cref="MemberReply.Done"/>.</summary>
    /// <exception cref="StoreUnavailableException">The store does not answer; whether it was carried out is not known. Every command may be repeated.</exception>
    ValueTask<MemberReply> ApplyAsync(MemberCommand command, CancellationToken ct);

    /// <summary>The rows as they stand, and the store's clock. Asked for every poll period, so it must be cheap.</summary>
    /// <exception cref="StoreUnavailableException">The store does not answer.</exception>
    ValueTask<ClusterView> ReadAsync(CancellationToken ct);
}

/// <summary>What a store has to write to come from one view to another.</summary>
/// <param name="Written">Rows to insert or replace, by name.</param>
/// <param name="Deleted">Names whose row goes.</param>
/// <param name="Leader">Null: it stays.</param>
public sealed record MemberChanges(IReadOnlyList<Member> Written, IReadOnlyList<string> Deleted, Leader? Leader)
{
    public static MemberChanges Between(ClusterView before, ClusterView after) => new(
        [.. after.Members.Where(member => !before.Members.Any(same => ReferenceEquals(same, member)))],
        [.. before.Members.Where(member => after.Find(member.Name) is null).Select(member => member.Name)],
        before.Leader == after.Leader ? null : after.Leader);
}
