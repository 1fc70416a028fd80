using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <content>What time brings: lost runs, due and expired jobs, and what retention no longer keeps.</content>
internal sealed partial class SqliteJobWriter
{
    private void Reap(JobWrite.Reap reap)
    {
        reap.Moved.Clear();
        foreach (var job in FindMany(SqliteSchema.Active, static s => s, reap.Limit, reap.Alive))
        {
            var decision = JobRules.Decide(job.Row, new JobCommand.Lose(job.Row.Run!.Value, _random.NextDouble()), _now);
            if (decision is JobDecision.Moved moved && Store(job.Row, moved) is { } next) reap.Moved.Add(job with { Row = next });
        }
    }

    private void Sweep(JobWrite.Sweep sweep)
    {
        sweep.Moved.Clear();
        var now = SqliteTime.ToMicroseconds(_now);
        MoveAll($"expires_at <= ? AND {SqliteSchema.NotStarted}", now, sweep, new JobCommand.Expire());
        MoveAll($"run_at <= ? AND {SqliteSchema.AwaitsTime}", now, sweep, new JobCommand.Release());
        var s = _session[$"SELECT min(run_at) FROM job WHERE {SqliteSchema.AwaitsTime}"];
        sweep.NextDue = s.Step() ? SqliteTime.ToTime(s.LongOrNull(0)) : null;
        s.Reset();
    }

    private void MoveAll(string where, long now, JobWrite.Sweep sweep, JobCommand command)
    {
        foreach (var job in FindMany(where, s => s.Bind(now), sweep.Limit, []))
        {
            if (JobRules.Decide(job.Row, command, _now) is JobDecision.Moved moved && Store(job.Row, moved) is { } next)
                sweep.Moved.Add(job with { Row = next });
        }
    }

    private void Prune(JobWrite.Prune prune)
    {
        prune.Deleted = 0;
        _flow.Prune(_now);
        var rows = new List<JobRow>();
        var s = _session[$"SELECT {SqliteJobRows.Columns} FROM job WHERE seq > ? ORDER BY seq LIMIT ?"].Bind(prune.Cursor).Bind((long)prune.Limit);
        while (s.Step()) rows.Add(_rows.Read(s));
        s.Reset();
        foreach (var row in rows)
        {
            // The newest row stays, so that its number is never given again.
            if (!row.State.IsFinal || row.Seq == _seq) continue;
            if (row.FinishedAt >= (row.State == JobState.Succeeded ? prune.SucceededBefore : prune.FailedBefore)) continue;
            if (_edges.IsNeeded(row)) continue;
            Delete(row);
            prune.Deleted++;
        }
        prune.Cursor = rows.Count < prune.Limit ? 0 : rows[^1].Seq;
        prune.Deleted += _session["DELETE FROM idempotency WHERE (namespace, key) IN (SELECT namespace, key FROM idempotency WHERE expires_at <= ? LIMIT ?)"]
            .Bind(SqliteTime.ToMicroseconds(_now)).Bind((long)prune.Limit).Run();
        prune.Deleted += _session["DELETE FROM history WHERE seq IN (SELECT seq FROM history WHERE seq < ? ORDER BY seq LIMIT ?) AND at < ?"]
            .Bind(_historySeq).Bind((long)prune.Limit).Bind(SqliteTime.ToMicroseconds(prune.HistoryBefore)).Run();
    }

    private void Delete(JobRow row)
    {
        _session["DELETE FROM job WHERE seq = ?"].Bind(row.Seq).Run();
        _session["DELETE FROM payload WHERE job_seq = ?"].Bind(row.Seq).Run();
        _session["DELETE FROM attempt WHERE job_seq = ?"].Bind(row.Seq).Run();
        foreach (var tag in row.Tags)
            _session["DELETE FROM tag WHERE namespace = ? AND tag = ? AND job_seq = ?"].Bind(row.Namespace.Name).Bind(tag).Bind(row.Seq).Run();
        _edges.Delete(row);
        Count(row, row.State, -1);
    }
}
