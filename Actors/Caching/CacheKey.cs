using ActorPerf.Tasks;

namespace ActorPerf.Caching;

/// <summary>Which call a result belongs to: namespace, task, task version and canonical arguments, compared whole.</summary>
public sealed class CacheKey : IEquatable<CacheKey>
{
    private readonly int _hash;

    /// <param name="canonical">The canonical form <c>actorperf-1</c>; not copied, so it must never change.</param>
    public CacheKey(Namespace ns, string task, int version, ReadOnlyMemory<byte> canonical)
    {
        Namespace = ns;
        Task = task;
        Version = version;
        Args = canonical;
        // HashCode is seeded per process, so nobody outside can choose keys that collide.
        var hash = new HashCode();
        hash.Add(ns.Name, StringComparer.Ordinal);
        hash.Add(task, StringComparer.Ordinal);
        hash.Add(version);
        hash.AddBytes(canonical.Span);
        _hash = hash.ToHashCode();
    }

    public Namespace Namespace { get; }
    public string Task { get; }
    public int Version { get; }

    /// <summary>Canonical arguments, UTF-8 JSON.</summary>
    public ReadOnlyMemory<byte> Args { get; }

    public bool Equals(CacheKey? other) => other is not null && _hash == other._hash && Version == other.Version
        && Namespace == other.Namespace && string.Equals(Task, other.Task, StringComparison.Ordinal) && Args.Span.SequenceEqual(other.Args.Span);

    public override bool Equals(object? obj) => Equals(obj as CacheKey);

    public override int GetHashCode() => _hash;
}
