namespace ActorPerf.Data;

/// <summary>What a scope works with.</summary>
internal sealed record ScopeParts(ReadPipelines Reads, WriteLine Writes, DetachedWork Detached, DataOptions Options, TimeProvider Time, ILogger Log);
