using ActorPerf.Data;
using ActorPerf.Data.Demo;
using ActorPerf.Storage;
using ActorPerf.Storage.Lookups;

namespace ActorPerf.Setup;

/// <summary>A node's entities: the indexes that its kinds declare, its lookups, and the front door to them.</summary>
internal sealed class NodeData : IAsyncDisposable
{
    private const int OwnSequence = 0x2545f491;

    private readonly Lookups _lookups;

    private NodeData(DataService service, Lookups lookups) => (Service, _lookups) = (service, lookups);

    public DataService Service { get; }

    /// <exception cref="StorageSetupException">A lookup or an index cannot be used as configured.</exception>
    public static async Task<NodeData> OpenAsync(NodeStart start, IEntityStore store, CancellationToken ct)
    {
        var options = start.Options.Data;
        foreach (var (kind, indexes) in IndexesOf(start)) await EnsureIndexesAsync(store, kind, indexes, ct);
        var declared = IndexesOf(start).SelectMany(kind => kind.Indexes.Select(paths => new EntityIndexDeclaration(kind.Kind, paths))).ToList();
        foreach (var name in await store.DropOtherIndexesAsync(declared, ct)) start.Logs.CreateLogger<DataService>().IndexDropped(name);
        var lookups = await OpenLookupsAsync(start, ct);
        var random = new Random(start.Seed ^ OwnSequence);
        store = new DemoStore(store, start.Demo, start.Time, options.DemoReadDelay);
        return new NodeData(new DataService(store, options, start.Time, random, start.Logs.CreateLogger<DataService>(), lookups: lookups), lookups);
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await _lookups.DisposeAsync();
    }

    private static IEnumerable<(string Kind, IReadOnlyList<string> Indexes)> IndexesOf(NodeStart start) =>
        start.Kinds.Select(kind => (kind.Name, kind.Indexes)).Concat(start.Options.Data.Kinds.Select(kind => (kind.Key, kind.Value.Indexes))).Where(kind => kind.Indexes.Count > 0);

    private static async Task EnsureIndexesAsync(IEntityStore store, string kind, IReadOnlyList<string> indexes, CancellationToken ct)
    {
        try
        {
            await store.EnsureIndexesAsync(kind, indexes, ct);
        }
        catch (ArgumentException fault)
        {
            throw new StorageSetupException($"actorperf.data.kinds.{kind}.indexes: {fault.Message}", fault);
        }
    }

    /// <summary>All at once: databases that are away cost a start the patience for one.</summary>
    private static async Task<Lookups> OpenLookupsAsync(NodeStart start, CancellationToken ct)
    {
        var opening = start.Options.Data.Lookups.ToDictionary(
            static lookup => lookup.Key, lookup => LookupSource.OpenAsync(lookup.Value.ToTable(lookup.Key), start.Time, ct), StringComparer.Ordinal);
        try
        {
            await Task.WhenAll(opening.Values);
        }
        catch (Exception)
        {
            foreach (var opened in opening.Values.Where(static one => one.IsCompletedSuccessfully)) await (await opened).DisposeAsync();
            throw;
        }
        var sources = new Dictionary<string, ILookupSource>(StringComparer.Ordinal);
        foreach (var (kind, opened) in opening)
        {
            var source = await opened;
            if (source.Away is { } reason) start.Logs.CreateLogger<DataService>().LookupAway(source.Setting, reason);
            sources.Add(kind, source);
        }
        return new Lookups(sources);
    }
}
