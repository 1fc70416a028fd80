using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Webhooks;
using static ActorPerf.Storage.PostgreSql.PostgresValues;

namespace ActorPerf.Storage.PostgreSql;

/// <content>The end of rows: a client deletes a job, or retention what is over its time and nobody needs.</content>
internal sealed partial class JobUnit
{
    // An unfinished job depends on it; an idempotency key still answers with it; a webhook is still to be told of it.
    private const string Dependents = $"EXISTS (SELECT 1 FROM {S}.edge e JOIN {S}.job child ON child.seq = e.child_seq WHERE e.namespace = job.namespace AND e.parent_seq = job.seq AND child.state < 10)";
    private const string Answers = $"EXISTS (SELECT 1 FROM {S}.idempotency i WHERE i.job_seq = job.seq AND i.expires_at > $3)";
    private const string Owed = $"EXISTS (SELECT 1 FROM {S}.delivery d WHERE d.job = job.id AND d.job_seq = job.seq AND d.state = 0)";

    // It succeeded in a workflow of which another job did not: running that again needs this one's result.
    private const string Rerunnable = $"""
        job.state = 10 AND job.workflow IS NOT NULL AND EXISTS (SELECT 1 FROM {S}.workflow_job own
            JOIN {S}.workflow_job other ON other.namespace = own.namespace AND other.workflow_seq = own.workflow_seq JOIN {S}.job member ON member.seq = other.job_seq
            WHERE own.job_seq = job.seq AND member.state <> 10)
        """;

    private void Delete(JobWrite.Delete delete)
    {
        (delete.Deleted, delete.Refusal) = (null, null);
        if (Find(delete.Namespace, delete.Id) is not { } entry) return;
        if (!entry.Row.State.IsFinal) delete.Refusal = JobActions.Conflict(entry.Row, "be deleted");
        else if (HasDependents(entry.Row.Seq)) delete.Refusal = JobRefusals.Needed(entry.Row.Id);
        else
        {
            Delete(entry.Row);
            delete.Deleted = entry.Job;
        }
    }

    private bool HasDependents(long seq)
    {
        var has = false;
        new RoundTrip(_connection).Read($"SELECT {Dependents} FROM {S}.job WHERE job.seq = $1", r => has = r.GetBoolean(0), Number(seq)).Go();
        return has;
    }

    private void Delete(JobRow row)
    {
        _changes.Deleted.Add(row);
        _changes.Count(row, row.State, -1);
    }

    private void Prune(JobWrite.Prune prune)
    {
        var began = TimeProvider.System.GetTimestamp();
        prune.Deleted = 0;
        var looked = 0;
        var young = false;
        // Rows stand in the order of their submission, so the first that is too young for any rule ends the walk. One that another transaction holds is met in the next walk.
        var page = new List<(long Seq, bool Over)>();
        new RoundTrip(_connection).Read(
            $"""
            SELECT job.seq, job.queue, job.task, job.state, job.finished_at, job.created_at, {Dependents} OR {Answers} OR {Owed} OR {Rerunnable}
            FROM {S}.job WHERE job.seq > $1 ORDER BY job.seq LIMIT $2
            """,
            r =>
            {
                looked++;
                young |= r.Time(5) > _now - prune.Rules.Shortest;
                if (young) return;
                var over = r.TimeOrNull(4) is { } finished && finished < _now - prune.Rules.Of(r.GetString(1), r.GetString(2), (JobState)r.GetInt16(3));
                page.Add((r.GetInt64(0), over && !r.GetBoolean(6)));
            }, Number(prune.Cursor), Small(prune.Limit), Time(_now)).Go();
        var over = page.Where(row => row.Over).Select(row => row.Seq).ToArray();
        if (over.Length > 0) DeleteOver(prune, over);
        prune.Cursor = young || looked < prune.Limit ? 0 : page[^1].Seq;
        PruneBeside(prune);
        PruneLimits(prune.Limit);
        prune.Took = TimeProvider.System.GetElapsedTime(began);
    }

    private void DeleteOver(JobWrite.Prune prune, long[] seqs)
    {
        var rows = Query(
            $"SELECT {Lean} FROM {PostgresJobRows.From} WHERE job.seq = ANY ($1) AND NOT {Dependents} ORDER BY job.seq FOR UPDATE OF job SKIP LOCKED", Numbers(seqs));
        foreach (var entry in rows) Delete(entry.Row);
        if (rows.Count > 0) CrashPoints.Reach(CrashPoints.PruneBeforeCommit);
        prune.Deleted += rows.Count;
    }

    /// <summary>Idempotency keys, deliveries and history rows whose time is over.</summary>
    private void PruneBeside(JobWrite.Prune prune)
    {
        var trip = new RoundTrip(_connection);
        Count($"SELECT namespace, key FROM {S}.idempotency WHERE expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED", "idempotency", "namespace, key", _now);
        Count($"SELECT seq FROM {S}.delivery WHERE state = 1 AND ended_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED", "delivery", "seq", _now - DeliveryRules.KeepDelivered);
        Count($"SELECT seq FROM {S}.delivery WHERE state = 2 AND ended_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED", "delivery", "seq", _now - DeliveryRules.KeepFailed);
        Count($"SELECT namespace, marker FROM {S}.entity_commit WHERE at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED", "entity_commit", "namespace, marker", _now - PostgresEntityWriter.MarkerLife);
        // From the oldest on, and never the newest: its place is where readers of the feed stand.
        trip.Read(
            $"""
            WITH gone AS (
              DELETE FROM {S}.history WHERE seq IN (
                SELECT h.seq FROM (SELECT seq, tx, at FROM {S}.history ORDER BY tx, seq LIMIT $2) h WHERE h.at < $1 AND h.tx < (SELECT max(tx) FROM {S}.history)) RETURNING tx),
            noted AS (UPDATE {S}.epoch SET value = greatest(value, (SELECT max(tx) FROM gone)) WHERE name = '{PostgresJobSchema.HistoryPruned}' AND EXISTS (SELECT 1 FROM gone))
            SELECT count(*) FROM gone
            """, r => prune.Deleted += (int)r.GetInt64(0), Time(_now - prune.Rules.History), Small(prune.Limit));
        trip.Go();

        void Count(string select, string table, string key, DateTimeOffset before) => trip.Read(
            $"WITH gone AS (DELETE FROM {S}.{table} WHERE ({key}) IN ({select}) RETURNING 1) SELECT count(*) FROM gone",
            r => prune.Deleted += (int)r.GetInt64(0), Time(before), Small(prune.Limit));
    }

    /// <summary>Forgets starts that no rate counts any more, and with them keys that nothing else keeps.</summary>
    private void PruneLimits(int limit)
    {
        var keys = new List<(string Namespace, string Key, string? Starts)>();
        var behind = _memory.Signals.LastPruned;
        var queues = new List<(string Queue, string? Starts)>();
        new RoundTrip(_connection)
            .Read(
                $"SELECT namespace, key, starts FROM {S}.limit_key WHERE starts IS NOT NULL AND (namespace, key) > ($2, $3) ORDER BY namespace, key LIMIT $1 FOR UPDATE SKIP LOCKED",
                r => keys.Add((r.GetString(0), r.GetString(1), Left(r.GetString(2)))), Small(limit), Text(behind.Namespace), Text(behind.Key))
            .Read(
                $"SELECT queue, starts FROM {S}.queue_starts ORDER BY queue LIMIT $1 FOR UPDATE SKIP LOCKED",
                r => queues.Add((r.GetString(0), Left(r.GetString(1)))), Small(limit)).Go();
        // Those at the front may start something every day: the next look goes on behind them.
        _memory.Signals.LastPruned = keys.Count < limit ? ("", "") : (keys[^1].Namespace, keys[^1].Key);
        var (idle, quiet) = (keys.FindAll(key => key.Starts is null), queues.FindAll(queue => queue.Starts is null));
        new RoundTrip(_connection)
            .Run(
                $"UPDATE {S}.limit_key k SET starts = NULL FROM unnest($1::text[], $2::text[]) AS w (namespace, key) WHERE k.namespace = w.namespace AND k.key = w.key", null,
                Texts(idle.Select(key => key.Namespace)), Texts(idle.Select(key => key.Key)))
            .Run(
                $"""
                DELETE FROM {S}.limit_key k USING unnest($1::text[], $2::text[]) AS w (namespace, key)
                WHERE k.namespace = w.namespace AND k.key = w.key AND k.running = 0 AND k.queued = 0 AND k.starts IS NULL
                """, null, Texts(idle.Select(key => key.Namespace)), Texts(idle.Select(key => key.Key)))
            .Run($"DELETE FROM {S}.queue_starts WHERE queue = ANY ($1)", null, Texts(quiet.Select(queue => queue.Queue))).Go();

        string? Left(string starts)
        {
            var window = RateWindow.Read(starts);
            window.Forget(_now);
            return window.Write();
        }
    }
}
