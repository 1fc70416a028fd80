using ActorPerf.Jobs.Operations;
using ActorPerf.Storage.Sql;
using ActorPerf.Tasks;
using Npgsql;
using static ActorPerf.Storage.PostgreSql.PostgresValues;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>Audit rows and views in a PostgreSQL database.</summary>
internal sealed class PostgresOperatorStore(NpgsqlDataSource source) : IOperatorStore
{
    private const string Audit = PostgresDialect.Schema + ".audit";
    private const string View = PostgresDialect.Schema + ".view";
    private const string ViewColumns = "namespace, name, q, sort, columns, updated_at";

    // Old rows go now and then, and then many at once; what two nodes find at a time goes once.
    private const int PruneEvery = 1_000;

    private long _recorded;

    public async ValueTask RecordAsync(AuditEntry entry, CancellationToken ct) => await PostgresFaults.AskAsync(async () =>
    {
        await using (var command = source.CreateCommand($"INSERT INTO {Audit} (namespace, at, who, origin, action, target, before, after) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)").Bind(
            Text(entry.Namespace.Name), Time(entry.At), Text(entry.Who), Text(entry.Origin), Text(entry.Action), Text(entry.Target), Text(entry.Before), Text(entry.After)))
            await command.ExecuteNonQueryAsync(ct);
        if (Interlocked.Increment(ref _recorded) % PruneEvery != 1) return true;
        await using var prune = source.CreateCommand($"DELETE FROM {Audit} WHERE seq <= (SELECT max(seq) FROM {Audit}) - $1").Bind(Number(IAudit.Kept));
        await prune.ExecuteNonQueryAsync(ct);
        return true;
    });

    public async ValueTask<IReadOnlyList<AuditRow>> ListAuditAsync(Namespace ns, long? before, int limit, CancellationToken ct) => await PostgresFaults.AskAsync(async () =>
    {
        await using var command = source.CreateCommand($"SELECT seq, at, who, origin, action, target, before, after FROM {Audit} WHERE namespace = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3")
            .Bind(Text(ns.Name), Number(before ?? long.MaxValue), Number(limit));
        return await command.ListAsync(
            r => new AuditRow(r.GetInt64(0), new AuditEntry(ns, r.Time(1), r.GetString(2), r.TextOrNull(3), r.GetString(4), r.GetString(5), r.TextOrNull(6), r.TextOrNull(7))), ct);
    });

    public async ValueTask<IReadOnlyList<SavedView>> ListViewsAsync(Namespace ns, CancellationToken ct) => await PostgresFaults.AskAsync(async () =>
    {
        await using var command = source.CreateCommand($"SELECT {ViewColumns} FROM {View} WHERE namespace = $1 ORDER BY name").Bind(Text(ns.Name));
        return await command.ListAsync(ReadView, ct);
    });

    public async ValueTask<SavedView?> GetViewAsync(Namespace ns, string name, CancellationToken ct) => await PostgresFaults.AskAsync(async () =>
    {
        await using var command = source.CreateCommand($"SELECT {ViewColumns} FROM {View} WHERE namespace = $1 AND name = $2").Bind(Text(ns.Name), Text(name));
        return await command.ListAsync(ReadView, ct) is [var view] ? view : null;
    });

    public async ValueTask<bool> PutViewAsync(SavedView view, CancellationToken ct) => await PostgresFaults.AskAsync(async () =>
    {
        // The lock is of the namespace's views: two nodes that put the last one at a time take turns, so the bound holds.
        await using var batch = source.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))").Bind(Text("actorperf.view/" + view.Namespace.Name)));
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"""
            INSERT INTO {View} ({ViewColumns}) SELECT $1, $2, $3, $4, $5, $6 WHERE (SELECT count(*) FROM {View} WHERE namespace = $1 AND name <> $2) < $7
              OR EXISTS (SELECT 1 FROM {View} WHERE namespace = $1 AND name = $2)
            ON CONFLICT (namespace, name) DO UPDATE SET q = excluded.q, sort = excluded.sort, columns = excluded.columns, updated_at = excluded.updated_at
            """).Bind(
            Text(view.Namespace.Name), Text(view.Name), Text(view.Q), Text(view.Sort), Text(WriteList(view.Columns)), Time(view.UpdatedAt), Number(IViews.MaxViews)));
        await batch.ExecuteNonQueryAsync(ct);
        return batch.BatchCommands[1].RecordsAffected == 1;
    });

    public async ValueTask<bool> DeleteViewAsync(Namespace ns, string name, CancellationToken ct) => await PostgresFaults.AskAsync(async () =>
    {
        await using var command = source.CreateCommand($"DELETE FROM {View} WHERE namespace = $1 AND name = $2").Bind(Text(ns.Name), Text(name));
        return await command.ExecuteNonQueryAsync(ct) == 1;
    });

    private static SavedView ReadView(NpgsqlDataReader r) => new(Namespace.FromStore(r.GetString(0)), r.GetString(1), r.GetString(2), r.GetString(3), r.ReadList(4), r.Time(5));
}
