namespace ActorPerf.Data;

/// <summary>Kinds that are tables of somebody else's: read by key like every kind, each through a pipeline of its own, in every namespace, and never written.</summary>
/// <remarks>A row's version is a digest of its content, for it has no other; it is not counted up, and <see cref="Entity.UpdatedAt"/> is the beginning of time (1970).</remarks>
public sealed class Lookups(IReadOnlyDictionary<string, ILookupSource> sources) : IAsyncDisposable
{
    private const ulong FnvOffset = 14_695_981_039_346_656_037;
    private const ulong FnvPrime = 1_099_511_628_211;
    private const ulong FiftyThreeBits = (1UL << 53) - 1;              // a JSON number for every reader

    public static Lookups None { get; } = new(new Dictionary<string, ILookupSource>());

    internal IReadOnlyDictionary<string, ILookupSource> Sources => sources;

    public bool Has(string kind) => sources.Count > 0 && sources.ContainsKey(kind);

    /// <exception cref="ReadOnlyKindException">The kind is one of these.</exception>
    public void RefuseWrite(string kind)
    {
        if (Has(kind)) throw new ReadOnlyKindException(kind, "written");
    }

    /// <exception cref="ReadOnlyKindException">The kind is one of these.</exception>
    public void RefuseQuery(string kind)
    {
        if (Has(kind)) throw new ReadOnlyKindException(kind, "searched");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var source in sources.Values) await source.DisposeAsync();
    }

    /// <param name="keys">Of the source's kind; at most as many as it takes.</param>
    internal static async ValueTask<IReadOnlyList<Entity?>> ReadManyAsync(ILookupSource source, IReadOnlyList<Key> keys, CancellationToken ct)
    {
        var rows = await source.ReadManyAsync([.. keys.Select(key => key.Id)], ct);
        return [.. rows.Select((row, i) => row is { } data ? new Entity(keys[i], VersionOf(data.Span), data, DateTimeOffset.UnixEpoch) : null)];
    }

    /// <summary>FNV-1a, 53 bits of it, never 0.</summary>
    private static long VersionOf(ReadOnlySpan<byte> data)
    {
        var hash = FnvOffset;
        foreach (var octet in data) hash = (hash ^ octet) * FnvPrime;
        return (long)Math.Max((hash >> 11) & FiftyThreeBits, 1);
    }
}

/// <summary>A kind that is a table of somebody else's (<c>actorperf.data.lookups</c>) was to be written or searched. It is read by key only.</summary>
public sealed class ReadOnlyKindException : InvalidOperationException
{
    public ReadOnlyKindException()
    {
    }

    public ReadOnlyKindException(string message)
        : base(message)
    {
    }

    public ReadOnlyKindException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal ReadOnlyKindException(string kind, string what)
        : base($"'{kind}' is a lookup (actorperf.data.lookups.{kind}): its rows are read by key and cannot be {what} here. Use its own database, or a named query under actorperf.data.queries.")
        => Kind = kind;

    public string? Kind { get; }
}
