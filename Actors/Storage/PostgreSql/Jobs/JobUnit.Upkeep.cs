using ActorPerf.Cluster;
using ActorPerf.Jobs;
using static ActorPerf.Storage.PostgreSql.PostgresValues;

namespace ActorPerf.Storage.PostgreSql;

/// <content>What time brings: lost runs, due and expired jobs. What another transaction holds is left to the next look.</content>
internal sealed partial class JobUnit
{
    private void Reap(JobWrite.Reap reap)
    {
        reap.Moved.Clear();
        var found = Query(
            $"""
            SELECT {Whole} FROM {PostgresJobRows.From} WHERE job.{PostgresJobSchema.Active} AND job.incarnation <> ALL ($1) AND ($3::bigint IS NULL OR job.started_at < $3)
            ORDER BY job.seq LIMIT $2 FOR UPDATE OF job SKIP LOCKED
            """, Ids(reap.Alive.Select(alive => (Guid?)alive.Value)), Small(reap.Limit), Time(reap.Before));
        foreach (var entry in found)
        {
            CrashPoints.Reach(CrashPoints.ReapSelected);
            if (entry.Row.Run is { } run) Move(entry, new JobCommand.Lose(run, _memory.Random.NextDouble()), reap.Moved);
        }
    }

    private void Sweep(JobWrite.Sweep sweep)
    {
        sweep.Moved.Clear();
        var now = PostgresTime.ToMicroseconds(_now);
        MoveAll($"job.expires_at <= $1 AND job.attempt = 0 AND {PostgresJobSchema.NotStarted}", now, sweep, new JobCommand.Expire());
        MoveAll($"job.run_at <= $1 AND {PostgresJobSchema.AwaitsTime}", now, sweep, new JobCommand.Release());
        _afterwards.Add(trip => trip.Read(
            $"SELECT min(run_at) FROM {S}.job WHERE {PostgresJobSchema.AwaitsTime}", r => sweep.NextDue = r.TimeOrNull(0)));
    }

    private void MoveAll(string where, long now, JobWrite.Sweep sweep, JobCommand command)
    {
        foreach (var entry in Query($"SELECT {Whole} FROM {PostgresJobRows.From} WHERE {where} ORDER BY job.seq LIMIT $2 FOR UPDATE OF job SKIP LOCKED", Number(now), Small(sweep.Limit)))
            Move(entry, command, sweep.Moved);
    }

    private void Move(JobEntry entry, JobCommand command, List<ActorPerf.Jobs.Job> moved)
    {
        if (JobRules.Decide(entry.Row, command, _now) is not JobDecision.Moved decision) return;
        Store(entry, decision);
        moved.Add(entry.Job);
    }
}
