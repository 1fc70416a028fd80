using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <content>Rows looked up inside the transaction.</content>
internal sealed partial class SqliteJobWriter
{
    internal Job? Find(Namespace ns, JobId id) => One(_session[FindById].Bind(ns.Name).Bind(id.Value));

    internal Job? FindBySeq(long seq) => One(_session[FindBySequence].Bind(seq));

    private const string FindById =
        $"SELECT {SqliteJobRows.Columns}, payload.args, {SqliteResults.Columns} FROM job JOIN payload ON payload.job_seq = job.seq WHERE job.namespace = ? AND job.id = ?";

    private const string FindBySequence =
        $"SELECT {SqliteJobRows.Columns}, payload.args, {SqliteResults.Columns} FROM job JOIN payload ON payload.job_seq = job.seq WHERE job.seq = ?";

    private Job? One(SqliteStatement s)
    {
        var job = s.Step() ? new Job(_rows.Read(s), s.BlobOrNull(SqliteJobRows.Count), SqliteResults.Read(s, SqliteJobRows.Count + 1), null) : null;
        s.Reset();
        return job;
    }

    private List<Job> FindMany(string where, Func<SqliteStatement, SqliteStatement> bind, int limit, IReadOnlyList<Incarnation> without)
    {
        var others = without.Count == 0 ? "" : $" AND incarnation NOT IN ({string.Join(", ", Enumerable.Repeat("?", without.Count))})";
        var s = bind(_session[$"SELECT {SqliteJobRows.Columns}, payload.args FROM job JOIN payload ON payload.job_seq = job.seq WHERE {where}{others} LIMIT ?"]);
        foreach (var incarnation in without) s.Bind(incarnation.Value);
        s.Bind((long)limit);
        var found = new List<Job>();
        while (s.Step()) found.Add(new Job(_rows.Read(s), s.BlobOrNull(SqliteJobRows.Count), null, null));
        s.Reset();
        return found;
    }

    private static long Microseconds(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;

    private static long? Microseconds(TimeSpan? span) => span is { } present ? Microseconds(present) : null;
}
