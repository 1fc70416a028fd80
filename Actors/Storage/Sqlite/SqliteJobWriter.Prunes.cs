using ActorPerf.Cluster;
using ActorPerf.Jobs;

namespace ActorPerf.Storage.Sqlite;

/// <content>Retention: deletes what is over its time and nobody needs, and stops when the others have waited long enough.</content>
internal sealed partial class SqliteJobWriter
{
    private void Prune(JobWrite.Prune prune)
    {
        var began = _time.GetTimestamp();
        prune.Deleted = 0;
        _flow.Prune(_now);
        var page = PrunePage(prune, out var last);
        var rerunnable = new Dictionary<long, bool>();
        foreach (var (seq, over, inGraph) in page)
        {
            if (_time.GetElapsedTime(began) >= PruneBatch.Budget)
            {
                last = false;
                break;
            }
            prune.Cursor = seq;
            // The newest row stays, so that its number is never given again.
            if (!over || seq == _seq || HasDependents(seq) || IsAnswer(seq) || IsOwed(seq) || (inGraph && IsKeptByRerun(seq, rerunnable))) continue;
            Delete(PrunedRow(seq));
            CrashPoints.Reach(CrashPoints.PruneBeforeCommit);
            prune.Deleted++;
        }
        if (last) prune.Cursor = 0;
        if (_time.GetElapsedTime(began) < PruneBatch.Budget) prune.Deleted += PruneBeside(prune);
        prune.Took = _time.GetElapsedTime(began);
    }

    /// <summary>The next rows, and whether each is over its time. Rows stand in the order of their submission, so the first that is too young for any rule ends the walk.</summary>
    private List<(long Seq, bool Over, bool InGraph)> PrunePage(JobWrite.Prune prune, out bool last)
    {
        var page = new List<(long, bool, bool)>(prune.Limit);
        var s = _session["SELECT seq, queue, task, state, finished_at, created_at, workflow IS NOT NULL FROM job WHERE seq > ? ORDER BY seq LIMIT ?"]
            .Bind(prune.Cursor).Bind((long)prune.Limit);
        last = true;
        while (s.Step())
        {
            if (SqliteTime.ToTime(s.Long(5)) > _now - prune.Rules.Shortest)
            {
                last = true;
                break;
            }
            last = false;
            var over = s.LongOrNull(4) is { } finished && SqliteTime.ToTime(finished) < _now - prune.Rules.Of(s.Text(1), s.Text(2), (JobState)s.Int(3));
            page.Add((s.Long(0), over, s.Int(6) != 0 && (JobState)s.Int(3) == JobState.Succeeded));
        }
        s.Reset();
        if (page.Count < prune.Limit) last = true;
        return page;
    }

    /// <summary>An unfinished job depends on it.</summary>
    private bool HasDependents(long seq) => Exists(_session["""
        SELECT 1 FROM edge JOIN job child ON child.seq = edge.child_seq
        WHERE edge.namespace = (SELECT namespace FROM job WHERE seq = ?1) AND edge.parent_seq = ?1 AND child.state < 10 LIMIT 1
        """].Bind(seq));

    /// <summary>It succeeded in a workflow of which another job did not: running that again needs this one's result. Each workflow is looked at once per prune.</summary>
    private bool IsKeptByRerun(long seq, Dictionary<long, bool> rerunnable)
    {
        var workflows = new List<long>();
        var s = _session["SELECT workflow_seq FROM workflow_job WHERE job_seq = ?"].Bind(seq);
        while (s.Step()) workflows.Add(s.Long(0));
        s.Reset();
        var kept = false;
        foreach (var workflow in workflows)
        {
            if (!rerunnable.TryGetValue(workflow, out var may))
            {
                rerunnable.Add(workflow, may = Exists(_session["""
                    SELECT 1 FROM workflow_job member JOIN job ON job.seq = member.job_seq
                    WHERE member.namespace = (SELECT namespace FROM workflow WHERE seq = ?1) AND member.workflow_seq = ?1 AND job.state <> 10 LIMIT 1
                    """].Bind(workflow)));
            }
            kept |= may;
        }
        return kept;
    }

    /// <summary>An idempotency key still answers with it.</summary>
    private bool IsAnswer(long seq) => Exists(_session["SELECT 1 FROM idempotency WHERE job_seq = ? AND expires_at > ? LIMIT 1"]
        .Bind(seq).Bind(SqliteTime.ToMicroseconds(_now)));

    /// <summary>A webhook is still to be told of it.</summary>
    private bool IsOwed(long seq) => Exists(_session["SELECT 1 FROM delivery WHERE job = (SELECT id FROM job WHERE seq = ?1) AND job_seq = ?1 AND state = 0 LIMIT 1"].Bind(seq));

    private static bool Exists(SqliteStatement s)
    {
        var exists = s.Step();
        s.Reset();
        return exists;
    }

    private JobRow PrunedRow(long seq)
    {
        var s = _session[$"SELECT {SqliteJobRows.Columns} FROM job WHERE seq = ?"].Bind(seq);
        s.Step();
        var row = _rows.Read(s);
        s.Reset();
        return row;
    }

    /// <summary>Idempotency keys, deliveries and history rows whose time is over.</summary>
    private int PruneBeside(JobWrite.Prune prune) =>
        _deliveries.Prune(_now, prune.Limit)
        + _session["DELETE FROM idempotency WHERE (namespace, key) IN (SELECT namespace, key FROM idempotency WHERE expires_at <= ? LIMIT ?)"]
            .Bind(SqliteTime.ToMicroseconds(_now)).Bind((long)prune.Limit).Run()
        + _session["DELETE FROM history WHERE seq IN (SELECT seq FROM history WHERE seq < ? ORDER BY seq LIMIT ?) AND at < ?"]
            .Bind(_history.Seq).Bind((long)prune.Limit).Bind(SqliteTime.ToMicroseconds(_now - prune.Rules.History)).Run();
}
