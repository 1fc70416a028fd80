using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ActorPerf.Caching;

namespace ActorPerf.Storage;

/// <summary>The scopes of invalidations as they are stored: namespace, kind and name (docs/formats/cache-entry.md).</summary>
internal readonly record struct CacheScope(string Namespace, int Kind, string Name)
{
    public const int EverythingKind = 0, NamespaceKind = 1, TaskKind = 2, TagKind = 3, KeyKind = 4;

    private const int HashLength = 16;

    public static CacheScope Of(CacheInvalidation what) => what switch
    {
        CacheInvalidation.Everything => new("", EverythingKind, ""),
        CacheInvalidation.OfNamespace(var ns) => new(ns.Name, NamespaceKind, ""),
        CacheInvalidation.OfTask(var ns, var task) => new(ns.Name, TaskKind, task),
        CacheInvalidation.OfTag(var ns, var tag) => new(ns.Name, TagKind, tag),
        CacheInvalidation.OfKey(var key) => OfKey(key),
        _ => throw new InvalidOperationException($"Scope {what.GetType().Name} is not known here."),
    };

    /// <summary>Every scope that concerns an entry.</summary>
    public static IEnumerable<CacheScope> Concerning(CacheKey key, IReadOnlyList<string> tags)
    {
        yield return new("", EverythingKind, "");
        yield return new(key.Namespace.Name, NamespaceKind, "");
        yield return new(key.Namespace.Name, TaskKind, key.Task);
        yield return OfKey(key);
        foreach (var tag in tags) yield return new(key.Namespace.Name, TagKind, tag);
    }

    /// <summary>The first half of SHA-256 over namespace, task, version and arguments. Keys are compared whole all the same.</summary>
    public static byte[] Hash(CacheKey key)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> version = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(version, key.Version);
        hash.AppendData(Encoding.UTF8.GetBytes(key.Namespace.Name + "\0" + key.Task + "\0"));
        hash.AppendData(version);
        hash.AppendData(key.Args.Span);
        return hash.GetHashAndReset()[..HashLength];
    }

    private static CacheScope OfKey(CacheKey key) => new(key.Namespace.Name, KeyKind, Convert.ToHexStringLower(Hash(key)));
}
