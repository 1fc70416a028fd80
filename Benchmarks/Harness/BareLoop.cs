using System.Diagnostics;
using ActorPerf.Storage.Sqlite;

namespace ActorPerf.Benchmarks.Harness;

/// <summary>The limit of jobs in SQLite: one thread writes what a successful job leaves, with prepared statements, and nothing else happens.</summary>
/// <remarks>Schema, indexes, pragmas and durability are the node's. Every transaction takes in a batch of jobs, claims the batch before and finishes
/// the one before that, as a node does under steady load: job and payload row, the updates of the job, the result, three history rows, the counters.
/// A node starts some jobs in the transaction that stores them, which saves their claim; the loop does so with the same share of its jobs.</remarks>
internal sealed class BareLoop : IDisposable
{
    private const int CheckpointPages = 4_000;       // as the node does
    private static readonly byte[] Owner = Guid.CreateVersion7().ToByteArray(bigEndian: true);
    private static readonly Guid Digest = Guid.NewGuid();

    private readonly SqliteHandle _writer;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _job;
    private readonly SqliteStatement _payload;
    private readonly SqliteStatement _history;
    private readonly SqliteStatement _claim;
    private readonly SqliteStatement _finish;
    private readonly SqliteStatement _result;
    private readonly SqliteStatement _count;
    private long _seq;
    private long _historySeq;
    private long _finished;
    private readonly Queue<long> _queued = new();
    private readonly Queue<long> _running = new();
    private double _due;                     // of jobs to be started at once
    private int _pages;

    public BareLoop(string file)
    {
        // The node's own opening makes the schema.
        SqliteStorage.Open($"Data Source={file}", TimeProvider.System, new Random(1), fault => throw fault).Dispose();
        _writer = SqliteHandle.Open(file, readOnly: false);
        _writer.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;");
        _begin = _writer.Prepare("BEGIN IMMEDIATE");
        _commit = _writer.Prepare("COMMIT");
        _job = _writer.Prepare("""
            INSERT INTO job (seq, id, namespace, task, queue, priority, state, rank, run_at, max_attempts, backoff_initial, backoff_factor, backoff_max,
              digest, when_lost, attempt, excused, crashes, incarnation, lease, node, cached, created_at, started_at, version, history_seq)
            VALUES (?, ?, 'default', 'noop', 'noop', 5, ?, ?, ?, 5, 1000000, 2.0, 3600000000, ?, 0, ?, 0, 0, ?, ?, ?, 0, ?, ?, ?, ?)
            """);
        _payload = _writer.Prepare("INSERT INTO payload (job_seq, namespace, args) VALUES (?, 'default', CAST('{}' AS BLOB))");
        _history = _writer.Prepare("""
            INSERT INTO history (seq, namespace, kind, subject, version, at, from_state, to_state, attempt, incarnation, node, previous)
            VALUES (?, 'default', 1, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """);
        _claim = _writer.Prepare("""
            UPDATE job SET state = 3, attempt = 1, incarnation = ?, lease = ?, node = 'node-1', started_at = ?, version = 2, history_seq = ?
            WHERE seq = ? AND version = 1 AND state = 2
            """);
        _finish = _writer.Prepare("""
            UPDATE job SET state = 10, incarnation = NULL, lease = NULL, finished_at = ?, version = 3, history_seq = ?
            WHERE seq = ? AND version = 2 AND state = 3 AND incarnation = ?
            """);
        _result = _writer.Prepare("UPDATE payload SET result = CAST('0' AS BLOB) WHERE job_seq = ?");
        _count = _writer.Prepare("""
            INSERT INTO counter (namespace, queue, task, state, count) VALUES ('default', 'noop', 'noop', ?, ?)
            ON CONFLICT DO UPDATE SET count = count + excluded.count
            """);
    }

    /// <summary>The share of a node's newest jobs that it started in the transaction which stored them.</summary>
    /// <param name="file">Its database; 0 where it holds no job.</param>
    public static double ShareAtOnce(string file)
    {
        using var reader = SqliteHandle.Open(file, readOnly: true);
        var share = reader.Scalar("SELECT avg(started_at = created_at) FROM (SELECT started_at, created_at FROM job ORDER BY seq DESC LIMIT 10000)");
        return share is null ? 0 : double.Parse(share, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Writes for a time.</summary>
    /// <param name="batch">Jobs a transaction.</param>
    /// <param name="atOnce">The share of them that starts in it; 0 to 1.</param>
    public Measurement Run(int batch, double atOnce, TimeSpan window)
    {
        var before = _finished;
        var used = Usage.Here();
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < window) Transaction(batch, atOnce);
        return new Measurement(_finished - before, Stopwatch.GetElapsedTime(started), Usage.Here() - used);
    }

    public void Dispose() => _writer.Dispose();

    private void Transaction(int batch, double atOnce)
    {
        var (queued, running, finished) = (_queued.Count, _running.Count, _finished);
        _begin.Run();
        for (var i = 0; i < running; i++) Finish(_running.Dequeue());
        for (var i = 0; i < queued; i++) Claim(_queued.Dequeue());
        for (var i = 0; i < batch; i++)
        {
            _due += atOnce;
            if (_due >= 1) SubmitRunning();
            else SubmitQueued();
            _due -= _due >= 1 ? 1 : 0;
        }
        _count.Bind(2L).Bind((long)_queued.Count - queued).Run();
        _count.Bind(3L).Bind((long)_running.Count - running).Run();
        _count.Bind(10L).Bind(_finished - finished).Run();
        _commit.Run();
        _pages += _writer.TakePagesWritten();
        if (_pages < CheckpointPages) return;
        _pages = 0;
        _writer.Checkpoint();
    }

    private void SubmitQueued()
    {
        var (now, seq) = (Now(), ++_seq);
        _job.Bind(seq).Bind(Guid.CreateVersion7()).Bind(2L).Bind(now - 300_000_000).Bind(now).Bind(Digest).Bind(0L).BindNull().BindNull().BindNull()
            .Bind(now).BindNull().Bind(1L).Bind(++_historySeq).Run();
        _payload.Bind(seq).Run();
        Queued(seq, now);
        _queued.Enqueue(seq);
    }

    private void SubmitRunning()
    {
        var (now, seq) = (Now(), ++_seq);
        _job.Bind(seq).Bind(Guid.CreateVersion7()).Bind(3L).Bind(now - 300_000_000).Bind(now).Bind(Digest).Bind(1L).Bind(Owner).Bind(Guid.NewGuid()).Bind("node-1")
            .Bind(now).Bind(now).Bind(2L).Bind(_historySeq + 2).Run();
        _payload.Bind(seq).Run();
        ++_historySeq;
        Queued(seq, now);
        ++_historySeq;
        Started(seq, now);
        _running.Enqueue(seq);
    }

    private void Claim(long seq)
    {
        var now = Now();
        _claim.Bind(Owner).Bind(Guid.NewGuid()).Bind(now).Bind(++_historySeq).Bind(seq).Run();
        Started(seq, now);
        _running.Enqueue(seq);
    }

    private void Finish(long seq)
    {
        var now = Now();
        _finish.Bind(now).Bind(++_historySeq).Bind(seq).Bind(Owner).Run();
        _result.Bind(seq).Run();
        _history.Bind(_historySeq).Bind(seq).Bind(3L).Bind(now).Bind(3L).Bind(10L).Bind(1L).Bind(Owner).Bind("node-1").Bind(_historySeq - 1).Run();
        _finished++;
    }

    private void Queued(long seq, long now) =>
        _history.Bind(_historySeq).Bind(seq).Bind(1L).Bind(now).BindNull().Bind(2L).Bind(0L).BindNull().BindNull().BindNull().Run();

    private void Started(long seq, long now) =>
        _history.Bind(_historySeq).Bind(seq).Bind(2L).Bind(now).Bind(2L).Bind(3L).Bind(1L).Bind(Owner).Bind("node-1").Bind(_historySeq - 1).Run();

    private static long Now() => SqliteTime.ToMicroseconds(DateTimeOffset.UtcNow);
}
