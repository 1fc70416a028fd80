using ActorPerf.Data;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Entities;

/// <summary>What every store demands of its arguments. A fault here is the caller's, so it is thrown by the call.</summary>
internal static class EntityChecks
{
    public const int MaxAllocation = 100_000;

    /// <exception cref="ArgumentException">None, too many, or of another namespace.</exception>
    public static void Keys(Namespace ns, IReadOnlyList<Key> keys, int most)
    {
        if (keys.Count < 1 || keys.Count > most) throw new ArgumentOutOfRangeException(nameof(keys), $"{keys.Count} keys in one call; 1 to {most} are allowed.");
        for (var i = 0; i < keys.Count; i++) Of(ns, keys[i]);
    }

    /// <exception cref="ArgumentException">None, too many, of another namespace, or two for one key.</exception>
    /// <exception cref="EntityFaultException">An entity that no store takes.</exception>
    public static void Writes(Namespace ns, IReadOnlyList<EntityWrite> writes, int most)
    {
        if (writes.Count < 1 || writes.Count > most) throw new ArgumentOutOfRangeException(nameof(writes), $"{writes.Count} writes in one call; 1 to {most} are allowed.");
        Each(ns, writes);
    }

    /// <inheritdoc cref="Writes"/>
    public static void Commit(Namespace ns, EntityCommit commit)
    {
        foreach (var read in commit.Reads) Of(ns, read.Key);
        Each(ns, commit.Writes);
    }

    public static void Allocation(string kind, int count)
    {
        Key.CheckKind(kind);
        if (count is < 1 or > MaxAllocation) throw new ArgumentOutOfRangeException(nameof(count), $"{count} numbers in one call; 1 to {MaxAllocation} are allowed.");
    }

    private static void Each(Namespace ns, IReadOnlyList<EntityWrite> writes)
    {
        var seen = writes.Count > 1 ? new HashSet<Key>(writes.Count) : null;
        foreach (var write in writes)
        {
            Of(ns, write.Key);
            if (seen?.Add(write.Key) == false) throw new ArgumentException($"Two writes of {write.Key} in one call; give one.", nameof(writes));
            if (write is not EntityWrite.Delete) EntityBytes.Check(write.Key, EntityRules.DataOf(write));
        }
    }

    private static void Of(Namespace ns, Key key)
    {
        if (key.Namespace != ns) throw new ArgumentException($"{key} belongs to namespace {key.Namespace}, and the call is for {ns}.", nameof(key));
        if (!key.Id.IsValid) throw new ArgumentException("A key is missing: default(Key) names nothing.", nameof(key));
    }
}
