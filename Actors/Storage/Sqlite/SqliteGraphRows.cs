using ActorPerf.Jobs;
using ActorPerf.Storage.Graph;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <summary>Edges and workflows in the writer's open transaction. Lives on the write queue's thread.</summary>
internal sealed class SqliteGraphRows(SqliteSession session, SqliteJobWriter writer) : IGraphRows
{
    private const string Columns = "parent_seq, parent, child_seq, kind, \"on\", position, name, done";

    public Job? Find(long seq) => writer.FindBySeq(seq);

    public JobRow? Find(Namespace ns, JobId id) => writer.Find(ns, id)?.Row;

    public ReadOnlyMemory<byte>? ResultOf(long seq) => writer.FindBySeq(seq)?.Result;

    public void Add(Namespace ns, GraphEdge edge) => session["""
        INSERT INTO edge (namespace, parent_seq, child_seq, parent, kind, "on", position, name, done) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """].Bind(ns.Name).Bind(edge.Parent).Bind(edge.Child).Bind(edge.ParentId.Value).Bind((long)edge.Kind).Bind((long)edge.On).Bind((long)edge.Position)
        .Bind(edge.Name).Bind(edge.Done ? 1L : 0L).Run();

    public IReadOnlyList<GraphEdge> OpenBehind(Namespace ns, long parent) =>
        ReadAll(session[$"SELECT {Columns} FROM edge WHERE namespace = ? AND parent_seq = ? AND done = 0"].Bind(ns.Name).Bind(parent));

    public IReadOnlyList<GraphEdge> EdgesOf(long child) => EdgesOf(session, child);

    /// <summary>The same on a reader's thread.</summary>
    public static IReadOnlyList<GraphEdge> EdgesOf(SqliteSession reader, long child) =>
        ReadAll(reader[$"SELECT {Columns} FROM edge WHERE child_seq = ? ORDER BY position"].Bind(child));

    public bool HasOpen(long child)
    {
        var s = session["SELECT 1 FROM edge WHERE child_seq = ? AND done = 0 LIMIT 1"].Bind(child);
        var any = s.Step();
        s.Reset();
        return any;
    }

    public void Close(Namespace ns, GraphEdge edge) =>
        session["UPDATE edge SET done = 1 WHERE namespace = ? AND parent_seq = ? AND child_seq = ? AND done = 0"].Bind(ns.Name).Bind(edge.Parent).Bind(edge.Child).Run();

    public void Remove(long child, EdgeKind kind) => session["DELETE FROM edge WHERE child_seq = ? AND kind = ?"].Bind(child).Bind((long)kind).Run();

    public Job? Apply(Job job, JobCommand command) => writer.Apply(job, command);

    public void SetArgs(long seq, ReadOnlyMemory<byte> args)
    {
        session["UPDATE payload SET args = ? WHERE job_seq = ?"].Bind(args.Span).Bind(seq).Run();
        writer.FillTerms(seq, args);
    }

    public bool StopsOnFailure(Namespace ns, string workflow) => Workflow(ns, workflow) is { } found && found.OnFailure == OnFailure.Cancel;

    public IReadOnlyList<Job> Unfinished(Namespace ns, string workflow)
    {
        if (Workflow(ns, workflow) is not { } found) return [];
        var seqs = new List<long>();
        var s = session["""
            SELECT job.seq FROM workflow_job JOIN job ON job.seq = workflow_job.job_seq
            WHERE workflow_job.namespace = ? AND workflow_job.workflow_seq = ? AND job.state < 10 ORDER BY workflow_job.position
            """].Bind(ns.Name).Bind(found.Seq);
        while (s.Step()) seqs.Add(s.Long(0));
        s.Reset();
        var jobs = new List<Job>(seqs.Count);
        foreach (var seq in seqs)
            if (writer.FindBySeq(seq) is { } job) jobs.Add(job);
        return jobs;
    }

    /// <summary>Null where there is none.</summary>
    public (long Seq, OnFailure OnFailure)? Workflow(Namespace ns, string id)
    {
        if (!WorkflowId.TryParse(id, out var parsed)) return null;
        var s = session["SELECT seq, on_failure FROM workflow WHERE namespace = ? AND id = ?"].Bind(ns.Name).Bind(parsed.Value);
        (long, OnFailure)? found = s.Step() ? (s.Long(0), (OnFailure)s.Int(1)) : null;
        s.Reset();
        return found;
    }

    public void Add(NewWorkflow workflow, DateTimeOffset now)
    {
        session["INSERT INTO workflow (namespace, id, name, on_failure, created_at, rerun_of) VALUES (?, ?, ?, ?, ?, ?)"]
            .Bind(workflow.Namespace.Name).Bind(workflow.Id.Value).Bind(workflow.Name).Bind((long)workflow.OnFailure).Bind(SqliteTime.ToMicroseconds(now))
            .Bind(workflow.RerunOf?.Value).Run();
        var seq = Workflow(workflow.Namespace, workflow.Id.ToString())!.Value.Seq;
        for (var i = 0; i < workflow.Members.Count; i++)
        {
            var member = workflow.Members[i];
            if (writer.Find(workflow.Namespace, member.Job) is not { } job) continue;       // one that was kept has been removed since it was looked up
            session["INSERT INTO workflow_job (namespace, workflow_seq, position, name, job_seq, template) VALUES (?, ?, ?, ?, ?, ?)"]
                .Bind(workflow.Namespace.Name).Bind(seq).Bind((long)i).Bind(member.Name).Bind(job.Row.Seq).Bind(member.Template.Span).Run();
        }
    }

    /// <summary>A job is removed: its own edges go with it, and a workflow with its last job.</summary>
    public void Delete(JobRow row)
    {
        if (row.Parents > 0 || row.Excused > 0) session["DELETE FROM edge WHERE child_seq = ?"].Bind(row.Seq).Run();
        if (row.Workflow is null) return;
        var workflows = new List<long>();
        var s = session["SELECT workflow_seq FROM workflow_job WHERE job_seq = ?"].Bind(row.Seq);
        while (s.Step()) workflows.Add(s.Long(0));
        s.Reset();
        session["DELETE FROM workflow_job WHERE job_seq = ?"].Bind(row.Seq).Run();
        foreach (var seq in workflows)
        {
            session["DELETE FROM workflow WHERE seq = ?1 AND NOT EXISTS (SELECT 1 FROM workflow_job WHERE namespace = workflow.namespace AND workflow_seq = ?1)"]
                .Bind(seq).Run();
        }
    }

    /// <summary>Parents with an open edge.</summary>
    public IEnumerable<long> Awaited()
    {
        var s = session["SELECT DISTINCT parent_seq FROM edge WHERE done = 0"];
        var parents = new List<long>();
        while (s.Step()) parents.Add(s.Long(0));
        s.Reset();
        return parents;
    }

    private static List<GraphEdge> ReadAll(SqliteStatement s)
    {
        var edges = new List<GraphEdge>();
        while (s.Step())
        {
            edges.Add(new GraphEdge(
                s.Long(0), new JobId(s.Guid(1)), s.Long(2), (EdgeKind)s.Int(3), (DependsOn)s.Int(4), s.Int(5), s.TextOrNull(6), s.Int(7) != 0));
        }
        s.Reset();
        return edges;
    }
}
