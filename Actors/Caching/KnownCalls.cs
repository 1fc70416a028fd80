using ActorPerf.Tasks;

namespace ActorPerf.Caching;

/// <summary>Keys of calls that were hits of late, by the very bytes of their arguments: the same bytes were checked then, and have the same key.</summary>
/// <remarks>A small table without locks or order: a new call takes the slot of an old one, a lost one is worked out again. At most 1,024 slots of some 2 KiB.
/// It holds keys and no entries, so it keeps nothing alive that was evicted or forgotten.</remarks>
internal sealed class KnownCalls
{
    private const int Slots = 1024;
    private const int MaxLength = 1024;

    private readonly Call?[] _slots = new Call?[Slots];

    /// <summary>Null: not known here.</summary>
    public CacheKey? Find(Namespace ns, string task, ReadOnlySpan<byte> args)
    {
        if (args.Length > MaxLength || Volatile.Read(ref _slots[Slot(task, args)]) is not { } call) return null;
        return args.SequenceEqual(call.Args) && call.Key.Task == task && call.Key.Namespace == ns ? call.Key : null;
    }

    /// <param name="key">Of an entry, rather than an equal one: it leads there.</param>
    public void Keep(string task, ReadOnlySpan<byte> args, CacheKey key)
    {
        if (args.Length > MaxLength || key.Bytes.Length > MaxLength) return;
        Volatile.Write(ref _slots[Slot(task, args)], new Call(args.ToArray(), key));
    }

    /// <summary>Seeded per process, so that nobody outside can choose calls that take each other's slot.</summary>
    private static int Slot(string task, ReadOnlySpan<byte> args)
    {
        var hash = new HashCode();
        hash.Add(task.Length);
        hash.AddBytes(args);
        return hash.ToHashCode() & (Slots - 1);
    }

    private sealed record Call(byte[] Args, CacheKey Key);
}
