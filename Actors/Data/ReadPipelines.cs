using System.Collections.Frozen;

namespace ActorPerf.Data;

/// <summary>The read pipelines of a node: one for its own entities, and one for each lookup.</summary>
/// <remarks>A lookup has slots and a queue of its own, as many as suit its database: while that is slow or away, its reads wait among themselves and nobody else's do.</remarks>
internal sealed class ReadPipelines
{
    private readonly ReadPipeline _entities;
    private readonly FrozenDictionary<string, ReadPipeline> _lookups;

    /// <param name="setup">That of the entities' own.</param>
    /// <param name="batchSize">What the configuration allows in a statement.</param>
    public ReadPipelines(IEntityStore store, Lookups lookups, Fence fence, PipelineSetup setup, int batchSize)
    {
        _entities = new ReadPipeline(store.ReadManyAsync, fence, setup);
        _lookups = lookups.Sources.ToFrozenDictionary(
            source => source.Key,
            source => new ReadPipeline(
                (_, keys, ct) => Lookups.ReadManyAsync(source.Value, keys, ct), fence,
                setup with { MaxBatch = Math.Min(batchSize, source.Value.Limits.MaxReadBatch), Slots = source.Value.Limits.Slots }),
            StringComparer.Ordinal);
    }

    /// <summary>That which reads a kind.</summary>
    public ReadPipeline Of(string kind) => _lookups.Count > 0 && _lookups.TryGetValue(kind, out var own) ? own : _entities;

    public PipelineSnapshot Snapshot() => _entities.Snapshot();

    /// <summary>By the kind that each lookup serves.</summary>
    public IReadOnlyDictionary<string, PipelineSnapshot> LookupSnapshots() => _lookups.ToDictionary(lookup => lookup.Key, lookup => lookup.Value.Snapshot(), StringComparer.Ordinal);

    /// <summary>Takes nothing more, and ends when what waits has been read.</summary>
    public Task StopAsync() => Task.WhenAll([_entities.StopAsync(), .. _lookups.Values.Select(lookup => lookup.StopAsync())]);
}
