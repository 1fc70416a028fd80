using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <summary>Webhooks in a SQLite file.</summary>
/// <param name="deliveries">The job writer's own, so that both see one book.</param>
internal sealed class SqliteWebhookStore(SqliteDatabase database, SqliteDeliveries deliveries) : IWebhookStore, IWriteHandler
{
    private const int BytesOfARow = 1_024;
    private const int MaxOfJob = 500;

    public event Action? Arrived
    {
        add => deliveries.Reported += value;
        remove => deliveries.Reported -= value;
    }

    public ValueTask<IReadOnlyList<WebhookRow>> ListAsync(Namespace ns, CancellationToken ct) =>
        database.Reads.RunAsync<IReadOnlyList<WebhookRow>>(session => session.Snapshot(snapshot => Webhooks(
            snapshot[$"SELECT {SqliteDeliveries.WebhookColumns} FROM webhook WHERE namespace = ? ORDER BY name"].Bind(ns.Name))), ct);

    public async ValueTask<WebhookRow?> ReadAsync(Namespace ns, string name, CancellationToken ct) =>
        await database.Reads.RunAsync(session => Webhooks(
            session[$"SELECT {SqliteDeliveries.WebhookColumns} FROM webhook WHERE namespace = ? AND name = ?"].Bind(ns.Name).Bind(name)), ct) is [var row] ? row : null;

    public ValueTask<WebhookRow?> ChangeAsync(Namespace ns, string name, Func<WebhookRow?, int, WebhookRow?> change, CancellationToken ct) =>
        PostAsync(() => deliveries.Change(ns, name, change), ct);

    public ValueTask<bool> DeleteAsync(Namespace ns, string name, CancellationToken ct) => PostAsync(() => deliveries.Delete(ns, name), ct);

    public ValueTask<DueDeliveries> ReadDueAsync(DateTimeOffset now, IReadOnlyCollection<string> exceptHosts, int limit, CancellationToken ct) =>
        database.Reads.RunAsync(session => session.Snapshot(snapshot => Due(snapshot, SqliteTime.ToMicroseconds(now), exceptHosts, limit)), ct);

    public async ValueTask WriteAsync(DeliveryOutcome outcome, CancellationToken ct) => await PostAsync(
        () =>
        {
            deliveries.Write(outcome);
            return true;
        }, ct);

    public async ValueTask AddAsync(Delivery delivery, CancellationToken ct) => await PostAsync(
        () =>
        {
            deliveries.Add(delivery);
            return true;
        }, ct);

    public ValueTask<Delivery?> RedeliverAsync(Namespace ns, string webhook, Guid id, DateTimeOffset now, CancellationToken ct) =>
        PostAsync(() => deliveries.Redeliver(ns, webhook, id, now), ct);

    public async ValueTask<DeliveryPage> ListDeliveriesAsync(Namespace ns, string webhook, long? before, int limit, CancellationToken ct)
    {
        var items = await database.Reads.RunAsync(session => session.Snapshot(snapshot => Deliveries(
            snapshot[$"SELECT {SqliteDeliveries.Columns} FROM delivery d WHERE d.namespace = ? AND d.webhook = ? AND d.seq < ? ORDER BY d.seq DESC LIMIT ?"]
                .Bind(ns.Name).Bind(webhook).Bind(before ?? long.MaxValue).Bind((long)limit))), ct);
        return new DeliveryPage(items, items.Count == limit ? items[^1].Seq : null);
    }

    public ValueTask<IReadOnlyList<Delivery>> DeliveriesOfAsync(Namespace ns, JobId job, CancellationToken ct) =>
        database.Reads.RunAsync<IReadOnlyList<Delivery>>(session => session.Snapshot(snapshot => Deliveries(
            snapshot[$"SELECT {SqliteDeliveries.Columns} FROM delivery d WHERE d.namespace = ? AND d.job = ? ORDER BY d.seq LIMIT {MaxOfJob}"].Bind(ns.Name).Bind(job.Value))), ct);

    public void Apply(object write) => ((IWork)write).Apply();

    public void Flush()
    {
    }

    public void Forget() => deliveries.Forget();

    public void Committed(IReadOnlyList<object> writes)
    {
        deliveries.Committed();
        foreach (var write in writes) ((IWork)write).Done();
    }

    public void Failed(object write, Exception cause) => ((IWork)write).Fail(
        cause as StoreUnavailableException ?? new StoreUnavailableException("The webhook could not be written. Nothing changed; try again.", cause));

    private ValueTask<T> PostAsync<T>(Func<T> apply, CancellationToken ct)
    {
        var work = new Work<T>(apply);
        if (!database.Queue.TryPost(work, this, urgent: false, BytesOfARow)) throw new StoreUnavailableException();
        return new ValueTask<T>(work.Task.WaitAsync(ct));
    }

    private static DueDeliveries Due(SqliteSession session, long now, IReadOnlyCollection<string> exceptHosts, int limit)
    {
        var others = exceptHosts.Count == 0 ? "" : $" AND d.host NOT IN ({string.Join(", ", Enumerable.Repeat("?", exceptHosts.Count))})";
        var s = session[$"""
            SELECT {SqliteDeliveries.Columns} FROM delivery d WHERE d.state = 0 AND d.due_at <= ?{others}
              AND NOT EXISTS (SELECT 1 FROM webhook w WHERE w.namespace = d.namespace AND w.name = d.webhook AND w.paused = 1)
              AND NOT EXISTS (SELECT 1 FROM delivery b WHERE b.job = d.job AND b.webhook = d.webhook AND b.namespace = d.namespace AND b.state = 0 AND b.seq < d.seq)
            ORDER BY d.due_at LIMIT ?
            """].Bind(now);
        foreach (var host in exceptHosts) s.Bind(host);
        var items = Deliveries(s.Bind((long)limit));
        s = session["SELECT min(due_at) FROM delivery WHERE state = 0 AND due_at > ?"].Bind(now);
        var next = s.Step() ? SqliteTime.ToTime(s.LongOrNull(0)) : null;
        s.Reset();
        return new DueDeliveries(items, next);
    }

    private static List<WebhookRow> Webhooks(SqliteStatement s)
    {
        var rows = new List<WebhookRow>();
        while (s.Step()) rows.Add(SqliteDeliveries.ReadWebhook(s));
        s.Reset();
        return rows;
    }

    private static List<Delivery> Deliveries(SqliteStatement s)
    {
        var rows = new List<Delivery>();
        while (s.Step()) rows.Add(SqliteDeliveries.Read(s));
        s.Reset();
        return rows;
    }

    private interface IWork
    {
        void Apply();

        void Done();

        void Fail(Exception cause);
    }

    private sealed class Work<T>(Func<T> apply) : TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously), IWork
    {
        private T _result = default!;

        public void Apply() => _result = apply();

        public void Done() => TrySetResult(_result);

        public void Fail(Exception cause) => TrySetException(cause);
    }
}
