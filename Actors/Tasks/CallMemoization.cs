namespace ActorPerf.Tasks;

/// <summary>Whether the calls of one task are remembered, decided call by call.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Of">Null: the task's own setting counts for these arguments (UTF-8 JSON as the caller sent it, perhaps unfit).</param>
public sealed record CallMemoization(string Task, Func<ReadOnlyMemory<byte>, Memoization?> Of);
