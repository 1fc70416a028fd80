using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Search;
using ActorPerf.Storage.Graph;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <summary>Reads jobs on a reader's thread. Stateless but for the names it has seen.</summary>
internal static class SqliteJobReader
{
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
        return new JobHistory(rows, RunNote.Join(ReadAttempts(session, job.Row.Seq), SqliteNoteReader.Lines(session, job.Row.Seq)), Pruned: next is not null);
    }

    public static JobPage List(SqliteSession session, JobQuery query, DateTimeOffset now) => new SqliteJobSearch(session, Rows, query, now).List();

    public static MatchCount CountMatching(SqliteSession session, JobQuery query, DateTimeOffset now) =>
        new SqliteJobSearch(session, Rows, query, now).Count(SearchRefusals.MaxLooked);

    public static IReadOnlyList<string> Tags(SqliteSession session, Namespace ns, string prefix, int limit)
    {
        // A step of the index for each tag, however many jobs carry it.
        var tags = new List<string>();
        var from = session["SELECT min(tag) FROM tag WHERE namespace = ? AND tag >= ?"].Bind(ns.Name).Bind(prefix);
        while (tags.Count < limit && from.Step() && from.TextOrNull(0) is { } tag && tag.StartsWith(prefix, StringComparison.Ordinal))
        {
            tags.Add(tag);
            from = session["SELECT min(tag) FROM tag WHERE namespace = ? AND tag > ?"].Bind(ns.Name).Bind(tag);
        }
        return tags;
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

    public static IReadOnlyDictionary<string, DateTimeOffset> OldestWaiting(SqliteSession session, Namespace? ns)
    {
        var queues = new List<string>();
        var s = ns is { } one
            ? session["SELECT DISTINCT queue FROM counter WHERE namespace = ? AND state = 2 AND count > 0"].Bind(one.Name)
            : session["SELECT DISTINCT queue FROM counter WHERE state = 2 AND count > 0"];
        while (s.Step()) queues.Add(s.Text(0));
        var oldest = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        foreach (var queue in queues)
        {
            if (SqliteFlowReader.Oldest(session, queue, ns) is { } since) oldest[queue] = since;
        }
        return oldest;
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
}
