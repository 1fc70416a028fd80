namespace ActorPerf.Tests;

/// <summary>Tests that measure the process they run in: no other runs beside them.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;
