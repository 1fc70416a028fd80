using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <summary>Reads workflows of a SQLite file; <see cref="SqliteJobWriter"/> writes them.</summary>
internal sealed class SqliteWorkflowStore(SqliteDatabase database) : IWorkflowStore
{
    private const string Columns = "seq, id, name, on_failure, created_at, rerun_of";

    public ValueTask<WorkflowView?> ReadAsync(Namespace ns, WorkflowId id, CancellationToken ct) =>
        database.Reads.RunAsync(session => session.Snapshot(snapshot => Read(snapshot, ns, id)), ct);

    public ValueTask<WorkflowPage> ListAsync(Namespace ns, long? before, int limit, CancellationToken ct) =>
        database.Reads.RunAsync(session => session.Snapshot(snapshot => List(snapshot, ns, before, limit)), ct);

    private static WorkflowView? Read(SqliteSession session, Namespace ns, WorkflowId id)
    {
        var s = session[$"SELECT {Columns} FROM workflow WHERE namespace = ? AND id = ?"].Bind(ns.Name).Bind(id.Value);
        var row = s.Step() ? ReadRow(s, ns) : null;
        s.Reset();
        if (row is null) return null;
        var members = Members(session, row);
        return new WorkflowView(row with { Counts = members.CountBy(member => member.Job.Row.State).ToDictionary() }, members);
    }

    private static List<WorkflowMember> Members(SqliteSession session, WorkflowRow row)
    {
        var found = new List<(string Name, JobId Job, byte[]? Template)>();
        var s = session["""
            SELECT workflow_job.name, job.id, workflow_job.template FROM workflow_job JOIN job ON job.seq = workflow_job.job_seq
            WHERE workflow_job.namespace = ? AND workflow_job.workflow_seq = ? ORDER BY workflow_job.position
            """].Bind(row.Namespace.Name).Bind(row.Seq);
        while (s.Step()) found.Add((s.Text(0), new JobId(s.Guid(1)), s.BlobOrNull(2)));
        s.Reset();
        var own = row.Id.ToString();
        var jobs = SqliteJobReader.ReadMany(session, row.Namespace, found.ConvertAll(member => member.Job));
        var members = new List<WorkflowMember>(found.Count);
        for (var i = 0; i < found.Count; i++)
            if (jobs[i] is { } job) members.Add(new WorkflowMember(found[i].Name, job with { Result = null }, found[i].Template, Kept: job.Row.Workflow != own));
        return members;
    }

    private static WorkflowPage List(SqliteSession session, Namespace ns, long? before, int limit)
    {
        var rows = new List<WorkflowRow>(limit);
        var s = session[$"SELECT {Columns} FROM workflow WHERE namespace = ? AND seq < ? ORDER BY seq DESC LIMIT ?"]
            .Bind(ns.Name).Bind(before ?? long.MaxValue).Bind((long)limit + 1);
        while (s.Step()) rows.Add(ReadRow(s, ns));
        s.Reset();
        var more = rows.Count > limit;
        if (more) rows.RemoveAt(limit);
        return new WorkflowPage([.. rows.Select(row => row with { Counts = Counts(session, row) })], more ? rows[^1].Seq : null);
    }

    private static Dictionary<JobState, int> Counts(SqliteSession session, WorkflowRow row)
    {
        var counts = new Dictionary<JobState, int>();
        var s = session["""
            SELECT job.state, count(*) FROM workflow_job JOIN job ON job.seq = workflow_job.job_seq
            WHERE workflow_job.namespace = ? AND workflow_job.workflow_seq = ? GROUP BY job.state
            """].Bind(row.Namespace.Name).Bind(row.Seq);
        while (s.Step()) counts.Add((JobState)s.Int(0), s.Int(1));
        s.Reset();
        return counts;
    }

    private static WorkflowRow ReadRow(SqliteStatement s, Namespace ns) => new(
        s.Long(0), new WorkflowId(s.Guid(1)), ns, s.TextOrNull(2), (OnFailure)s.Int(3), SqliteTime.ToTime(s.Long(4)),
        s.GuidOrNull(5) is { } rerunOf ? new WorkflowId(rerunOf) : null);
}
