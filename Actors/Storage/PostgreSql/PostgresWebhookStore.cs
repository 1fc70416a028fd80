using ActorPerf.Jobs;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Storage.Sql;
using ActorPerf.Tasks;
using Npgsql;
using static ActorPerf.Storage.PostgreSql.PostgresValues;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>Webhooks and deliveries in a PostgreSQL database. Any node may send: what one has read as due is its own for a while, longer than a request can take.</summary>
/// <remarks>The node that holds a delivery sees it again at every look, which holds it anew; another sees it when the hold is over. A node that dies in between may have sent it, so it is
/// sent at least once, as ever.</remarks>
/// <param name="holder">This node's, fresh at every start.</param>
internal sealed class PostgresWebhookStore(NpgsqlDataSource source, Guid holder) : IWebhookStore
{
    /// <summary>How long what was read as due stays this node's. A request ends within a minute, and a sender looks every half.</summary>
    public static readonly TimeSpan Hold = TimeSpan.FromMinutes(2);

    public const string WebhookColumns = "w.namespace, w.name, w.url, w.query, w.events, w.paused, w.gone, w.secrets, w.created_at, w.updated_at, w.version";

    private const string Webhook = PostgresDialect.Schema + ".webhook";
    private const string Delivery = PostgresDialect.Schema + ".delivery";
    private const int MaxOfJob = 500;

    private const string Columns = """
        d.seq, d.id, d.namespace, d.webhook, d.url, d.job_seq, d.job, d.task, d.queue, d.event, d.at, d.state, d.attempts, d.due_at, d.status, d.response, d.error, d.ended_at
        """;

    // A row that another node is taking at this moment is left to it.
    private const string Take = $"""
        WITH due AS (
          SELECT d.seq FROM {Delivery} d WHERE d.state = 0 AND d.due_at <= $1 AND d.host <> ALL ($2) AND (d.held_until IS NULL OR d.held_by = $3 OR d.held_until <= {PostgresTime.Now})
            AND NOT EXISTS (SELECT 1 FROM {Webhook} w WHERE w.namespace = d.namespace AND w.name = d.webhook AND w.paused)
            AND NOT EXISTS (SELECT 1 FROM {Delivery} b WHERE b.job = d.job AND b.webhook = d.webhook AND b.namespace = d.namespace AND b.state = 0 AND b.seq < d.seq)
          ORDER BY d.due_at, d.seq LIMIT $4 FOR UPDATE OF d SKIP LOCKED),
        held AS (
          UPDATE {Delivery} d SET held_by = $3, held_until = {PostgresTime.Now} + $5 FROM due WHERE d.seq = due.seq RETURNING {Columns})
        SELECT * FROM held ORDER BY due_at, seq
        """;

    // What others hold may be this node's when their hold is over.
    private const string Next = $"""
        SELECT least(
          (SELECT min(due_at) FROM {Delivery} WHERE state = 0 AND due_at > $1),
          (SELECT $1 + greatest(held_until - {PostgresTime.Now}, 1000) FROM {Delivery} WHERE state = 0 AND due_at <= $1 AND held_by <> $2 AND held_until > {PostgresTime.Now} ORDER BY held_until LIMIT 1))
        """;

    public event Action? Arrived;

    /// <summary>The job store has committed deliveries.</summary>
    public void Wrote() => Arrived?.Invoke();

    public async ValueTask<IReadOnlyList<WebhookRow>> ListAsync(Namespace ns, CancellationToken ct) => await PostgresFaults.AskAsync(async () =>
    {
        await using var command = source.CreateCommand($"SELECT {WebhookColumns} FROM {Webhook} w WHERE w.namespace = $1 ORDER BY w.name").Bind(Text(ns.Name));
        return await command.ListAsync(ReadWebhook, ct);
    });

    public async ValueTask<WebhookRow?> ReadAsync(Namespace ns, string name, CancellationToken ct) => await PostgresFaults.AskAsync(async () =>
    {
        await using var command = source.CreateCommand($"SELECT {WebhookColumns} FROM {Webhook} w WHERE w.namespace = $1 AND w.name = $2").Bind(Text(ns.Name), Text(name));
        return await command.ListAsync(ReadWebhook, ct) is [var row] ? row : null;
    });

    public async ValueTask<WebhookRow?> ChangeAsync(Namespace ns, string name, Func<WebhookRow?, int, WebhookRow?> change, CancellationToken ct)
    {
        var (row, changed) = await InTransactionAsync(
            async connection =>
            {
                await LockAsync(connection, ct);
                return await ChangeAsync(connection, ns, name, change, ct);
            }, ct);
        if (changed) Arrived?.Invoke();
        return row;
    }

    public async ValueTask<bool> DeleteAsync(Namespace ns, string name, CancellationToken ct) => await InTransactionAsync(
        async connection =>
        {
            await LockAsync(connection, ct);
            await using var batch = new NpgsqlBatch(connection);
            batch.BatchCommands.Add(new NpgsqlBatchCommand($"DELETE FROM {Webhook} WHERE namespace = $1 AND name = $2").Bind(Text(ns.Name), Text(name)));
            batch.BatchCommands.Add(new NpgsqlBatchCommand($"DELETE FROM {Delivery} WHERE namespace = $1 AND webhook = $2").Bind(Text(ns.Name), Text(name)));
            await batch.ExecuteNonQueryAsync(ct);
            return batch.BatchCommands[0].RecordsAffected == 1;
        }, ct);

    public async ValueTask<DueDeliveries> ReadDueAsync(DateTimeOffset now, IReadOnlyCollection<string> exceptHosts, int limit, CancellationToken ct) => await PostgresFaults.AskAsync(async () =>
    {
        await using var take = source.CreateCommand(Take)
            .Bind(Time(now), Texts(exceptHosts), Id(holder), Number(limit), Number(PostgresTime.ToMicroseconds((TimeSpan?)Hold)));
        var items = await take.ListAsync(Read, ct);
        await using var next = source.CreateCommand(Next).Bind(Time(now), Id(holder));
        return new DueDeliveries(items, PostgresTime.ToTime((await next.ListAsync(r => r.NumberOrNull(0), ct))[0]));
    });

    public async ValueTask WriteAsync(DeliveryOutcome outcome, CancellationToken ct) => await InTransactionAsync(
        async connection =>
        {
            var (before, after) = (outcome.Before, outcome.After);
            if (outcome.IsGone) await LockAsync(connection, ct);      // before the rows, as a change does
            await using var command = new NpgsqlCommand(
                $"""
                UPDATE {Delivery} SET state = $1, attempts = $2, due_at = $3, status = $4, response = $5, error = $6, ended_at = $7, held_by = NULL, held_until = NULL
                WHERE id = $8 AND state = 0 AND attempts = $9
                """, connection).Bind(
                Small((int)after.State), Small(after.Attempts), Time(after.DueAt), Small(after.Status), Text(after.Response), Text(after.Error), Time(after.EndedAt), Id(before.Id),
                Small(before.Attempts));
            var written = await command.ExecuteNonQueryAsync(ct);
            if (written == 0 || !outcome.IsGone || after.Webhook == WebhookRow.Callback || after.EndedAt is not { } now) return true;
            await ChangeAsync(connection, after.Namespace, after.Webhook, (row, _) => row is null ? null : WebhookRules.Gone(row, now), ct);
            await using var rest = new NpgsqlCommand(
                $"UPDATE {Delivery} SET state = 2, error = $1, ended_at = $2, held_by = NULL, held_until = NULL WHERE namespace = $3 AND webhook = $4 AND state = 0", connection)
                .Bind(Text(after.Error), Time(now), Text(after.Namespace.Name), Text(after.Webhook));
            await rest.ExecuteNonQueryAsync(ct);
            return true;
        }, ct);

    public async ValueTask AddAsync(Delivery delivery, CancellationToken ct)
    {
        await PostgresFaults.AskAsync(async () =>
        {
            await using var command = source.CreateCommand($"""
                INSERT INTO {Delivery} (id, namespace, webhook, url, host, job_seq, job, task, queue, event, at, state, attempts, due_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0, $12)
                """).Bind(
                Id(delivery.Id), Text(delivery.Namespace.Name), Text(delivery.Webhook), Text(delivery.Url), Text(delivery.Host), Number(delivery.JobSeq), Id(delivery.Job?.Value),
                Text(delivery.Task), Text(delivery.Queue), Small((int?)delivery.Event), Time(delivery.At), Time(delivery.DueAt));
            return await command.ExecuteNonQueryAsync(ct);
        });
        Arrived?.Invoke();
    }

    public async ValueTask<Delivery?> RedeliverAsync(Namespace ns, string webhook, Guid id, DateTimeOffset now, CancellationToken ct)
    {
        var again = await InTransactionAsync(
            async connection =>
            {
                await using var find = new NpgsqlCommand($"SELECT {Columns} FROM {Delivery} d WHERE d.namespace = $1 AND d.id = $2 AND d.webhook = $3 FOR UPDATE", connection)
                    .Bind(Text(ns.Name), Id(id), Text(webhook));
                if (await find.ListAsync(Read, ct) is not [var found]) return null;
                var (row, _) = await FindAsync(connection, ns, webhook, ct);
                var again = DeliveryRules.Again(found, row is { Url.Length: > 0 } ? row.Url : found.Url, now);
                await using var write = new NpgsqlCommand(
                    $"UPDATE {Delivery} SET state = 0, attempts = 0, due_at = $1, ended_at = NULL, error = NULL, url = $2, host = $3, held_by = NULL, held_until = NULL WHERE seq = $4", connection)
                    .Bind(Time(again.DueAt), Text(again.Url), Text(again.Host), Number(again.Seq));
                await write.ExecuteNonQueryAsync(ct);
                return again;
            }, ct);
        if (again is not null) Arrived?.Invoke();
        return again;
    }

    public async ValueTask<DeliveryPage> ListDeliveriesAsync(Namespace ns, string webhook, long? before, int limit, CancellationToken ct)
    {
        var items = await PostgresFaults.AskAsync(async () =>
        {
            await using var command = source.CreateCommand($"SELECT {Columns} FROM {Delivery} d WHERE d.namespace = $1 AND d.webhook = $2 AND d.seq < $3 ORDER BY d.seq DESC LIMIT $4")
                .Bind(Text(ns.Name), Text(webhook), Number(before ?? long.MaxValue), Number(limit));
            return await command.ListAsync(Read, ct);
        });
        return new DeliveryPage(items, items.Count == limit ? items[^1].Seq : null);
    }

    public async ValueTask<IReadOnlyList<Delivery>> DeliveriesOfAsync(Namespace ns, JobId job, CancellationToken ct) => await PostgresFaults.AskAsync(async () =>
    {
        await using var command = source.CreateCommand($"SELECT {Columns} FROM {Delivery} d WHERE d.namespace = $1 AND d.job = $2 ORDER BY d.seq LIMIT {MaxOfJob}").Bind(Text(ns.Name), Id(job.Value));
        return await command.ListAsync(Read, ct);
    });

    /// <summary>A row of <see cref="WebhookColumns"/>.</summary>
    public static WebhookRow ReadWebhook(NpgsqlDataReader r) => new()
    {
        Namespace = Namespace.FromStore(r.GetString(0)),
        Name = r.GetString(1),
        Url = r.GetString(2),
        Query = r.GetString(3),
        Events = [.. r.GetString(4).Split(' ').Select(number => (JobState)int.Parse(number, System.Globalization.CultureInfo.InvariantCulture))],
        Paused = r.GetBoolean(5),
        Gone = r.GetBoolean(6),
        Secrets = WebhookSecret.Read(r.GetString(7)),
        CreatedAt = r.Time(8),
        UpdatedAt = r.Time(9),
        Version = r.GetInt64(10),
    };

    private static Delivery Read(NpgsqlDataReader r) => new()
    {
        Seq = r.GetInt64(0),
        Id = r.GetGuid(1),
        Namespace = Namespace.FromStore(r.GetString(2)),
        Webhook = r.GetString(3),
        Url = r.GetString(4),
        JobSeq = r.GetInt64(5),
        Job = r.IdOrNull(6) is { } job ? new JobId(job) : null,
        Task = r.TextOrNull(7),
        Queue = r.TextOrNull(8),
        Event = (JobState?)r.NumberOrNull(9),
        At = r.Time(10),
        State = (DeliveryState)r.GetInt32(11),
        Attempts = r.GetInt32(12),
        DueAt = r.Time(13),
        Status = (int?)r.NumberOrNull(14),
        Response = r.TextOrNull(15),
        Error = r.TextOrNull(16),
        EndedAt = r.TimeOrNull(17),
    };

    /// <summary>Under the lock.</summary>
    private static async Task<(WebhookRow? Row, bool Changed)> ChangeAsync(
        NpgsqlConnection connection, Namespace ns, string name, Func<WebhookRow?, int, WebhookRow?> change, CancellationToken ct)
    {
        var (before, others) = await FindAsync(connection, ns, name, ct);
        if (change(before, others) is not { } row) return (before, false);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"""
            INSERT INTO {Webhook} (namespace, name, url, query, events, paused, gone, secrets, created_at, updated_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            ON CONFLICT (namespace, name) DO UPDATE SET url = excluded.url, query = excluded.query, events = excluded.events, paused = excluded.paused, gone = excluded.gone,
              secrets = excluded.secrets, created_at = excluded.created_at, updated_at = excluded.updated_at, version = excluded.version
            """).Bind(
            Text(ns.Name), Text(name), Text(row.Url), Text(row.Query), Text(string.Join(' ', row.Events.Select(state => (int)state))), Flag(row.Paused), Flag(row.Gone),
            Text(WebhookSecret.Write(row.Secrets)), Time(row.CreatedAt), Time(row.UpdatedAt), Number(row.Version)));
        if (before is not null && before.Url != row.Url)
        {
            var host = new Delivery { Id = default, Namespace = ns, Webhook = name, Url = row.Url, At = default, DueAt = default }.Host;
            batch.BatchCommands.Add(new NpgsqlBatchCommand($"UPDATE {Delivery} SET url = $1, host = $2 WHERE namespace = $3 AND webhook = $4 AND state = 0")
                .Bind(Text(row.Url), Text(host), Text(ns.Name), Text(name)));
        }
        await batch.ExecuteNonQueryAsync(ct);
        return (row, true);
    }

    /// <summary>One change of webhooks at a time, in all nodes, so that their number is bounded. The row is the one by which writers of jobs see that their book is old.</summary>
    private static async Task LockAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"SELECT value FROM {PostgresDialect.Schema}.epoch WHERE name = 'webhook' FOR UPDATE", connection);
        await command.ExecuteScalarAsync(ct);
    }

    /// <summary>The webhook, and how many the namespace has without its callback.</summary>
    private static async Task<(WebhookRow? Row, int Count)> FindAsync(NpgsqlConnection connection, Namespace ns, string name, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"SELECT {WebhookColumns} FROM {Webhook} w WHERE w.namespace = $1", connection).Bind(Text(ns.Name));
        var rows = await command.ListAsync(ReadWebhook, ct);
        return (rows.Find(row => row.Name == name), rows.Count(row => row.Name != WebhookRow.Callback));
    }

    private async Task<T> InTransactionAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken ct) => await PostgresFaults.AskAsync(async () =>
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var result = await work(connection);
        await transaction.CommitAsync(ct);
        return result;
    });
}
