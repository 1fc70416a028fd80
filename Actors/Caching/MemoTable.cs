using ActorPerf.Tasks;

namespace ActorPerf.Caching;

/// <summary>What the node remembers, in shards. A hit is read here without a message and without allocating.</summary>
internal sealed class MemoTable
{
    private readonly MemoShard[] _shards;
    private readonly TimeProvider _time;
    private readonly bool _tellsCoarsely;
    private readonly double _jitter;
    private readonly Random[] _randoms;
    private long _lastId;

    /// <param name="seed">Of jitter and of the eviction's luck: another one on each node.</param>
    public MemoTable(CacheOptions options, TimeProvider time, int seed)
    {
        (_time, _tellsCoarsely, _jitter) = (time, CoarseClock.Tells(time), options.Jitter);
        // With few entries, few shards: each must be able to hold one.
        var count = Math.Min(options.Shards, options.MaxEntries);
        var now = time.GetTimestamp();
        _shards = [.. Enumerable.Range(0, count).Select(i => new MemoShard(
            options.MaxEntries / count + (i < options.MaxEntries % count ? 1 : 0), options.MaxBytes / count, options.MaxEntryBytes, seed + i, now, time.TimestampFrequency) { Table = this })];
        _randoms = [.. Enumerable.Range(0, count).Select(i => new Random(~seed - i))];
        ToTicks = Ticks;
    }

    public IReadOnlyList<MemoShard> Shards => _shards;

    /// <summary>Durations as timestamps.</summary>
    public Func<TimeSpan, long> ToTicks { get; }

    public long Now => _time.GetTimestamp();

    /// <summary>The shard that owns a key.</summary>
    public int IndexOf(CacheKey key) => (int)((ulong)(uint)key.GetHashCode() * (uint)_shards.Length >> 32);

    public MemoShard ShardOf(CacheKey key) => _shards[IndexOf(key)];

    /// <summary>What is held for a key, whatever its age.</summary>
    public MemoEntry? Get(CacheKey key) => _shards[IndexOf(key)].Get(key);

    /// <summary>A hit by the very key object that an entry was stored with, counted; null where it takes a look at the entry. Allocates nothing.</summary>
    public ComputeOutcome.Found? Kept(CacheKey key) => key.Kept.Answer(this);

    /// <summary>On the way of every hit: nothing happened to the entry, and nothing is due. False also where that takes a look at the clock.</summary>
    public bool IsSurelyFresh(MemoEntry entry) => CoarseClock.IsSurelyBefore(Coarsely(entry)) && entry.IsCurrent;

    /// <summary>Before when an entry is fresh, as <see cref="CoarseClock"/> may be asked; always past where the table goes by another clock.</summary>
    public long Coarsely(MemoEntry entry) => _tellsCoarsely ? entry.EagerAt : long.MinValue;

    /// <summary>What a call that meets the entry gets.</summary>
    public EntryAnswer Read(MemoEntry entry, in CacheDirective call) => call.IsPlain && IsSurelyFresh(entry)
        ? EntryAnswer.Hit
        : EntryRules.Read(entry.Life, entry.Validity, entry.RetryAt, _time.GetTimestamp(), call, ToTicks);

    /// <summary>Whether an entry computed at this timestamp would be a hit now.</summary>
    public bool IsHit(long computedAt, TimeSpan fresh, in CacheDirective call)
    {
        var until = computedAt + Ticks(fresh);
        return EntryRules.Read(new EntryLife(computedAt, until, until, until, until), EntryValidity.Current, retryAt: 0, _time.GetTimestamp(), call, ToTicks) == EntryAnswer.Hit;
    }

    public bool MayFallBack(MemoEntry entry, in CacheDirective call) => EntryRules.MayFallBack(entry.Life, entry.Validity, _time.GetTimestamp(), call, ToTicks);

    /// <summary>An entry for a result. From the shard that owns the key.</summary>
    /// <param name="age">Of the result.</param>
    /// <param name="fresh">How long it is fresh before jitter, counted from its computation.</param>
    public MemoEntry Make(CacheKey key, ComputedResult result, TimeSpan age, TimeSpan fresh, Memoization memoize, VersionStamp stamp, TaskBook book, IReadOnlyList<string>? tags)
    {
        var random = _randoms[IndexOf(key)];
        var life = EntryRules.Life(memoize, fresh, _time.GetTimestamp() - Ticks(age), memoize.Jitter ?? _jitter, random.NextDouble(), random.NextDouble(), ToTicks);
        var expires = result.ComputedAt + TimeSpan.FromSeconds((double)(life.FreshUntil - life.ComputedAt) / _time.TimestampFrequency);
        return new MemoEntry(Interlocked.Increment(ref _lastId), key, result with { ExpiresAt = expires }, life, stamp, book, tags);
    }

    /// <summary>The same result, not fresh any more; null where its task keeps nothing for errors.</summary>
    public MemoEntry? Expired(MemoEntry entry)
    {
        var (now, life) = (_time.GetTimestamp(), entry.Life);
        if (life.ErrorUntil <= Math.Max(now, life.FreshUntil)) return null;
        var until = Math.Min(life.FreshUntil, now);
        var kept = entry.Result with { ExpiresAt = _time.GetUtcNow() is var utc && entry.Result.ExpiresAt < utc ? entry.Result.ExpiresAt : utc };
        return new MemoEntry(Interlocked.Increment(ref _lastId), entry.Key, kept, new EntryLife(life.ComputedAt, until, until, until, life.ErrorUntil), entry.Stamp, entry.Book, entry.Tags);
    }

    private long Ticks(TimeSpan time) => (long)Math.Min(long.MaxValue / 4, time.TotalSeconds * _time.TimestampFrequency);
}
