namespace ActorPerf.Cluster;

/// <summary>The front door to the nodes that share one database, and to this node's own condition.</summary>
public interface ICluster
{
    /// <summary>This node.</summary>
    Member Self { get; }

    /// <summary>All members, oldest first.</summary>
    ValueTask<IReadOnlyList<Member>> MembersAsync(CancellationToken ct);

    /// <summary>All members and who leads, as people see them (<see cref="MemberRules.Shown"/>). Where the store does not answer: as they were seen last.</summary>
    /// <exception cref="StoreUnavailableException">The store does not answer, and never has.</exception>
    ValueTask<ClusterView> ViewAsync(CancellationToken ct);

    /// <summary>Tells a member to end its work and leave: it takes nothing new, ends what runs within 30 s, hands back the rest, and its process stops.</summary>
    ValueTask<MemberReply> LeaveAsync(string name, CancellationToken ct);

    /// <summary>Declares a member dead: its jobs go back to their queues at once, and whatever it still reports of them is refused. Where it lives all the same it comes back as a new member.</summary>
    ValueTask<MemberReply> DownAsync(string name, CancellationToken ct);

    /// <summary>Declares every unreachable member dead.</summary>
    ValueTask<MemberReply> DownUnreachableAsync(CancellationToken ct);

    /// <summary>The members as they are, as events, and then what changes. A reader that is slow skips what was undone meanwhile.</summary>
    IAsyncEnumerable<MemberEvent> FollowAsync(CancellationToken ct);

    /// <summary>Whether this node takes new work: false while it starts, drains, or its store does not answer. In words for people when false.</summary>
    NodeCondition Condition { get; }
}

/// <param name="Ready">New work is taken.</param>
/// <param name="Reason">Why not, or what is degraded; null when all is well.</param>
public readonly record struct NodeCondition(bool Ready, bool Draining, string? Reason);

/// <summary>A node as its member row tells it.</summary>
/// <param name="Address">Where its HTTP API listens, such as <c>http://127.0.0.1:8080</c>.</param>
/// <param name="Status">One of <see cref="MemberStatus"/>.</param>
/// <param name="UpSince">When this incarnation joined, by the store's clock; the oldest leads.</param>
/// <param name="LastHeartbeat">When its lease was renewed last, by the store's clock.</param>
/// <param name="Cpu">Share of one core over the last seconds, 0 upward.</param>
/// <param name="Memory">Working set in bytes.</param>
/// <param name="Running">Attempts under way.</param>
/// <param name="Queues">Queues its pools serve.</param>
public sealed record Member(
    string Name, string Address, IReadOnlyList<string> Roles, string Status, bool Unreachable, string Version, Guid Incarnation,
    DateTimeOffset UpSince, DateTimeOffset LastHeartbeat, double Cpu, long Memory, int Running, IReadOnlyList<string> Queues)
{
    /// <summary>When it is dead unless it renews, by the store's clock; null: its lease never ends, for it has the store for itself.</summary>
    public DateTimeOffset? LeaseUntil { get; init; }
}
