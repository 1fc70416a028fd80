using System.ComponentModel.DataAnnotations;
using ActorPerf.Configuration;

namespace ActorPerf.Data;

/// <summary>Settings under <c>actorperf.data</c>.</summary>
public sealed record DataOptions
{
    /// <summary>Keys in one statement at most. Default 512; 1 to 4,096; never more than the store takes.</summary>
    [Range(1, 4_096)]
    public int BatchSize { get; init; } = 512;

    /// <summary>Statements under way at once, for reads and for writes alike. Default 0: what suits the store; up to 64. Fewer make larger batches.</summary>
    [Range(0, 64)]
    public int Slots { get; init; }

    /// <summary>Keys that wait for a statement at most; then callers wait for room. Default 16,384; 4,096 to 1,000,000.</summary>
    [Range(4_096, 1_000_000)]
    public int MaxQueued { get; init; } = 16_384;

    /// <summary>A statement that takes longer is given up, of whatever sort it is. Default 30 s; 100 ms to 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan StatementTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Entities that one scope remembers; beyond, those not used for longest are forgotten. Default 10,000; 0 to 1,000,000.</summary>
    [Range(0, 1_000_000)]
    public int ScopeEntities { get; init; } = 10_000;

    /// <summary>The same in bytes. Default 64 MiB; 0 to 4 GiB.</summary>
    [ByteSize, Range(0L, 1L << 32)]
    public long ScopeBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>How long leaving a scope waits for its writes, if its own deadline is not sooner. Default 30 s; 10 ms to 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Numbers that are set aside at a time for new entities of a kind. Default 1,000; 1 to 100,000.</summary>
    [Range(1, 100_000)]
    public int IdBlock { get; init; } = 1_000;

    /// <summary>How long every read and query of the namespace <c>demo</c> is held up, so that staircases and batches can be seen. Default 20 ms; 0 to 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:10")]
    public TimeSpan DemoReadDelay { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Kinds of entities, as far as there is something to say of them.</summary>
    public IDictionary<string, KindOptions> Kinds { get; } = new Dictionary<string, KindOptions>(StringComparer.Ordinal);

    /// <summary>Tables of other databases that are served as kinds, read-only.</summary>
    public IDictionary<string, LookupOptions> Lookups { get; } = new Dictionary<string, LookupOptions>(StringComparer.Ordinal);

    /// <summary>Queries of other databases that become tasks.</summary>
    public IDictionary<string, NamedQueryOptions> Queries { get; } = new Dictionary<string, NamedQueryOptions>(StringComparer.Ordinal);
}
