using System.Text.Json;
using ActorPerf.Tasks;

namespace ActorPerf.Data;

/// <summary>Faults of the arguments, thrown by the call itself.</summary>
internal static class DataArguments
{
    public const int MaxDataBytes = 1024 * 1024;

    private const int MaxDepth = 64;

    public static void Check(Key key)
    {
        if (key.Kind is null) throw new ArgumentException("default(Key) names nothing. Make keys with Key.Of or IData.Key.", nameof(key));
    }

    public static void Check(IReadOnlyList<Key> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        foreach (var key in keys) Check(key);
        for (var i = 1; i < keys.Count; i++) CheckSame(keys[0], keys[i]);
    }

    public static void Check(EntityWrite write)
    {
        ArgumentNullException.ThrowIfNull(write);
        Check(write.Key);
        ArgumentOutOfRangeException.ThrowIfNegative(write.IfVersion ?? 0, nameof(EntityWrite.IfVersion));
        switch (write)
        {
            case EntityWrite.Put put: CheckData(put.Key, put.Data); break;
            case EntityWrite.Insert insert: CheckData(insert.Key, insert.Data); break;
            case EntityWrite.Update update: CheckData(update.Key, update.Data); break;
            default: break;
        }
    }

    public static void Check(IReadOnlyList<EntityWrite> writes)
    {
        ArgumentNullException.ThrowIfNull(writes);
        foreach (var write in writes) Check(write);
        for (var i = 1; i < writes.Count; i++) CheckSame(writes[0].Key, writes[i].Key);
    }

    public static void CheckSame(Namespace expected, Namespace actual)
    {
        if (expected != actual) throw new ArgumentException($"One call is about one namespace; this one names '{expected}' and '{actual}'.");
    }

    private static void CheckSame(Key first, Key other) => CheckSame(first.Namespace, other.Namespace);

    // A document that is none would make every later query of its kind fail.
    private static void CheckData(Key key, ReadOnlyMemory<byte> data)
    {
        if (data.Length > MaxDataBytes) throw new ArgumentException($"{key} has {data.Length} bytes; an entity has at most {MaxDataBytes}. Keep large values elsewhere and their address here.", nameof(data));
        try
        {
            var reader = new Utf8JsonReader(data.Span, new JsonReaderOptions { MaxDepth = MaxDepth });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new ArgumentException($"{key}: the data of an entity is a JSON object.", nameof(data));
            while (reader.Read())
            {
            }
        }
        catch (JsonException fault)
        {
            throw new ArgumentException($"{key}: the data of an entity is a JSON object of at most {MaxDepth} levels. {fault.Message}", nameof(data), fault);
        }
    }
}
