namespace ActorPerf.Data;

/// <summary>What a scope works with.</summary>
internal sealed record ScopeParts(ReadPipelines Reads, WriteLine Writes, Fence Fence, DetachedWork Detached, DataOptions Options, TimeProvider Time, ILogger Log);
