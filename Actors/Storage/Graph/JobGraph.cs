using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Graph;

/// <summary>What the end of a job means for those that wait for it, in the transaction that ends it. The same for every store.</summary>
/// <remarks>
/// Invariants: a held job has an open edge (INV-25: it starts only after all parents reached the demanded state, and leaves <c>held</c> once); no edge to
/// a final parent is open; each edge is closed once. The consequences of consequences are worked off from a line, not by recursion, so a graph of
/// 10,000 jobs may fall in one transaction. A job that nobody waits for costs a look into <see cref="_awaited"/>, which holds at least every
/// parent with an open edge: too much in it is a query for nothing, so a rollback need not take anything out.
/// </remarks>
internal sealed class JobGraph(IGraphRows rows)
{
    /// <summary>Results beyond this are read again for who names them next.</summary>
    private const long MostResultBytes = 16 * 1024 * 1024;

    private readonly HashSet<long> _awaited = [];
    private readonly Queue<(JobState From, JobRow Row)> _ended = new();
    private readonly Queue<(long Seq, string Why)> _doomed = new();
    private readonly List<long> _passed = [];
    private readonly Dictionary<long, ResultParts> _results = [];      // of parents, read and parsed once for all who name them in this transaction
    private long _resultBytes;

    /// <summary>Something ended that others may wait for: <see cref="Follow"/> is due.</summary>
    public bool HasNews => _ended.Count > 0 || _doomed.Count > 0;

    /// <summary>A parent with an open edge, as read when the store was opened.</summary>
    public void Await(long parent) => _awaited.Add(parent);

    /// <summary>The transaction is durable.</summary>
    public void Committed()
    {
        ForgetResults();
        if (_passed.Count == 0) return;
        foreach (var parent in _passed) _awaited.Remove(parent);
        _passed.Clear();
    }

    /// <summary>The transaction was rolled back.</summary>
    public void Forget()
    {
        Drop();
        _passed.Clear();
    }

    /// <summary>The write under way was taken back, and with it what it would have led to.</summary>
    public void Drop()
    {
        ForgetResults();
        _ended.Clear();
        _doomed.Clear();
    }

    /// <summary>A job moved.</summary>
    public void Moved(JobState from, JobRow row)
    {
        if (!row.State.IsFinal) return;
        if (from == JobState.Held || row.Workflow is not null || (_awaited.Count > 0 && _awaited.Contains(row.Seq))) _ended.Enqueue((from, row));
    }

    /// <summary>What a submission waits for.</summary>
    /// <param name="refusal">A job that it names does not exist.</param>
    public GraphPlan? Plan(NewJob job, out Refusal? refusal)
    {
        refusal = null;
        var parents = new List<(JobRow Row, DependsOn On)>(job.DependsOn.Count);
        for (var i = 0; i < job.DependsOn.Count; i++)
        {
            if (rows.Find(job.Row.Namespace, job.DependsOn[i].Job) is { } parent)
            {
                parents.Add((parent, job.DependsOn[i].On));
                continue;
            }
            refusal = WorkflowRefusals.UnknownParent(job.DependsOn[i].Job, i);
            return null;
        }
        var plan = new GraphPlan(parents);
        if (plan.Waits || !ResultReferences.Any(job.Args.Span)) return plan;
        plan.Args = Resolve(job.Args, parents.ConvertAll(parent => (parent.Row.Seq, parent.Row.Id)));
        if (plan.Args is null) refusal = WorkflowRefusals.ArgsTooLarge;
        return plan.Args is null ? null : plan;
    }

    /// <summary>The planned job is stored.</summary>
    public void Planned(JobRow row, GraphPlan plan)
    {
        for (var i = 0; i < plan.Parents.Count; i++)
        {
            var (parent, on) = plan.Parents[i];
            rows.Add(row.Namespace, new GraphEdge(parent.Seq, parent.Id, row.Seq, EdgeKind.Dependency, on, i, null, Done: parent.State.IsFinal));
            if (parent.State.IsFinal) continue;
            Await(parent, mayHaveEnded: row.UniqueKey is not null);
        }
        if (plan.Doomed is { } why) _doomed.Enqueue((row.Seq, why));
    }

    /// <summary>A run was set aside for the jobs it submitted.</summary>
    /// <param name="children">As stored, in their order, each with the name it was given.</param>
    public void Parked(JobRow parent, IReadOnlyList<(JobRow Row, string? Name)> children)
    {
        rows.Remove(parent.Seq, EdgeKind.Child);        // those of an earlier wait
        for (var i = 0; i < children.Count; i++)
        {
            var (child, name) = children[i];
            rows.Add(parent.Namespace, new GraphEdge(child.Seq, child.Id, parent.Seq, EdgeKind.Child, DependsOn.Finished, i, name, Done: false));
            Await(child, mayHaveEnded: child.UniqueKey is not null);
        }
    }

    /// <summary>A job is waited for from now on.</summary>
    /// <param name="mayHaveEnded">It may have made way for a job of this write that takes its unique key: then its end came before anyone awaited it.</param>
    private void Await(JobRow parent, bool mayHaveEnded)
    {
        _awaited.Add(parent.Seq);
        if (mayHaveEnded && rows.Find(parent.Seq) is { Row: { State.IsFinal: true } ended }) _ended.Enqueue((parent.State, ended));
    }

    /// <summary>The children that the newest wait of a job was for, with what became of them.</summary>
    public IReadOnlyList<ChildOutcome> ChildrenOf(JobRow parent)
    {
        var outcomes = new List<ChildOutcome>();
        foreach (var edge in rows.EdgesOf(parent.Seq))
        {
            if (edge.Kind != EdgeKind.Child || rows.Find(edge.Parent) is not { } child) continue;
            outcomes.Add(new ChildOutcome(child.Row.Id.Value, edge.Name, child.Row.State.Word, rows.ResultOf(edge.Parent),
                child.Row.State == JobState.Failed ? child.Row.Error : null));
        }
        return outcomes;
    }

    /// <summary>Moves every job that the ends of this write concern.</summary>
    /// <param name="followed">Takes them, in order of the feed.</param>
    public void Follow(List<(Job Job, JobState? From)> followed)
    {
        while (_doomed.TryDequeue(out var doomed))
            if (rows.Find(doomed.Seq) is { Row.State: JobState.Held } job) Apply(job, new JobCommand.Unhold(JobState.Cancelled, doomed.Why), followed);
        while (_ended.TryDequeue(out var end))
        {
            if (end.From == JobState.Held) LetGo(end.Row, followed);
            if (_awaited.Contains(end.Row.Seq)) Pass(end.Row, followed);
            if (end.Row is { Workflow: { } workflow, State: JobState.Failed or JobState.Expired } && rows.StopsOnFailure(end.Row.Namespace, workflow))
                Stop(end.Row.Namespace, workflow, $"job {end.Row.Id} of its workflow {end.Row.State.Word}", followed);
        }
    }

    /// <summary>Cancels whatever of a workflow is not final.</summary>
    public void Stop(Namespace ns, string workflow, string? why, List<(Job Job, JobState? From)> followed)
    {
        foreach (var job in rows.Unfinished(ns, workflow)) Apply(job, new JobCommand.Cancel { Why = why }, followed);
    }

    /// <summary>A job that waited has ended: it waits for nobody, and the children it asked for are not wanted any more.</summary>
    private void LetGo(JobRow waited, List<(Job Job, JobState? From)> followed)
    {
        foreach (var edge in rows.EdgesOf(waited.Seq))
        {
            if (edge.Done) continue;
            rows.Close(waited.Namespace, edge);
            if (edge.Kind == EdgeKind.Child && rows.Find(edge.Parent) is { } child)
                Apply(child, new JobCommand.Cancel { Why = $"its parent {waited.Id} {waited.State.Word}" }, followed);
        }
    }

    private void Pass(JobRow parent, List<(Job Job, JobState? From)> followed)
    {
        foreach (var edge in rows.OpenBehind(parent.Namespace, parent.Seq))
        {
            rows.Close(parent.Namespace, edge);
            if (rows.Find(edge.Child) is not { Row.State: JobState.Held } child) continue;
            if (edge.On == DependsOn.Succeeded && parent.State != JobState.Succeeded)
                Apply(child, new JobCommand.Unhold(JobState.Cancelled, GraphPlan.Why(parent)), followed);
            else if (!rows.HasOpen(edge.Child)) Release(child, followed);
        }
        _passed.Add(parent.Seq);
    }

    private void Release(Job child, List<(Job Job, JobState? From)> followed)
    {
        // One that has run was set aside for children; its arguments were completed before its first run, and what a result says is no reference.
        if (child.Row.Attempt > 0 || !ResultReferences.Any(child.Args.Span))
        {
            Apply(child, new JobCommand.Unhold(JobState.Queued, null), followed);
            return;
        }
        var parents = rows.EdgesOf(child.Row.Seq).Select(edge => (edge.Parent, edge.ParentId)).ToList();
        if (Resolve(child.Args, parents) is not { } args)
        {
            Apply(child, new JobCommand.Unhold(JobState.Failed, "its arguments with the results in them are too large")
            {
                Error = new TaskError("invalid-args", $"With the results in them, the arguments are larger than {ResultReferences.MaxBytes} bytes.", Retryable: false),
            }, followed);
            return;
        }
        rows.SetArgs(child.Row.Seq, args);
        Apply(child with { Args = args }, new JobCommand.Unhold(JobState.Queued, null), followed);
    }

    private ReadOnlyMemory<byte>? Resolve(ReadOnlyMemory<byte> args, IReadOnlyList<(long Seq, JobId Id)> parents)
    {
        var byId = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (seq, id) in parents) byId[id.ToString()] = seq;
        return ResultReferences.Replace(args, name => byId.TryGetValue(name, out var seq) ? ResultOf(seq) : null);
    }

    private ResultParts ResultOf(long seq)
    {
        if (_results.TryGetValue(seq, out var known)) return known;
        if (_resultBytes > MostResultBytes) ForgetResults();
        var result = new ResultParts(rows.ResultOf(seq));
        _results.Add(seq, result);
        _resultBytes += result.Length;
        return result;
    }

    private void ForgetResults()
    {
        foreach (var result in _results.Values) result.Dispose();
        _results.Clear();
        _resultBytes = 0;
    }

    private void Apply(Job job, JobCommand command, List<(Job Job, JobState? From)> followed)
    {
        if (rows.Apply(job, command) is { } moved) followed.Add((moved, job.Row.State));
    }
}

/// <summary>What a submission with dependencies begins with.</summary>
internal sealed class GraphPlan(IReadOnlyList<(JobRow Row, DependsOn On)> parents)
{
    public IReadOnlyList<(JobRow Row, DependsOn On)> Parents { get; } = parents;

    /// <summary>Why it can never start; null when it can.</summary>
    public string? Doomed { get; } = parents.Where(parent => parent.On == DependsOn.Succeeded && parent.Row.State.IsFinal && parent.Row.State != JobState.Succeeded)
        .Select(parent => Why(parent.Row)).FirstOrDefault();

    /// <summary>Stored as held: a parent has not ended, or one ended in a way that cancels it in the same transaction.</summary>
    public bool Waits => Doomed is not null || Parents.Any(parent => !parent.Row.State.IsFinal);

    /// <summary>Its arguments with the results in them; null where they are as submitted.</summary>
    public ReadOnlyMemory<byte>? Args { get; set; }

    public static string Why(JobRow parent) => $"it needs the success of job {parent.Id}, which {parent.State.Word}";
}
