namespace ActorPerf.Cluster;

/// <summary>What membership needs stored: one row per node.</summary>
public interface IMemberStore
{
    /// <summary>Writes a member's row, replacing what stood there. Durable when it returns.</summary>
    ValueTask WriteAsync(Member member, CancellationToken ct);

    /// <summary>All members, oldest first.</summary>
    ValueTask<IReadOnlyList<Member>> ReadAsync(CancellationToken ct);
}
