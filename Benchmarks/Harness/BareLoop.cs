using System.Diagnostics;
using ActorPerf.Storage.Sqlite;

namespace ActorPerf.Benchmarks.Harness;

/// <summary>The limit of jobs in SQLite: one thread writes what a successful job leaves, with prepared statements, and nothing else happens.</summary>
/// <remarks>Schema, indexes, pragmas and durability are the node's. Every transaction takes in a batch of jobs, claims the batch before and finishes
/// the one before that, as a node does under steady load: job and payload row, two updates of the job, the result, three history rows, the counters.</remarks>
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
    private long _claimed;
    private long _finished;
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
              digest, when_lost, attempt, excused, crashes, cached, created_at, version, history_seq)
            VALUES (?, ?, 'default', 'noop', 'noop', 5, 2, ?, ?, 5, 1000000, 2.0, 3600000000, ?, 0, 0, 0, 0, 0, ?, 1, ?)
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

    /// <summary>Writes for a time.</summary>
    /// <param name="batch">Jobs a transaction.</param>
    public Measurement Run(int batch, TimeSpan window)
    {
        var before = _finished;
        var used = Usage.Here();
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < window) Transaction(batch);
        return new Measurement(_finished - before, Stopwatch.GetElapsedTime(started), Usage.Here() - used);
    }

    public void Dispose() => _writer.Dispose();

    private void Transaction(int batch)
    {
        var (submitted, claimed, finished) = (_seq, _claimed, _finished);
        _begin.Run();
        while (_finished < claimed) Finish(++_finished);
        while (_claimed < submitted) Claim(++_claimed);
        for (var i = 0; i < batch; i++) Submit(++_seq);
        _count.Bind(2L).Bind(_seq - submitted - (_claimed - claimed)).Run();
        _count.Bind(3L).Bind(_claimed - claimed - (_finished - finished)).Run();
        _count.Bind(10L).Bind(_finished - finished).Run();
        _commit.Run();
        _pages += _writer.TakePagesWritten();
        if (_pages < CheckpointPages) return;
        _pages = 0;
        _writer.Checkpoint();
    }

    private void Submit(long seq)
    {
        var now = Now();
        _job.Bind(seq).Bind(Guid.CreateVersion7()).Bind(now - 300_000_000).Bind(now).Bind(Digest).Bind(now).Bind(++_historySeq).Run();
        _payload.Bind(seq).Run();
        _history.Bind(_historySeq).Bind(seq).Bind(1L).Bind(now).BindNull().Bind(2L).Bind(0L).BindNull().BindNull().BindNull().Run();
    }

    private void Claim(long seq)
    {
        var now = Now();
        _claim.Bind(Owner).Bind(Guid.NewGuid()).Bind(now).Bind(++_historySeq).Bind(seq).Run();
        _history.Bind(_historySeq).Bind(seq).Bind(2L).Bind(now).Bind(2L).Bind(3L).Bind(1L).Bind(Owner).Bind("node-1").Bind(_historySeq - 1).Run();
    }

    private void Finish(long seq)
    {
        var now = Now();
        _finish.Bind(now).Bind(++_historySeq).Bind(seq).Bind(Owner).Run();
        _result.Bind(seq).Run();
        _history.Bind(_historySeq).Bind(seq).Bind(3L).Bind(now).Bind(3L).Bind(10L).Bind(1L).Bind(Owner).Bind("node-1").Bind(_historySeq - 1).Run();
    }

    private static long Now() => SqliteTime.ToMicroseconds(DateTimeOffset.UtcNow);
}
