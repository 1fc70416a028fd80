using System.Numerics;

namespace ActorPerf.Caching;

/// <summary>One shard's part of the memo table: read by anyone, changed by its actor alone.</summary>
/// <remarks>A hash table of linked entries with one writer and readers without locks. A reader may miss an entry that is being replaced just then; the
/// actor, which its miss goes to, looks again. Its size is fixed by the bounds, so it is never rebuilt. No step looks at all entries on a caller's time.</remarks>
internal sealed class MemoShard
{
    private readonly MemoEntry?[] _slots;
    private readonly int _mask;
    private readonly long _maxBytes;
    private readonly long _maxEntryBytes;
    private readonly EvictionPolicy _policy;
    private readonly DeathWheel _deaths;
    private readonly TouchRing _touched = new();
    private readonly Action<MemoEntry> _die;
    private int _swept;

    public MemoShard(int maxEntries, long maxBytes, long maxEntryBytes, int seed, long now, long second)
    {
        (_maxBytes, _maxEntryBytes) = (maxBytes, maxEntryBytes);
        _policy = new EvictionPolicy(maxEntries, maxBytes, new Random(seed));
        _deaths = new DeathWheel(now, second);
        _slots = new MemoEntry?[BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(Math.Min(maxEntries, maxBytes / MemoEntry.Overhead), 16, 1 << 28))];
        _mask = _slots.Length - 1;
        _die = entry =>
        {
            _swept++;
            Leave(entry);
        };
    }

    /// <summary>Whose shard it is; null where it stands alone.</summary>
    public MemoTable? Table { get; init; }

    public int Count => _policy.Count;

    public long Bytes => _policy.Bytes;

    /// <summary>Where entries stand: from 0 to one below this.</summary>
    public int Slots => _slots.Length;

    /// <summary>Share of the bounds that new entries pass through.</summary>
    public double WindowShare => _policy.WindowShare;

    /// <summary>What is held for a key, whatever its age. From any thread; allocates nothing.</summary>
    public MemoEntry? Get(CacheKey key)
    {
        if (key.Kept.Place is { } place && place.Home == this) return place;
        var hash = key.GetHashCode();
        for (var entry = Volatile.Read(ref _slots[hash & _mask]); entry is not null; entry = entry.Next)
            if (entry.Hash == hash && entry.Key.Equals(key)) return entry;
        return null;
    }

    /// <summary>An entry answered. From any thread; allocates nothing.</summary>
    public void Touch(MemoEntry entry) => Touch(entry, Environment.CurrentManagedThreadId);

    /// <summary>The same for who knows its thread's number.</summary>
    public void Touch(MemoEntry entry, int thread)
    {
        entry.CountUse();
        Sample(entry, thread);
    }

    /// <summary>The same where the use was counted already.</summary>
    public void Sample(MemoEntry entry, int thread) => _touched.Touch(entry, thread);

    /// <summary>What stands in one slot at this moment. From any thread.</summary>
    public IEnumerable<MemoEntry> At(int slot)
    {
        for (var entry = Volatile.Read(ref _slots[slot]); entry is not null; entry = entry.Next) yield return entry;
    }

    /// <summary>Whether an entry of so many bytes may be kept.</summary>
    public bool Fits(long bytes) => bytes <= Math.Min(_maxEntryBytes, _maxBytes);

    /// <summary>Keeps an entry, in the place of the one with the same key; evicts until the bounds hold, perhaps the entry itself.</summary>
    public void Store(MemoEntry entry)
    {
        _touched.Drain(_policy);
        if (Get(entry.Key) is { } old)
        {
            Unlink(old);
            DeathWheel.Remove(old);
            Forget(old);
            _policy.Replaced(old, entry);
        }
        else
        {
            _policy.Added(entry);
        }
        Link(entry);
        _deaths.Add(entry);
        entry.Book.Holds(entry);
        while (_policy.IsOver)
        {
            var victim = _policy.Victim();
            victim.Book.CountEviction();
            DeathWheel.Remove(victim);
            Leave(victim);
        }
    }

    /// <returns>The entry that was there.</returns>
    public MemoEntry? Remove(CacheKey key)
    {
        if (Get(key) is not { } entry) return null;
        DeathWheel.Remove(entry);
        Leave(entry);
        return entry;
    }

    /// <summary>Removes the dead, and tells the policy what was asked for.</summary>
    /// <param name="most">At most so many entries are looked at.</param>
    /// <returns>How many were removed, and whether that was all.</returns>
    public (int Swept, bool Done) Sweep(long now, int most)
    {
        _touched.Drain(_policy);
        _swept = 0;
        var done = _deaths.Advance(now, most, _die);
        return (_swept, done);
    }

    /// <summary>Removes what invalidations made void among some slots.</summary>
    /// <param name="from">The first of them; wraps around.</param>
    /// <returns>Where to go on.</returns>
    public int Reclaim(int from, int slots)
    {
        for (var i = 0; i < slots; i++)
        {
            var entry = _slots[(from + i) & _mask];
            while (entry is not null)
            {
                var next = entry.Next;
                if (entry.Validity == EntryValidity.Removed)
                {
                    DeathWheel.Remove(entry);
                    Leave(entry);
                }
                entry = next;
            }
        }
        return (from + slots) & _mask;
    }

    private void Leave(MemoEntry entry)
    {
        Unlink(entry);
        _policy.Removed(entry);
        Forget(entry);
    }

    private static void Forget(MemoEntry entry) => entry.Book.Releases(entry);

    private void Link(MemoEntry entry)
    {
        ref var slot = ref _slots[entry.Hash & _mask];
        (entry.Next, entry.Home) = (slot, this);
        Volatile.Write(ref slot, entry);
        entry.Key.Kept.Lead(entry, this);
    }

    private void Unlink(MemoEntry entry)
    {
        entry.Key.Kept.Forget(entry);
        ref var slot = ref _slots[entry.Hash & _mask];
        if (slot == entry)
        {
            Volatile.Write(ref slot, entry.Next);
            return;
        }
        for (var before = slot; before is not null; before = before.Next)
        {
            if (before.Next != entry) continue;
            before.Next = entry.Next; // a reader that stands on the entry goes on from it to the same rest
            return;
        }
    }
}
