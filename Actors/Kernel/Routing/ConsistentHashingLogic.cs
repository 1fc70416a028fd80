using System.Globalization;
using System.Text;

namespace ActorPerf.Kernel;

/// <summary>A ring of hashes on which every routee has several places; a key belongs to the next place clockwise.</summary>
/// <remarks>Places hang on a routee's name, which its replacement inherits, so a replaced routee keeps its keys.</remarks>
internal sealed class ConsistentHashingLogic(ConsistentHashMapping? mapping, int virtualNodes, Action<string> noKey) : RoutingLogic
{
    private Ring _ring = new([], [], []);

    public override LocalActorRef? Select(object message, LocalActorRef[] routees)
    {
        var key = mapping?.Invoke(message) ?? (message as IConsistentHashable)?.ConsistentHashKey;
        if (key is null)
        {
            noKey(message.GetType().Name);
            return null;
        }
        var ring = Volatile.Read(ref _ring);
        if (!ReferenceEquals(ring.Routees, routees)) Volatile.Write(ref _ring, ring = Build(routees));
        return ring.Find(Hash(key));
    }

    private Ring Build(LocalActorRef[] routees)
    {
        var places = routees
            .SelectMany(routee => Enumerable.Range(0, virtualNodes).Select(i => (Hash: Hash($"{routee.Path.Name}:{i}"), Routee: routee)))
            .OrderBy(place => place.Hash).ToArray();
        return new Ring(routees, [.. places.Select(p => p.Hash)], [.. places.Select(p => p.Routee)]);
    }

    /// <summary>Equal keys have equal hashes in every process.</summary>
    private static uint Hash(object key) => key switch
    {
        string text => HashText(text),
        byte[] bytes => HashBytes(bytes),
        IFormattable formattable => HashText(formattable.ToString(null, CultureInfo.InvariantCulture)),
        _ => HashText(key.ToString() ?? ""),
    };

    private static uint HashText(string text) => HashBytes(Encoding.UTF8.GetBytes(text));

    private static uint HashBytes(ReadOnlySpan<byte> bytes)
    {
        var hash = 2166136261u;            // FNV-1a, with a final mix because short keys differ in few bits only
        foreach (var b in bytes) hash = (hash ^ b) * 16777619u;
        hash ^= hash >> 16;
        hash *= 0x85ebca6b;
        hash ^= hash >> 13;
        hash *= 0xc2b2ae35;
        return hash ^ (hash >> 16);
    }

    private sealed record Ring(LocalActorRef[] Routees, uint[] Hashes, LocalActorRef[] Places)
    {
        public LocalActorRef? Find(uint hash)
        {
            if (Places.Length == 0) return null;
            var index = Array.BinarySearch(Hashes, hash);
            if (index < 0) index = ~index;
            return Places[index % Places.Length];
        }
    }
}
