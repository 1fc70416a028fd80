namespace ActorPerf.Cluster;

/// <summary>Who this node is: fixed for the life of its process.</summary>
/// <param name="Incarnation">Fresh at every start.</param>
public sealed record NodeIdentity(string Name, Guid Incarnation, string Address, IReadOnlyList<string> Roles, string Version, DateTimeOffset UpSince);
