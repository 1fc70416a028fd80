using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <content>Limits: claims under them, what they count, and settings of queues. <see cref="FlowBook"/> says how jobs are passed over and found again.</content>
internal sealed partial class SqliteJobWriter : IFlowRows
{
    private readonly FlowBook _flow = new();
    private readonly Dictionary<string, long> _active = new(StringComparer.Ordinal);      // running or cancelling, by queue; as committed
    private readonly List<(string Queue, long Delta)> _activeDeltas = [];                 // written, not yet committed
    private bool _flowLost;

    public long Running(string queue)
    {
        var running = _active.GetValueOrDefault(queue);
        foreach (var (key, delta) in _deltas)
            if (key.State.IsActive && key.Queue == queue) running += delta;
        return running;
    }

    public void Block(JobRow row) => _session["UPDATE job SET blocked = 1 WHERE seq = ?"].Bind(row.Seq).Run();

    public int Unblock(FlowLine line, int count) => _session[$"""
        UPDATE job SET blocked = NULL WHERE seq IN
          (SELECT seq FROM job INDEXED BY job_blocked WHERE queue = ? AND namespace = ? AND limit_key = ? AND {SqliteSchema.Blocked} ORDER BY rank, seq LIMIT ?)
        """].Bind(line.Queue.Name).Bind(line.Key.Namespace.Name).Bind(line.Key.Name).Bind((long)count).Run();

    private void ClaimUnder(FlowPass pass, JobWrite.Claim claim)
    {
        pass.Open();
        while (pass.Left > 0)
        {
            var asked = pass.Rows;
            var found = First(claim.Queue, asked);
            foreach (var job in found)
            {
                if (pass.Left == 0) break;
                if (!JobRules.IsOverdue(job.Row, _now) && !pass.Passes(job.Row)) continue;
                if (Take(claim, job) is { State: JobState.Running } taken) pass.Took(taken);
            }
            if (found.Count < asked) break;
        }
        pass.Close();
    }

    /// <summary>Whether a move of this job takes a mark away.</summary>
    private bool IsBlocked(JobRow row)
    {
        if (row.LimitKey is null || !_flow.MayBeBlocked(row)) return false;
        var s = _session["SELECT blocked FROM job WHERE seq = ?"].Bind(row.Seq);
        var blocked = s.Step() && !s.IsNull(0);
        s.Reset();
        return blocked;
    }

    private void SetQueue(JobWrite.SetQueue set)
    {
        var before = _flow.Overrides.GetValueOrDefault(set.Queue) ?? QueueOverrides.None;
        set.Now = set.Setting?.Apply(before) ?? QueueOverrides.None;
        if (set.Now == before) return;
        if (set.Now.IsNone) _session["DELETE FROM queue_setting WHERE queue = ?"].Bind(set.Queue).Run();
        else WriteSetting(set.Queue, set.Now);
        _history.Write(QueueNote.Of(set.Queue, set.Now), _now);
        _flow.Set(set.Queue, set.Now);
    }

    private void WriteSetting(string queue, QueueOverrides now) => _session["""
        INSERT OR REPLACE INTO queue_setting (queue, paused, concurrency, rate_limit, rate_per, key_concurrency, key_rate_limit, key_rate_per, changed_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """].Bind(queue).Bind(now.Paused is { } paused ? paused ? 1L : 0L : null).Bind((long?)now.Concurrency)
        .Bind((long?)now.Rate?.Limit).Bind(Microseconds(now.Rate?.Per)).Bind((long?)now.KeyConcurrency)
        .Bind((long?)now.KeyRate?.Limit).Bind(Microseconds(now.KeyRate?.Per)).Bind(SqliteTime.ToMicroseconds(_now)).Run();

    private void FlushFlow()
    {
        foreach (var key in _flow.TakeDirtyKeys()) WriteKey(key);
        foreach (var queue in _flow.TakeDirtyQueues()) WriteStarts(queue);
    }

    private void WriteKey(FlowKey key)
    {
        if (key.IsIdle)
        {
            _session["DELETE FROM limit_key WHERE namespace = ? AND key = ?"].Bind(key.Namespace.Name).Bind(key.Name).Run();
            return;
        }
        _session["INSERT OR REPLACE INTO limit_key (namespace, key, running, queued, queue, starts) VALUES (?, ?, ?, ?, ?, ?)"]
            .Bind(key.Namespace.Name).Bind(key.Name).Bind(key.Running).Bind(key.Queued).Bind(key.LastQueue).Bind(key.Starts.Write()).Run();
    }

    private void WriteStarts(FlowQueue queue)
    {
        if (queue.Starts.IsEmpty) _session["DELETE FROM queue_starts WHERE queue = ?"].Bind(queue.Name).Run();
        else _session["INSERT OR REPLACE INTO queue_starts (queue, starts) VALUES (?, ?)"].Bind(queue.Name).Bind(queue.Starts.Write()).Run();
    }

    /// <summary>Fills the book with what is stored. In the transaction, or before the first one.</summary>
    private void LoadFlow()
    {
        _flowLost = false;
        _flow.Clear();
        foreach (var (queue, overrides) in SqliteFlowReader.Settings(_session)) _flow.Put(queue, overrides);
        var s = _session["SELECT namespace, key, running, queued, queue, starts FROM limit_key"];
        while (s.Step()) _flow.PutKey(Namespace.FromStore(s.Text(0)), s.Text(1), s.Long(2), s.Long(3), s.TextOrNull(4), RateWindow.Read(s.TextOrNull(5)));
        s = _session["SELECT queue, starts FROM queue_starts"];
        while (s.Step()) _flow.PutStarts(s.Text(0), RateWindow.Read(s.Text(1)));
        s = _session[$"SELECT namespace, limit_key, queue, count(*) FROM job WHERE {SqliteSchema.Blocked} GROUP BY queue, namespace, limit_key"];
        while (s.Step()) _flow.PutBlocked(Namespace.FromStore(s.Text(0)), s.Text(1), s.Text(2), s.Long(3));
        s.Reset();
    }

    private void LoadActive()
    {
        var s = _session["SELECT queue, sum(count) FROM counter WHERE state = 3 OR state = 5 GROUP BY queue"];
        while (s.Step()) _active[s.Text(0)] = s.Long(1);
        s.Reset();
    }

    private void CommitActive()
    {
        foreach (var (queue, delta) in _activeDeltas) _active[queue] = _active.GetValueOrDefault(queue) + delta;
        _activeDeltas.Clear();
    }
}
