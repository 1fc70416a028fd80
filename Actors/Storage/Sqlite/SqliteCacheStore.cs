using ActorPerf.Caching;
using ActorPerf.Cluster;

namespace ActorPerf.Storage.Sqlite;

/// <summary>The second level of the cache in a SQLite file.</summary>
internal sealed class SqliteCacheStore(SqliteDatabase database, SqliteSession writer, TimeProvider time) : ICacheStore, IWriteHandler
{
    private const int BytesOfARow = 512;

    /// <summary>No computation that is stored takes as long; so no version that one of them must meet is gone.</summary>
    private static readonly TimeSpan VersionsKept = TimeSpan.FromDays(1);

    public ValueTask<RecalledEntry?> ReadAsync(CacheKey key, DateTimeOffset now, CancellationToken ct) =>
        database.Reads.RunAsync(session => session.Snapshot(snapshot => SqliteCacheRows.Find(snapshot, key, now)), ct);

    public async ValueTask WriteAsync(StoredEntry entry, CancellationToken ct) => await PostAsync(
        () =>
        {
            SqliteCacheRows.Put(writer, entry);
            return 0;
        },
        urgent: false, BytesOfARow + entry.Json.Length, ct);

    public ValueTask<long> InvalidateAsync(CacheInvalidation what, long above, CancellationToken ct) =>
        PostAsync(() => SqliteCacheRows.Invalidate(writer, what, above, time.GetUtcNow()), urgent: true, BytesOfARow, ct);

    public ValueTask<long> PositionAsync(CancellationToken ct) => database.Reads.RunAsync(SqliteCacheRows.Position, ct);

    public async ValueTask<int> SweepAsync(DateTimeOffset now, long maxEntries, int most, CancellationToken ct)
    {
        var excess = Math.Max(0, await database.Reads.RunAsync(SqliteCacheRows.Count, ct) - maxEntries);
        return (int)await PostAsync(() => SqliteCacheRows.Sweep(writer, now, excess, most, now - VersionsKept), urgent: false, BytesOfARow, ct);
    }

    public void Apply(object write) => ((Write)write).Apply();

    public void Flush()
    {
    }

    public void Forget()
    {
    }

    public void Committed(IReadOnlyList<object> writes)
    {
        foreach (var write in writes) ((Write)write).Done();
    }

    public void Failed(object write, Exception cause) => ((Write)write).TrySetException(
        cause as StoreUnavailableException ?? new StoreUnavailableException("The second level of the cache could not be written. Nothing changed; try again.", cause));

    private ValueTask<long> PostAsync(Func<long> apply, bool urgent, int bytes, CancellationToken ct)
    {
        var write = new Write(apply);
        if (!database.Queue.TryPost(write, this, urgent, bytes)) throw new StoreUnavailableException();
        return new ValueTask<long>(write.Task.WaitAsync(ct));
    }

    private sealed class Write(Func<long> apply) : TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        private long _result;

        public void Apply() => _result = apply();

        public void Done() => TrySetResult(_result);
    }
}
