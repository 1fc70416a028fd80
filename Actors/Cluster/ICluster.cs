namespace ActorPerf.Cluster;

/// <summary>The front door to the nodes that share one database, and to this node's own condition.</summary>
public interface ICluster
{
    /// <summary>This node.</summary>
    Member Self { get; }

    /// <summary>All members, oldest first.</summary>
    ValueTask<IReadOnlyList<Member>> MembersAsync(CancellationToken ct);

    /// <summary>Whether this node takes new work: false while it starts, drains, or its store does not answer. In words for people when false.</summary>
    NodeCondition Condition { get; }
}

/// <param name="Ready">New work is taken.</param>
/// <param name="Reason">Why not, or what is degraded; null when all is well.</param>
public readonly record struct NodeCondition(bool Ready, bool Draining, string? Reason);

/// <summary>A node as its member row tells it.</summary>
/// <param name="Address">Where its HTTP API listens, such as <c>http://127.0.0.1:8080</c>.</param>
/// <param name="Status"><c>joining</c>, <c>up</c>, <c>leaving</c> or <c>down</c>, as in Akka.NET.</param>
/// <param name="Cpu">Share of one core over the last seconds, 0 upward.</param>
/// <param name="Memory">Working set in bytes.</param>
/// <param name="Running">Attempts under way.</param>
/// <param name="Queues">Queues its pools serve.</param>
public sealed record Member(
    string Name, string Address, IReadOnlyList<string> Roles, string Status, bool Unreachable, string Version, Guid Incarnation,
    DateTimeOffset UpSince, DateTimeOffset LastHeartbeat, double Cpu, long Memory, int Running, IReadOnlyList<string> Queues);
