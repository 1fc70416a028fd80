using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Storage.Graph;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <summary>Reads jobs on a reader's thread. Stateless but for the names it has seen.</summary>
internal static class SqliteJobReader
{
    /// <summary>Rows that one list may look at before it answers with what it has.</summary>
    public const int ScanLimit = 100_000;

    private const string FindById =
        $"SELECT {SqliteJobRows.Columns}, payload.args, {SqliteResults.Columns} FROM job JOIN payload ON payload.job_seq = job.seq WHERE job.namespace = ? AND job.id = ?";

    [ThreadStatic]
    private static SqliteJobRows? _threadRows;

    private static SqliteJobRows Rows => _threadRows ??= new SqliteJobRows();

    public static IReadOnlyList<Job?> ReadMany(SqliteSession session, Namespace ns, IReadOnlyList<JobId> ids)
    {
        var found = new Job?[ids.Count];
        for (var i = 0; i < ids.Count; i++) found[i] = Read(session, ns, ids[i]);
        return found;
    }

    public static StoredResult? ReadResult(SqliteSession session, Namespace ns, JobId id) => SqliteResults.Find(session, Rows, ns, id);

    public static JobHistory? ReadHistory(SqliteSession session, Namespace ns, JobId id)
    {
        if (Read(session, ns, id) is not { } job) return null;
        var rows = new List<HistoryRow>();
        // Each row names the one before it, so a job's story is a walk and needs no index.
        long? next = job.Row.HistorySeq;
        while (next is { } seq)
        {
            var s = session["SELECT seq, version, at, from_state, to_state, attempt, node, detail, previous FROM history WHERE seq = ?"].Bind(seq);
            if (!s.Step()) break;
            rows.Add(ReadHistoryRow(s));
            next = s.LongOrNull(8);
        }
        rows.Reverse();
        return new JobHistory(rows, ReadAttempts(session, job.Row.Seq), Pruned: next is not null);
    }

    public static JobPage List(SqliteSession session, JobQuery query)
    {
        // Newest first along the primary key, or along a partial index where all wanted states have one. Bounded: a page may come back short,
        // with where to go on, and never makes others wait.
        var (source, indexed) = Source(query);
        var s = session[source];
        s.Bind(query.Namespace.Name).Bind(query.Before ?? long.MaxValue);
        if (indexed) s.Bind((long)query.States[0]);
        if (query.Tag is not null) s.Bind(query.Tag);
        var jobs = new List<Job>(query.Limit);
        var looked = 0;
        var last = 0L;
        var exhausted = true;
        while (s.Step())
        {
            if (jobs.Count == query.Limit || looked == ScanLimit)
            {
                exhausted = jobs.Count == query.Limit;
                return new JobPage(jobs, last, exhausted);
            }
            looked++;
            last = s.Long(0);
            if (!Matches(s, query)) continue;
            jobs.Add(new Job(Rows.Read(s), default, null, null));
        }
        return new JobPage(jobs, null, exhausted);
    }

    public static IReadOnlyList<JobCount> Count(SqliteSession session, Namespace? ns)
    {
        var s = ns is { } one
            ? session["SELECT queue, task, state, sum(count) FROM counter WHERE namespace = ? GROUP BY queue, task, state HAVING sum(count) <> 0"].Bind(one.Name)
            : session["SELECT queue, task, state, sum(count) FROM counter GROUP BY queue, task, state HAVING sum(count) <> 0"];
        var counts = new List<JobCount>();
        while (s.Step()) counts.Add(new JobCount(s.Text(0), s.Text(1), (JobState)s.Int(2), s.Long(3)));
        return counts;
    }

    public static IReadOnlyDictionary<string, DateTimeOffset> OldestWaiting(SqliteSession session)
    {
        var queues = new List<string>();
        var s = session["SELECT DISTINCT queue FROM counter WHERE state = 2 AND count > 0"];
        while (s.Step()) queues.Add(s.Text(0));
        var oldest = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        foreach (var queue in queues)
        {
            if (SqliteFlowReader.Oldest(session, queue) is { } since) oldest[queue] = since;
        }
        return oldest;
    }

    public static FeedPage ReadFeed(SqliteSession session, Namespace ns, long after, int limit)
    {
        var bounds = session["SELECT coalesce(min(seq), 0), coalesce(max(seq), 0) FROM history"];
        bounds.Step();
        var (first, newest) = (bounds.Long(0), bounds.Long(1));
        var found = new List<(HistoryRow Row, long Subject)>();
        var s = session["""
            SELECT seq, version, at, from_state, to_state, attempt, node, detail, subject FROM history
            WHERE seq > ? AND kind = 1 AND namespace = ? ORDER BY seq LIMIT ?
            """].Bind(after).Bind(ns.Name).Bind((long)limit);
        while (s.Step()) found.Add((ReadHistoryRow(s), s.Long(8)));
        var items = new List<(HistoryRow, Job)>(found.Count);
        foreach (var (row, subject) in found)
        {
            var job = session[$"SELECT {SqliteJobRows.Columns}, payload.args, {SqliteResults.Columns} FROM job JOIN payload ON payload.job_seq = job.seq WHERE job.seq = ?"]
                .Bind(subject);
            if (job.Step()) items.Add((row, ReadJob(job)));
        }
        return new FeedPage(items, Pruned: after > 0 && after + 1 < first, newest);
    }

    public static IReadOnlyList<Job> ReadRunning(SqliteSession session, Incarnation owner)
    {
        var running = new List<Job>();
        var s = session[$"""
            SELECT {SqliteJobRows.Columns}, payload.args, NULL, NULL FROM job JOIN payload ON payload.job_seq = job.seq
            WHERE job.incarnation = ?
            """].Bind(owner.Value);
        while (s.Step()) running.Add(ReadJob(s));
        return running;
    }

    public static DateTimeOffset? NextDue(SqliteSession session)
    {
        var s = session[$"SELECT min(run_at) FROM job WHERE {SqliteSchema.AwaitsTime}"];
        return s.Step() ? SqliteTime.ToTime(s.LongOrNull(0)) : null;
    }

    private static Job? Read(SqliteSession session, Namespace ns, JobId id)
    {
        var s = session[FindById].Bind(ns.Name).Bind(id.Value);
        var job = s.Step() ? ReadJob(s) : null;
        s.Reset();
        if (job is not { Row.Parents: > 0 }) return job;
        return job with
        {
            DependsOn = [.. SqliteGraphRows.EdgesOf(session, job.Row.Seq).Where(edge => edge.Kind == EdgeKind.Dependency).Select(edge => new JobDependency(edge.ParentId, edge.On))],
        };
    }

    private static Job ReadJob(SqliteStatement s)
    {
        return new Job(Rows.Read(s), s.BlobOrNull(SqliteJobRows.Count), SqliteResults.Read(s, SqliteJobRows.Count + 1), null);
    }

    private static HistoryRow ReadHistoryRow(SqliteStatement s) => new(
        s.Long(0), s.Long(1), SqliteTime.ToTime(s.Long(2)), s.LongOrNull(3) is { } from ? (JobState)from : null, (JobState)s.Int(4), s.Int(5),
        s.TextOrNull(6), s.TextOrNull(7));

    private static List<AttemptRecord> ReadAttempts(SqliteSession session, long seq)
    {
        var attempts = new List<AttemptRecord>();
        var s = session["SELECT attempt, error_type, error_message, lines, dropped FROM attempt WHERE job_seq = ? ORDER BY attempt"].Bind(seq);
        while (s.Step())
        {
            var error = s.IsNull(1) ? null : new TaskError(s.Text(1), s.Text(2));
            attempts.Add(new AttemptRecord(s.Int(0), error, s.IsNull(3) ? [] : ReadLines(s.Bytes(3)), s.Int(4)));
        }
        return attempts;
    }

    private static List<LogLine> ReadLines(ReadOnlySpan<byte> stored)
    {
        var lines = new List<LogLine>();
        foreach (var line in JsonSerializer.Deserialize(stored, StorageJson.Default.ListStoredLine) ?? [])
            lines.Add(new LogLine(SqliteTime.ToTime(line.At), (LogLevel)line.Level, line.Text));
        return lines;
    }

    private static (string Sql, bool Indexed) Source(JobQuery query)
    {
        const string Select = $"SELECT {SqliteJobRows.Columns} FROM job";
        const string Newest = "ORDER BY seq DESC";
        var tag = query.Tag is null ? "" : " AND job.seq IN (SELECT job_seq FROM tag WHERE tag.namespace = job.namespace AND tag.tag = ?3)";
        // The index is named, for without statistics the planner may prefer to sort all jobs of a namespace.
        if (query.States is [var state])
        {
            var tagged = tag.Replace("?3", "?4", StringComparison.Ordinal);
            if (state is JobState.Failed or JobState.Cancelled or JobState.Expired)
                return ($"{Select} INDEXED BY job_unsuccessful WHERE namespace = ?1 AND seq < ?2 AND state = ?3 AND {SqliteSchema.Unsuccessful}{tagged} {Newest}", true);
            if (state is JobState.Held or JobState.Scheduled or JobState.Retrying)
                return ($"{Select} INDEXED BY job_waiting WHERE namespace = ?1 AND seq < ?2 AND state = ?3 AND {SqliteSchema.Aside}{tagged} {Newest}", true);
        }
        if (query.States.Count > 0 && query.States.All(wanted => wanted.IsActive))
            return ($"{Select} INDEXED BY job_running WHERE namespace = ?1 AND seq < ?2 AND {SqliteSchema.Active}{tag} {Newest}", false);
        return ($"{Select} NOT INDEXED WHERE namespace = ?1 AND seq < ?2{tag} {Newest}", false);
    }

    private static bool Matches(SqliteStatement s, JobQuery query)
    {
        if (query.States.Count > 0 && !query.States.Contains((JobState)s.Int(6))) return false;
        if (query.Task is not null && s.Text(3) != query.Task) return false;
        return query.Queue is null || s.Text(4) == query.Queue;
    }
}
