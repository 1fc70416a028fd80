using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <content>What time brings: lost runs, due and expired jobs; and what it takes to delete one.</content>
internal sealed partial class SqliteJobWriter
{
    private void Reap(JobWrite.Reap reap)
    {
        reap.Moved.Clear();
        var lost = reap.Before is { } before
            ? FindMany($"{SqliteSchema.Active} AND started_at < ?", s => s.Bind(SqliteTime.ToMicroseconds(before)), reap.Limit, reap.Alive)
            : FindMany(SqliteSchema.Active, static s => s, reap.Limit, reap.Alive);
        foreach (var job in lost)
        {
            CrashPoints.Reach(CrashPoints.ReapSelected);
            var decision = JobRules.Decide(job.Row, new JobCommand.Lose(job.Row.Run!.Value, _random.NextDouble()), _now);
            if (decision is JobDecision.Moved moved && Store(job.Row, moved) is { } next) reap.Moved.Add(job with { Row = next });
        }
    }

    private void Sweep(JobWrite.Sweep sweep)
    {
        sweep.Moved.Clear();
        var now = SqliteTime.ToMicroseconds(_now);
        MoveAll($"expires_at <= ? AND attempt = 0 AND {SqliteSchema.NotStarted}", now, sweep, new JobCommand.Expire());
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

    private void Delete(JobRow row)
    {
        _session["DELETE FROM job WHERE seq = ?"].Bind(row.Seq).Run();
        if (_hasTerms) DeleteTerms(row);
        _session["DELETE FROM payload WHERE job_seq = ?"].Bind(row.Seq).Run();
        _session["DELETE FROM attempt WHERE job_seq = ?"].Bind(row.Seq).Run();
        if (_hasNotes) _session["DELETE FROM run_note WHERE job_seq = ?"].Bind(row.Seq).Run();
        DeleteTags(row);
        _edges.Delete(row);
        Count(row, row.State, -1);
    }
}
