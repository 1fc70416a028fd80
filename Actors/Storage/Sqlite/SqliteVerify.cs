using ActorPerf.Cluster;

namespace ActorPerf.Storage.Sqlite;

/// <summary>The invariants as questions to the database; each answers with the ids that break it.</summary>
internal static class SqliteVerify
{
    private const int MaxIds = 20;

    /// <summary>Name, what it says, and a query whose first column names what breaks it.</summary>
    private static readonly (string Name, string Detail, string Sql)[] Checks =
    [
        ("history-agrees", "A job's state and version are those of its newest history row.", """
            SELECT lower(hex(job.id)) FROM job LEFT JOIN history ON history.seq = job.history_seq
            WHERE history.seq IS NOT NULL AND (history.subject <> job.seq OR history.kind <> 1 OR history.to_state <> job.state OR history.version <> job.version)
            """),
        ("history-present", "A job that is not final has its newest history row, unless retention deleted it with all that are older.", """
            SELECT lower(hex(job.id)) FROM job LEFT JOIN history ON history.seq = job.history_seq WHERE history.seq IS NULL AND job.state < 10
              AND job.history_seq > (SELECT coalesce(min(seq), 0) FROM history)
            """),
        ("history-chain", "Each history row names the one before it: same job, version one less, and the state it moved from.", """
            SELECT now.seq FROM history now JOIN history before ON before.seq = now.previous
            WHERE now.kind = 1 AND (before.subject <> now.subject OR before.version <> now.version - 1 OR before.to_state IS NOT now.from_state)
            """),
        ("history-starts", "A history row without one before it is a submission.", """
            SELECT seq FROM history WHERE kind = 1 AND previous IS NULL AND (from_state IS NOT NULL OR version <> 1)
            """),
        ("transitions-allowed", "Only the transitions of the state table occur; an edit may leave the state as it is.", """
            SELECT seq FROM history WHERE kind = 1 AND from_state IS NOT NULL AND (from_state, to_state) NOT IN (VALUES
              (0, 1), (0, 2), (0, 11), (0, 12), (0, 13), (1, 2), (1, 12), (1, 13), (2, 3), (2, 12), (2, 13), (3, 10), (3, 11), (3, 4), (3, 1), (3, 0),
              (3, 5), (3, 2), (4, 2), (4, 12), (4, 13), (5, 10), (5, 12), (2, 1), (0, 0), (1, 1), (2, 2), (4, 4))
            """),
        ("final-is-final", "No history row leaves a final state.", "SELECT seq FROM history WHERE kind = 1 AND from_state >= 10"),
        ("attempts-counted", "A job was claimed as often as it counts attempts.", """
            SELECT lower(hex(job.id)) FROM job JOIN (SELECT subject, count(*) AS claims, min(version) AS first FROM history WHERE kind = 1 AND from_state = 2 AND to_state = 3 GROUP BY subject) h
            ON h.subject = job.seq WHERE h.claims > job.attempt OR (h.claims < job.attempt AND EXISTS (SELECT 1 FROM history s WHERE s.subject = job.seq AND s.kind = 1 AND s.version = 1))
            """),
        ("attempts-bounded", "No job is claimed again after its attempts are used up.", """
            SELECT lower(hex(id)) FROM job WHERE attempt - excused > max_attempts
            """),
        ("runs-owned", "Exactly the running jobs have an owner and a lease.", """
            SELECT lower(hex(id)) FROM job WHERE (state IN (3, 5)) <> (incarnation IS NOT NULL AND lease IS NOT NULL)
            """),
        ("finished-at", "Exactly the final jobs have an end.", "SELECT lower(hex(id)) FROM job WHERE (state >= 10) <> (finished_at IS NOT NULL)"),
        ("results-belong", "Exactly the succeeded jobs have a result.", """
            SELECT lower(hex(job.id)) FROM job JOIN payload ON payload.job_seq = job.seq WHERE (job.state = 10) <> (payload.result IS NOT NULL)
            """),
        ("results-told", "A result that is packed or no JSON says how, and nothing else does.", """
            SELECT lower(hex(job.id)) FROM job JOIN payload ON payload.job_seq = job.seq
            WHERE (payload.result IS NULL AND (payload.result_coding IS NOT NULL OR payload.result_type IS NOT NULL))
              OR coalesce(payload.result_coding, 1) <> 1 OR (payload.result_type IS NULL) <> (payload.result_form IS NULL)
              OR coalesce(payload.result_form, 1) NOT IN (1, 2)
            """),
        ("checkpoints-end", "A job that succeeded keeps no checkpoint.", """
            SELECT lower(hex(job.id)) FROM job JOIN payload ON payload.job_seq = job.seq WHERE job.state = 10 AND payload.checkpoint IS NOT NULL
            """),
        ("parents-kept", "What an unfinished job depends on is there.", """
            SELECT lower(hex(child.id)) FROM edge JOIN job child ON child.seq = edge.child_seq LEFT JOIN job parent ON parent.seq = edge.parent_seq
            WHERE child.state < 10 AND parent.seq IS NULL
            """),
        ("payload-present", "Every job has its arguments, and nothing else does.", """
            SELECT lower(hex(job.id)) FROM job LEFT JOIN payload ON payload.job_seq = job.seq WHERE payload.job_seq IS NULL
            UNION ALL SELECT 'payload ' || job_seq FROM payload WHERE job_seq NOT IN (SELECT seq FROM job)
            """),
        ("rank-agrees", "A waiting job stands in its line where its time and priority say; one that a lost or stopped node ran, before that or there.", """
            SELECT lower(hex(id)) FROM job WHERE state = 2 AND (rank > run_at - priority * 60000000 OR (excused = 0 AND rank <> run_at - priority * 60000000))
            """),
        ("counters-agree", "The kept counters are the numbers of jobs.", """
            SELECT c.namespace || '/' || c.queue || '/' || c.task || '/' || c.state FROM
              (SELECT namespace, queue, task, state, sum(n) AS n FROM
                (SELECT namespace, queue, task, state, count AS n FROM counter UNION ALL
                 SELECT namespace, queue, task, state, -count(*) AS n FROM job GROUP BY namespace, queue, task, state)
               GROUP BY namespace, queue, task, state) c WHERE c.n <> 0
            """),
        ("limits-counted", "A limit key counts the jobs of it that run and that are queued.", """
            SELECT c.namespace || '/' || c.key FROM
              (SELECT namespace, key, sum(running) AS running, sum(queued) AS queued FROM
                (SELECT namespace, key, running, queued FROM limit_key UNION ALL
                 SELECT namespace, limit_key, -(state IN (3, 5)), -(state = 2) FROM job WHERE limit_key IS NOT NULL AND state < 10)
               GROUP BY namespace, key) c WHERE c.running <> 0 OR c.queued <> 0
            """),
        ("blocked-waits", "Only queued jobs with a limit key are blocked by it.", """
            SELECT lower(hex(id)) FROM job WHERE blocked IS NOT NULL AND (state <> 2 OR limit_key IS NULL)
            """),
        ("idempotency-points", "An idempotency key names a job of its namespace, or one that retention deleted.", """
            SELECT i.key FROM idempotency i JOIN job ON job.seq = i.job_seq WHERE job.namespace <> i.namespace
            """),
        ("unique-keys-held", "Every unique key names the job that holds it: of its namespace, with that key, not final, not started where that ends the hold.", """
            SELECT u.namespace || '/' || u.key FROM unique_key u LEFT JOIN job ON job.seq = u.job_seq
            WHERE job.seq IS NULL OR job.namespace <> u.namespace OR job.unique_key IS NOT u.key OR job.unique_until IS NOT u.until
              OR job.state >= 10 OR (job.unique_until = 1 AND job.attempt > 0)
            """),
        ("unique-keys-taken", "Every job that holds its unique key has the key's row; so no two jobs hold one.", """
            SELECT lower(hex(job.id)) FROM job LEFT JOIN unique_key u ON u.namespace = job.namespace AND u.key = job.unique_key AND u.job_seq = job.seq
            WHERE job.unique_key IS NOT NULL AND job.state < 10 AND (job.unique_until = 0 OR job.attempt = 0) AND u.job_seq IS NULL
            """),
        ("callbacks-told", "Every job with a callback that became final in the last 7 days has a delivery of it.", """
            SELECT lower(hex(job.id)) FROM job WHERE job.state >= 10 AND job.callback IS NOT NULL
              AND job.finished_at > (SELECT max(at) FROM history) - 604800000000
              AND NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.job = job.id AND delivery.job_seq = job.seq AND delivery.webhook = 'callback')
            """),
        ("deliveries-belong", "A delivery is of a webhook of its namespace; only callbacks need none.", """
            SELECT lower(hex(d.id)) FROM delivery d LEFT JOIN webhook w ON w.namespace = d.namespace AND w.name = d.webhook
            WHERE w.name IS NULL AND d.webhook <> 'callback'
            """),
        ("schedule-ticks-belong", "A schedule's history is of that schedule, one line in each place of its ring, and none newer than the schedule counts.", """
            SELECT t.namespace || '/' || t.name || '/' || t.number FROM schedule_tick t LEFT JOIN schedule s ON s.namespace = t.namespace AND s.name = t.name
            WHERE s.name IS NULL OR t.number >= s.ticks OR t.number % 50 <> t.slot
            """),
        .. SqliteGraphVerify.Checks,
        ("terms-belong", "Every indexed argument is of a job of its namespace and task, and is one of those kept with the job.", """
            SELECT term.path || ' ' || term.job_seq FROM term LEFT JOIN job ON job.seq = term.job_seq
            WHERE job.seq IS NULL OR job.namespace <> term.namespace OR job.task <> term.task
              OR NOT EXISTS (SELECT 1 FROM payload, json_each(payload.terms) each WHERE payload.job_seq = term.job_seq
                AND json_extract(each.value, '$[0]') = term.path AND json_extract(each.value, '$[1]') = term.value)
            """),
        ("terms-indexed", "Every indexed argument that is kept with a job has its row in the index.", """
            SELECT lower(hex(job.id)) FROM payload JOIN job ON job.seq = payload.job_seq, json_each(payload.terms) each WHERE json_array_length(each.value) = 2 AND NOT EXISTS
              (SELECT 1 FROM term WHERE term.namespace = job.namespace AND term.task = job.task AND term.path = json_extract(each.value, '$[0]')
                AND term.value = json_extract(each.value, '$[1]') AND term.job_seq = job.seq)
            """),
        .. SqliteEntityVerify.Checks,
    ];

    public static VerifyReport Run(SqliteSession session)
    {
        var violations = new List<Violation>();
        Integrity(session, violations);
        foreach (var (name, detail, sql) in Checks)
        {
            var ids = new List<string>();
            var count = 0L;
            var s = session[sql];
            while (s.Step())
            {
                if (count++ < MaxIds) ids.Add(s.Text(0));
            }
            if (count > 0) violations.Add(new Violation(name, detail, count, ids));
        }
        return new VerifyReport(Number(session, "SELECT count(*) FROM job"), Number(session, "SELECT count(*) FROM history"), Number(session, "SELECT count(*) FROM entity"), violations);
    }

    private static void Integrity(SqliteSession session, List<Violation> violations)
    {
        var faults = new List<string>();
        var s = session["PRAGMA integrity_check(20)"];
        while (s.Step())
        {
            if (s.Text(0) is not "ok" and var fault) faults.Add(fault);
        }
        if (faults.Count > 0) violations.Add(new Violation("file-sound", "SQLite finds the file sound.", faults.Count, faults));
    }

    private static long Number(SqliteSession session, string sql)
    {
        var s = session[sql];
        s.Step();
        return s.Long(0);
    }
}
