using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using ActorPerf.Tasks;

namespace ActorPerf.Caching;

/// <summary>Which call a result belongs to: namespace, task, task version and canonical arguments, compared whole.</summary>
public sealed class CacheKey : IEquatable<CacheKey>
{
    private readonly int _hash;
    private readonly byte[] _args;
    private KeptHit _kept;

    /// <param name="canonical">The canonical form <c>actorperf-1</c>; not copied, so it must never change.</param>
    public CacheKey(Namespace ns, string task, int version, ReadOnlyMemory<byte> canonical)
    {
        Namespace = ns;
        Task = task;
        Version = version;
        _args = MemoryMarshal.TryGetArray(canonical, out var array) && array is { Offset: 0, Array: { } whole } && array.Count == whole.Length ? whole : canonical.ToArray();
        // HashCode is seeded per process, so nobody outside can choose keys that collide.
        var hash = new HashCode();
        hash.Add(ns.Name, StringComparer.Ordinal);
        hash.Add(task, StringComparer.Ordinal);
        hash.Add(version);
        hash.AddBytes(canonical.Span);
        _hash = hash.ToHashCode();
    }

    /// <summary>A key of one's own code, beside those of tasks.</summary>
    /// <param name="cache">Which cache: the name under which it is counted and forgotten. 1 to 64 of <c>a-z 0-9 . _ -</c>; a few in all, chosen by the program.</param>
    /// <param name="key">Anything; compared whole.</param>
    /// <exception cref="ArgumentException">The cache has no such name.</exception>
    public static CacheKey Of(string cache, string key, Namespace? ns = null)
    {
        if (!TaskNames.IsValid(cache)) throw new ArgumentException($"'{cache}' is no name of a cache: use {TaskNames.Rule}.", nameof(cache));
        return CanonicalJson.TryWrite(JsonSerializer.SerializeToUtf8Bytes(key, CacheJson.Default.String), out var canonical)
            ? new CacheKey(ns ?? Namespace.Default, OwnPrefix + cache, 1, canonical)
            : throw new ArgumentException("The key holds half a surrogate pair, so it is no text.", nameof(key));
    }

    /// <summary>Before the names of caches of one's own code, so that none is a task's.</summary>
    public const string OwnPrefix = "@";

    /// <summary>Whether a cache of one's own code can have this name.</summary>
    internal static bool IsOwn(string name) => name.StartsWith(OwnPrefix, StringComparison.Ordinal) && TaskNames.IsValid(name[OwnPrefix.Length..]);

    public Namespace Namespace { get; }
    public string Task { get; }
    public int Version { get; }

    /// <summary>Canonical arguments, UTF-8 JSON.</summary>
    public ReadOnlyMemory<byte> Args => _args;

    /// <summary>The same without a wrapper.</summary>
    internal byte[] Bytes => _args;

    /// <summary>Where this very object is the key of an entry in a table: what a hit needs of it.</summary>
    internal ref KeptHit Kept => ref _kept;

    public bool Equals(CacheKey? other) => ReferenceEquals(this, other) || (other is not null && _hash == other._hash && Version == other.Version
        && Namespace == other.Namespace && string.Equals(Task, other.Task, StringComparison.Ordinal) && _args.AsSpan().SequenceEqual(other._args));

    public override bool Equals(object? obj) => Equals(obj as CacheKey);

    public override int GetHashCode() => _hash;
}

[JsonSerializable(typeof(string))]
internal sealed partial class CacheJson : JsonSerializerContext;
