using ActorPerf.Cluster;
using ActorPerf.Storage.Sql;
using Npgsql;
using static ActorPerf.Storage.PostgreSql.PostgresValues;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>The feed in a PostgreSQL database, where transactions commit in another order than that in which they took their numbers.</summary>
/// <remarks>
/// Rows are ordered by the transaction that wrote them, then by number. A transaction that is not over holds the horizon at its own number: rows
/// of later ones are to be seen, and those who read in order wait for it. So nothing is skipped, whoever commits last. The horizon is read first: what
/// ended before it was read is seen by the statement behind it.
/// The horizon stands at the last row in front of every open transaction and not behind it: a server that crashed gives out once more the numbers it gave to transactions of which
/// nothing had come to its disk, and rows with those numbers must lie behind every place that a reader ever went on from. What is to be seen had come to disk.
/// </remarks>
internal sealed class PostgresFeedStore(NpgsqlDataSource source, PostgresHints hints) : IFeedStore
{
    private const string History = PostgresDialect.Schema + ".history";
    private const string Decided = $"coalesce((SELECT tx FROM {History} WHERE tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint ORDER BY tx DESC LIMIT 1), 0)";

    private const string Bounds = $"SELECT {Decided}, (SELECT value FROM {PostgresDialect.Schema}.epoch WHERE name = '{PostgresJobSchema.HistoryPruned}')";

    private const string Rows = $"""
        SELECT h.tx, h.seq, h.namespace, h.kind, h.subject, h.version, h.at, h.from_state, h.to_state, h.attempt, h.incarnation, h.node, h.detail, h.origin,
          j.id, j.queue, j.state, j.run_at, j.limit_key IS NOT NULL, j.started_at, j.finished_at
        FROM (SELECT * FROM {History} WHERE (tx, seq) > ($1, $2) AND ($3 IS NULL OR origin IS DISTINCT FROM $3) ORDER BY tx, seq LIMIT $4) h
        LEFT JOIN {PostgresDialect.Schema}.job j ON h.kind = 1 AND j.seq = h.subject ORDER BY h.tx, h.seq
        """;

    private const string Insert = $"""
        INSERT INTO {History} (namespace, kind, subject, version, at, attempt, detail, origin) VALUES ($1, $2, 0, 1, {PostgresTime.Now}, 0, $3, $4)
        """;

    // Of other roles' sessions a server tells no more than the process, unless ours may read all statistics: those are not seen.
    private const string Oldest = """
        SELECT pid, coalesce(application_name, ''), extract(epoch FROM clock_timestamp() - xact_start)::float8, backend_xid IS NOT NULL FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend' AND xact_start IS NOT NULL AND (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL) AND pid <> pg_backend_pid()
        ORDER BY xact_start LIMIT 1
        """;

    /// <summary>Others are there, or may come at any time.</summary>
    public bool IsShared => true;

    public long Origin => hints.Origin;

    public Action? Changed
    {
        get => hints.Changed;
        set => hints.Changed = value;
    }

    /// <summary>Writes a row that belongs to no job.</summary>
    public static NpgsqlBatchCommand Row(FeedNote note, long origin) =>
        new NpgsqlBatchCommand(Insert).Bind(Text(note.Namespace), Small((int)note.Kind), Text(note.Detail), Number(origin));

    public async ValueTask<FeedPlace> EndAsync(CancellationToken ct) => await PostgresFaults.AskAsync(async () =>
    {
        await using var command = source.CreateCommand($"SELECT {Decided}");
        return Behind((long)(await command.ExecuteScalarAsync(ct))!);
    });

    public async ValueTask<FeedSlice> ReadAsync(FeedPlace after, long? except, int limit, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 10_000);
        return await PostgresFaults.AskAsync(async () =>
        {
            await using var batch = source.CreateBatch();
            batch.BatchCommands.Add(new NpgsqlBatchCommand(Bounds));
            batch.BatchCommands.Add(new NpgsqlBatchCommand(Rows).Bind(Number(after.Tx), Number(after.Seq), Number(except), Number(limit)));
            await using var reader = await batch.ExecuteReaderAsync(ct);
            await reader.ReadAsync(ct);
            var (horizon, pruned) = (Behind(reader.GetInt64(0)), reader.NumberOrNull(1) ?? 0);
            // A horizon never falls, unless the database became an older one. Only a reader that wakes others goes on from rows behind it.
            var older = after > horizon && (except is null || after.Seq == long.MaxValue);
            await reader.NextResultAsync(ct);
            var rows = new List<FeedRow>();
            while (await reader.ReadAsync(ct)) rows.Add(Read(reader));
            return new FeedSlice(rows, horizon, Pruned: older || (after.Tx <= pruned && pruned > 0), More: rows.Count == limit);
        });
    }

    public async ValueTask<OpenTransaction?> OldestTransactionAsync(CancellationToken ct) => await PostgresFaults.AskAsync<OpenTransaction?>(async () =>
    {
        await using var command = source.CreateCommand(Oldest);
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? new OpenTransaction(reader.GetInt32(0), reader.GetString(1), TimeSpan.FromSeconds(Math.Max(0, reader.GetDouble(2))), reader.GetBoolean(3)) : null;
    });

    public async ValueTask AppendAsync(FeedNote note, CancellationToken ct)
    {
        await PostgresFaults.AskAsync(async () =>
        {
            await using var batch = source.CreateBatch();
            batch.BatchCommands.Add(Row(note, hints.Origin));
            return await batch.ExecuteNonQueryAsync(ct);
        });
        hints.Tell();
    }

    /// <summary>Behind every row of a transaction.</summary>
    private static FeedPlace Behind(long tx) => new(tx, long.MaxValue);

    private static FeedRow Read(NpgsqlDataReader r) => new()
    {
        Place = new FeedPlace(r.GetInt64(0), r.GetInt64(1)),
        Namespace = r.GetString(2),
        Kind = (FeedKind)r.GetInt32(3),
        Subject = r.GetInt64(4),
        Version = r.GetInt64(5),
        At = r.Time(6),
        From = (int?)r.NumberOrNull(7),
        To = (int?)r.NumberOrNull(8),
        Attempt = r.GetInt32(9),
        Incarnation = r.IdOrNull(10),
        Node = r.TextOrNull(11),
        Detail = r.TextOrNull(12),
        Origin = r.NumberOrNull(13),
        Job = r.IdOrNull(14) is { } id
            ? new FeedJob(id, r.GetString(15), r.GetInt32(16), r.Time(17), r.GetBoolean(18), r.TimeOrNull(19), r.TimeOrNull(20))
            : null,
    };
}
