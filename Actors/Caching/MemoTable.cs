namespace ActorPerf.Caching;

/// <summary>What the node remembers, in shards. A hit is read here without a message and without allocating.</summary>
internal sealed class MemoTable
{
    private readonly MemoShard[] _shards;
    private readonly TimeProvider _time;
    private long _lastId;

    public MemoTable(CacheOptions options, TimeProvider time)
    {
        _time = time;
        // With few entries, few shards: each must be able to hold one.
        var count = Math.Min(options.Shards, options.MaxEntries);
        _shards = [.. Enumerable.Range(0, count).Select(i => new MemoShard(
            options.MaxEntries / count + (i < options.MaxEntries % count ? 1 : 0), options.MaxBytes / count, options.MaxEntryBytes))];
    }

    public IReadOnlyList<MemoShard> Shards => _shards;

    /// <summary>The shard that owns a key.</summary>
    public int IndexOf(CacheKey key) => (int)((ulong)(uint)key.GetHashCode() * (uint)_shards.Length >> 32);

    /// <summary>A fresh entry; null when there is none, or none as young as asked for.</summary>
    public MemoEntry? Find(CacheKey key, TimeSpan? maxAge)
    {
        var now = _time.GetTimestamp();
        return _shards[IndexOf(key)].Find(key, now, maxAge is { } age ? now - Ticks(age) : long.MinValue);
    }

    /// <summary>An entry for a result computed just now.</summary>
    public MemoEntry Make(CacheKey key, ComputedResult result, TimeSpan age, TimeSpan life, VersionStamp stamp, TaskBook book)
    {
        var computed = _time.GetTimestamp() - Ticks(age);
        return new MemoEntry(Interlocked.Increment(ref _lastId), key, result, computed, computed + Ticks(life), stamp, book);
    }

    private long Ticks(TimeSpan time) => (long)Math.Min(long.MaxValue / 4, time.TotalSeconds * _time.TimestampFrequency);
}
