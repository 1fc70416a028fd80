using ActorPerf.Jobs;
using ActorPerf.Storage.Graph;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Memory;

/// <summary>Edges and workflows in memory. Used under the lock of <see cref="MemoryJobStore"/>.</summary>
internal sealed class MemoryGraph(MemoryJobStore store) : IGraphRows
{
    private readonly Dictionary<long, List<GraphEdge>> _byChild = [];
    private readonly Dictionary<long, List<long>> _childrenOf = [];          // of a parent with open edges: who waits
    private readonly SortedDictionary<long, (NewWorkflow Workflow, DateTimeOffset At)> _workflows = [];
    private long _workflowSeq;

    public Job? Find(long seq) => store.FindBySeq(seq);

    public JobRow? Find(Namespace ns, JobId id) => store.FindRow(ns, id);

    public ReadOnlyMemory<byte>? ResultOf(long seq) => store.FindBySeq(seq)?.Result;

    public void Add(Namespace ns, GraphEdge edge)
    {
        if (!_byChild.TryGetValue(edge.Child, out var edges)) _byChild.Add(edge.Child, edges = []);
        if (edges.Exists(other => other.Parent == edge.Parent)) return;
        edges.Add(edge);
        if (edge.Done) return;
        if (!_childrenOf.TryGetValue(edge.Parent, out var children)) _childrenOf.Add(edge.Parent, children = []);
        children.Add(edge.Child);
    }

    public IReadOnlyList<GraphEdge> OpenBehind(Namespace ns, long parent) => _childrenOf.TryGetValue(parent, out var children)
        ? [.. children.Order().SelectMany(child => EdgesOf(child).Where(edge => edge.Parent == parent && !edge.Done))]
        : [];

    public IReadOnlyList<GraphEdge> EdgesOf(long child) => _byChild.TryGetValue(child, out var edges) ? [.. edges.OrderBy(edge => edge.Position)] : [];

    public bool HasOpen(long child) => _byChild.TryGetValue(child, out var edges) && edges.Exists(edge => !edge.Done);

    public void Close(Namespace ns, GraphEdge edge)
    {
        var edges = _byChild[edge.Child];
        edges[edges.FindIndex(other => other.Parent == edge.Parent)] = edge with { Done = true };
        if (!_childrenOf.TryGetValue(edge.Parent, out var children)) return;
        children.Remove(edge.Child);
        if (children.Count == 0) _childrenOf.Remove(edge.Parent);
    }

    public void Remove(long child, EdgeKind kind)
    {
        if (_byChild.TryGetValue(child, out var edges)) edges.RemoveAll(edge => edge.Kind == kind);
    }

    public Job? Apply(Job job, JobCommand command) => store.Apply(job, command);

    public void SetArgs(long seq, ReadOnlyMemory<byte> args) => store.SetArgs(seq, args);

    public bool StopsOnFailure(Namespace ns, string workflow) => Workflow(ns, workflow) is { OnFailure: OnFailure.Cancel };

    public IReadOnlyList<Job> Unfinished(Namespace ns, string workflow)
    {
        if (Workflow(ns, workflow) is not { } found) return [];
        var jobs = new List<Job>();
        foreach (var member in found.Members)
            if (Find(ns, member.Job) is { State.IsFinal: false } row && Find(row.Seq) is { } job) jobs.Add(job);
        return jobs;
    }

    public NewWorkflow? Workflow(Namespace ns, string id) =>
        _workflows.Values.Select(kept => kept.Workflow).FirstOrDefault(workflow => workflow.Namespace == ns && workflow.Id.ToString() == id);

    public void Add(NewWorkflow workflow, DateTimeOffset now) => _workflows.Add(++_workflowSeq, (workflow, now));

    public bool IsNeeded(JobRow row) => _byChild.Any(waiting => Find(waiting.Key) is { Row.State.IsFinal: false } && waiting.Value.Exists(edge => edge.Parent == row.Seq));

    /// <summary>It succeeded in a workflow of which another job did not: running that again needs this one's result.</summary>
    public bool IsKeptByRerun(JobRow row) => row is { State: JobState.Succeeded, Workflow: not null } && _workflows.Values.Any(kept =>
        kept.Workflow.Namespace == row.Namespace && kept.Workflow.Members.Any(member => member.Job == row.Id)
        && kept.Workflow.Members.Any(member => Find(row.Namespace, member.Job) is { } other && other.State != JobState.Succeeded));

    /// <summary>A job is removed, or was never stored after all.</summary>
    public void Delete(JobRow row)
    {
        foreach (var edge in EdgesOf(row.Seq))
            if (!edge.Done) Close(row.Namespace, edge);
        _byChild.Remove(row.Seq);
        if (row.Workflow is null) return;
        foreach (var (seq, kept) in _workflows.ToArray())
            if (kept.Workflow.Namespace == row.Namespace && kept.Workflow.Members.All(member => Find(row.Namespace, member.Job) is null)) _workflows.Remove(seq);
    }

    public WorkflowView? View(Namespace ns, WorkflowId id)
    {
        foreach (var (seq, kept) in _workflows)
            if (kept.Workflow.Namespace == ns && kept.Workflow.Id == id) return View(seq, kept.Workflow, kept.At);
        return null;
    }

    public WorkflowPage Page(Namespace ns, long? before, int limit)
    {
        var rows = _workflows.Reverse().Where(kept => kept.Key < (before ?? long.MaxValue) && kept.Value.Workflow.Namespace == ns).Take(limit + 1)
            .Select(kept => View(kept.Key, kept.Value.Workflow, kept.Value.At).Row).ToArray();
        return rows.Length > limit ? new WorkflowPage(rows[..limit], rows[limit - 1].Seq) : new WorkflowPage(rows, null);
    }

    /// <summary>What a job waited for, as its submission named it.</summary>
    public IReadOnlyList<JobDependency> DependsOn(JobRow row) => row.Parents == 0
        ? []
        : [.. EdgesOf(row.Seq).Where(edge => edge.Kind == EdgeKind.Dependency).Select(edge => new JobDependency(edge.ParentId, edge.On))];

    private WorkflowView View(long seq, NewWorkflow workflow, DateTimeOffset at)
    {
        var members = new List<WorkflowMember>();
        foreach (var member in workflow.Members)
        {
            if (Find(workflow.Namespace, member.Job) is not { } row || Find(row.Seq) is not { } job) continue;
            members.Add(new WorkflowMember(member.Name, job with { Result = null, DependsOn = DependsOn(row) }, member.Template, Kept: row.Workflow != workflow.Id.ToString()));
        }
        return new WorkflowView(
            new WorkflowRow(seq, workflow.Id, workflow.Namespace, workflow.Name, workflow.OnFailure, at, workflow.RerunOf)
            {
                Counts = members.CountBy(member => member.Job.Row.State).ToDictionary(),
            }, members);
    }
}
