using ActorPerf.Caching;
using Npgsql;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>The second level of the cache in a PostgreSQL database: nodes find each other's results there.</summary>
internal sealed class PostgresCacheStore(NpgsqlDataSource source, TimeProvider time) : ICacheStore
{
    /// <summary>No computation that is stored takes as long; so no version that one of them must meet is gone.</summary>
    private static readonly TimeSpan VersionsKept = TimeSpan.FromDays(1);

    public async ValueTask<RecalledEntry?> ReadAsync(CacheKey key, DateTimeOffset now, CancellationToken ct) => await PostgresFaults.AskAsync(async () =>
    {
        await using var command = PostgresCacheRows.FindCommand(source, key, now);
        return await command.ListAsync(r => PostgresCacheRows.Read(r, key), ct) is [var found] ? found : null;
    });

    public async ValueTask WriteAsync(StoredEntry entry, CancellationToken ct) => await PostgresFaults.AskAsync(async () =>
    {
        await using var command = source.CreateCommand(PostgresCacheRows.Put).Bind(PostgresCacheRows.Row(entry));
        return await command.ExecuteNonQueryAsync(ct);
    });

    public async ValueTask<long> InvalidateAsync(CacheInvalidation what, long above, CancellationToken ct) => await PostgresFaults.AskAsync(async () =>
    {
        await using var command = PostgresCacheRows.InvalidateCommand(source, what, above, time.GetUtcNow());
        return (long)(await command.ExecuteScalarAsync(ct))!;
    });

    public async ValueTask<long> PositionAsync(CancellationToken ct) => await PostgresFaults.AskAsync(async () =>
    {
        await using var command = PostgresCacheRows.PositionCommand(source);
        return (long)(await command.ExecuteScalarAsync(ct))!;
    });

    public async ValueTask<int> SweepAsync(DateTimeOffset now, long maxEntries, int most, CancellationToken ct) => await PostgresFaults.AskAsync(async () =>
    {
        var gone = await RunAsync(PostgresCacheRows.SweepOverCommand(source, now, most), ct);
        if (gone < most) gone += await RunAsync(PostgresCacheRows.SweepExcessCommand(source, maxEntries, most - gone), ct);
        await RunAsync(PostgresCacheRows.SweepVersionsCommand(source, now - VersionsKept), ct);
        return gone;
    });

    private static async Task<int> RunAsync(NpgsqlCommand statement, CancellationToken ct)
    {
        await using var command = statement;
        return await command.ExecuteNonQueryAsync(ct);
    }
}
