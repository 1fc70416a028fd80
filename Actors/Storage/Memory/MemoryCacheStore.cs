using ActorPerf.Caching;

namespace ActorPerf.Storage.Memory;

/// <summary>The second level of the cache in memory: gone with the process. For tests, and as the plain model that other stores are held against.</summary>
internal sealed class MemoryCacheStore : ICacheStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<CacheKey, StoredEntry> _entries = [];
    private readonly Dictionary<CacheScope, (long Removed, long Expired)> _versions = [];
    private long _last;

    public ValueTask<RecalledEntry?> ReadAsync(CacheKey key, DateTimeOffset now, CancellationToken ct)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out var entry) || entry.DeadAt <= now) return new((RecalledEntry?)null);
            var versions = CacheScope.Concerning(key, entry.Tags).Select(scope => _versions.GetValueOrDefault(scope)).ToList();
            return new(versions.Max(version => version.Removed) > entry.AsOf ? null : new RecalledEntry(entry, versions.Max(version => version.Expired) > entry.AsOf));
        }
    }

    public ValueTask WriteAsync(StoredEntry entry, CancellationToken ct)
    {
        Put(entry);
        return ValueTask.CompletedTask;
    }

    /// <summary>Of a job's finish.</summary>
    public void Put(StoredEntry entry)
    {
        lock (_gate)
            if (!_entries.TryGetValue(entry.Key, out var there) || there.ComputedAt <= entry.ComputedAt || there.AsOf < entry.AsOf) _entries[entry.Key] = entry;
    }

    public ValueTask<long> InvalidateAsync(CacheInvalidation what, long above, CancellationToken ct)
    {
        lock (_gate)
        {
            var (scope, number) = (CacheScope.Of(what), _last = Math.Max(_last, above) + 1);
            var before = _versions.GetValueOrDefault(scope);
            _versions[scope] = what.Expire ? before with { Expired = number } : before with { Removed = number };
            return new(number);
        }
    }

    public ValueTask<long> PositionAsync(CancellationToken ct)
    {
        lock (_gate) return new(_last);
    }

    public ValueTask<int> SweepAsync(DateTimeOffset now, long maxEntries, int most, CancellationToken ct)
    {
        lock (_gate)
        {
            var gone = _entries.Values.OrderBy(entry => entry.DeadAt).TakeWhile((entry, i) => entry.DeadAt <= now || _entries.Count - i > maxEntries).Take(most).ToList();
            foreach (var entry in gone) _entries.Remove(entry.Key);
            return new(gone.Count);
        }
    }
}
