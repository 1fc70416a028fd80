using ActorPerf.Jobs;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <summary>Webhooks and deliveries inside the writer's transaction. Lives on the write queue's thread; shared by the writers of jobs and of webhooks.</summary>
/// <remarks>The book is what the transaction under way sees; after a rollback it is read again before it is asked.</remarks>
internal sealed class SqliteDeliveries
{
    public const string WebhookColumns = "namespace, name, url, query, events, paused, gone, secrets, created_at, updated_at, version";

    public const string Columns = """
        d.seq, d.id, d.namespace, d.webhook, d.url, d.job_seq, d.job, d.task, d.queue, d.event, d.at, d.state, d.attempts, d.due_at, d.status, d.response, d.error, d.ended_at
        """;

    private readonly SqliteSession _session;
    private readonly Random _random;
    private readonly WebhookBook _book = new();
    private bool _changed;       // the book, in this transaction
    private bool _lost;          // the book says what was rolled back
    private bool _arrived;       // this transaction has something for the sender

    public SqliteDeliveries(SqliteSession session, Random random)
    {
        (_session, _random) = (session, random);
        Load();
    }

    /// <summary>Told after a commit that gave senders something to look at.</summary>
    public event Action? Reported;

    public WebhookBook Book
    {
        get
        {
            if (_lost) Load();
            return _book;
        }
    }

    /// <summary>Writes what a move is told to.</summary>
    public void Moved(JobRow was, JobRow next, DateTimeOffset now)
    {
        if (!Book.Concerns(next)) return;
        foreach (var delivery in Book.Deliveries(was, next, now, _random, () => Args(next.Seq))) Add(delivery);
    }

    public void Add(Delivery delivery)
    {
        _session["""
            INSERT INTO delivery (id, namespace, webhook, url, host, job_seq, job, task, queue, event, at, state, attempts, due_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?)
            """].Bind(delivery.Id).Bind(delivery.Namespace.Name).Bind(delivery.Webhook).Bind(delivery.Url).Bind(delivery.Host).Bind(delivery.JobSeq).Bind(delivery.Job?.Value)
            .Bind(delivery.Task).Bind(delivery.Queue).Bind((long?)delivery.Event).Bind(SqliteTime.ToMicroseconds(delivery.At)).Bind(SqliteTime.ToMicroseconds(delivery.DueAt)).Run();
        _arrived = true;
    }

    public WebhookRow? Change(Namespace ns, string name, Func<WebhookRow?, int, WebhookRow?> change)
    {
        var before = Book.Find(ns, name);
        if (change(before, Book.CountOf(ns)) is not { } row) return before;
        _session[$"INSERT OR REPLACE INTO webhook ({WebhookColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"]
            .Bind(ns.Name).Bind(name).Bind(row.Url).Bind(row.Query).Bind(WriteEvents(row.Events)).Bind(row.Paused ? 1L : 0L).Bind(row.Gone ? 1L : 0L)
            .Bind(WebhookSecret.Write(row.Secrets)).Bind(SqliteTime.ToMicroseconds(row.CreatedAt)).Bind(SqliteTime.ToMicroseconds(row.UpdatedAt)).Bind(row.Version).Run();
        if (before is not null && before.Url != row.Url)
        {
            var host = new Delivery { Id = default, Namespace = ns, Webhook = name, Url = row.Url, At = default, DueAt = default }.Host;
            _session["UPDATE delivery SET url = ?, host = ? WHERE namespace = ? AND webhook = ? AND state = 0"].Bind(row.Url).Bind(host).Bind(ns.Name).Bind(name).Run();
        }
        Book.Put(row);
        (_changed, _arrived) = (true, true);
        return row;
    }

    public bool Delete(Namespace ns, string name)
    {
        if (Book.Find(ns, name) is null) return false;
        _session["DELETE FROM webhook WHERE namespace = ? AND name = ?"].Bind(ns.Name).Bind(name).Run();
        _session["DELETE FROM delivery WHERE namespace = ? AND webhook = ?"].Bind(ns.Name).Bind(name).Run();
        Book.Remove(ns, name);
        _changed = true;
        return true;
    }

    public void Write(DeliveryOutcome outcome)
    {
        var (before, after) = (outcome.Before, outcome.After);
        var written = _session["""
            UPDATE delivery SET state = ?, attempts = ?, due_at = ?, status = ?, response = ?, error = ?, ended_at = ? WHERE id = ? AND state = 0 AND attempts = ?
            """].Bind((long)after.State).Bind((long)after.Attempts).Bind(SqliteTime.ToMicroseconds(after.DueAt)).Bind((long?)after.Status).Bind(after.Response).Bind(after.Error)
            .Bind(SqliteTime.ToMicroseconds(after.EndedAt)).Bind(before.Id).Bind((long)before.Attempts).Run();
        if (written == 0 || !outcome.IsGone || after.Webhook == WebhookRow.Callback || after.EndedAt is not { } now) return;
        Change(after.Namespace, after.Webhook, (row, _) => row is null ? null : WebhookRules.Gone(row, now));
        _session["UPDATE delivery SET state = 2, error = ?, ended_at = ? WHERE namespace = ? AND webhook = ? AND state = 0"]
            .Bind(after.Error).Bind(SqliteTime.ToMicroseconds(now)).Bind(after.Namespace.Name).Bind(after.Webhook).Run();
    }

    public Delivery? Redeliver(Namespace ns, string webhook, Guid id, DateTimeOffset now)
    {
        if (One(_session[$"SELECT {Columns} FROM delivery d WHERE d.namespace = ? AND d.id = ? AND d.webhook = ?"].Bind(ns.Name).Bind(id).Bind(webhook)) is not { } found) return null;
        var again = DeliveryRules.Again(found, Book.Find(ns, webhook) is { Url.Length: > 0 } row ? row.Url : found.Url, now);
        _session["UPDATE delivery SET state = 0, attempts = 0, due_at = ?, ended_at = NULL, error = NULL, url = ?, host = ? WHERE seq = ?"]
            .Bind(SqliteTime.ToMicroseconds(again.DueAt)).Bind(again.Url).Bind(again.Host).Bind(again.Seq).Run();
        _arrived = true;
        return again;
    }

    /// <summary>Deletes what is over its time; rows deleted.</summary>
    public int Prune(DateTimeOffset now, int limit) =>
        _session["DELETE FROM delivery WHERE seq IN (SELECT seq FROM delivery WHERE state = 1 AND ended_at < ? LIMIT ?)"]
            .Bind(SqliteTime.ToMicroseconds(now - DeliveryRules.KeepDelivered)).Bind((long)limit).Run()
        + _session["DELETE FROM delivery WHERE seq IN (SELECT seq FROM delivery WHERE state = 2 AND ended_at < ? LIMIT ?)"]
            .Bind(SqliteTime.ToMicroseconds(now - DeliveryRules.KeepFailed)).Bind((long)limit).Run();

    /// <summary>The transaction is durable. Repeats are harmless, for each feature of the transaction says so.</summary>
    public void Committed()
    {
        var arrived = _arrived;
        (_changed, _arrived) = (false, false);
        if (arrived) Reported?.Invoke();
    }

    /// <summary>The transaction was rolled back.</summary>
    public void Forget()
    {
        _lost |= _changed;
        (_changed, _arrived) = (false, false);
    }

    public static WebhookRow ReadWebhook(SqliteStatement s) => new()
    {
        Namespace = Namespace.FromStore(s.Text(0)),
        Name = s.Text(1),
        Url = s.Text(2),
        Query = s.Text(3),
        Events = [.. s.Text(4).Split(' ').Select(number => (JobState)int.Parse(number, System.Globalization.CultureInfo.InvariantCulture))],
        Paused = s.Int(5) != 0,
        Gone = s.Int(6) != 0,
        Secrets = WebhookSecret.Read(s.Text(7)),
        CreatedAt = SqliteTime.ToTime(s.Long(8)),
        UpdatedAt = SqliteTime.ToTime(s.Long(9)),
        Version = s.Long(10),
    };

    public static Delivery Read(SqliteStatement s) => new()
    {
        Seq = s.Long(0),
        Id = s.Guid(1),
        Namespace = Namespace.FromStore(s.Text(2)),
        Webhook = s.Text(3),
        Url = s.Text(4),
        JobSeq = s.Long(5),
        Job = s.GuidOrNull(6) is { } job ? new JobId(job) : null,
        Task = s.TextOrNull(7),
        Queue = s.TextOrNull(8),
        Event = (JobState?)s.LongOrNull(9),
        At = SqliteTime.ToTime(s.Long(10)),
        State = (DeliveryState)s.Int(11),
        Attempts = s.Int(12),
        DueAt = SqliteTime.ToTime(s.Long(13)),
        Status = (int?)s.LongOrNull(14),
        Response = s.TextOrNull(15),
        Error = s.TextOrNull(16),
        EndedAt = SqliteTime.ToTime(s.LongOrNull(17)),
    };

    public static Delivery? One(SqliteStatement s)
    {
        var delivery = s.Step() ? Read(s) : null;
        s.Reset();
        return delivery;
    }

    private static string WriteEvents(IReadOnlyList<JobState> events) => string.Join(' ', events.Select(state => (int)state));

    private ReadOnlyMemory<byte> Args(long seq)
    {
        var s = _session["SELECT args FROM payload WHERE job_seq = ?"].Bind(seq);
        var args = s.Step() ? s.BlobOrNull(0) : null;
        s.Reset();
        return args;
    }

    private void Load()
    {
        _lost = false;
        _book.Clear();
        var s = _session[$"SELECT {WebhookColumns} FROM webhook"];
        while (s.Step()) _book.Put(ReadWebhook(s));
        s.Reset();
    }
}
