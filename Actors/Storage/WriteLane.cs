namespace ActorPerf.Storage;

/// <summary>A line of writes as it stands.</summary>
/// <param name="Name">Its number among those of the node, from 1; with SQLite there is one.</param>
/// <param name="Waiting">Writes that no transaction has taken yet.</param>
internal sealed record WriteLane(string Name, long Waiting, WriteMeter Meter);
