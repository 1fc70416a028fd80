using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>A workflow's public name: a UUID, version 7. Written in lower case.</summary>
public readonly record struct WorkflowId(Guid Value)
{
    /// <summary>Reads the 36-character form; upper case is refused, for an id has one spelling.</summary>
    public static bool TryParse(string? text, out WorkflowId id)
    {
        var read = JobId.TryParse(text, out var same);
        id = new WorkflowId(same.Value);
        return read;
    }

    public override string ToString() => Value.ToString("D");
}

/// <summary>What the first failure does to the rest of a workflow. The numbers are stored; never renumber.</summary>
public enum OnFailure
{
    /// <summary>Jobs that need its success are cancelled; all others go on.</summary>
    Continue = 0,

    /// <summary>Every job of the workflow that is not final is cancelled in the same transaction; what runs is asked to stop.</summary>
    Cancel = 1,
}

/// <summary>A workflow about to be stored with its jobs.</summary>
/// <param name="Name">For people, 1 to 200 characters; null for none.</param>
/// <param name="Members">Every job of it, in the order of the graph: new ones, and ones that an earlier workflow ran well.</param>
public sealed record NewWorkflow(WorkflowId Id, Namespace Namespace, string? Name, OnFailure OnFailure, IReadOnlyList<NewMember> Members)
{
    /// <summary>The workflow that it runs again; null for none.</summary>
    public WorkflowId? RerunOf { get; init; }
}

/// <param name="Template">The arguments with their references, where they have any; empty where they have none.</param>
public readonly record struct NewMember(string Name, JobId Job, ReadOnlyMemory<byte> Template);

/// <summary>A workflow as the store keeps it.</summary>
/// <param name="Seq">The store's own number, in order of submission.</param>
public sealed record WorkflowRow(long Seq, WorkflowId Id, Namespace Namespace, string? Name, OnFailure OnFailure, DateTimeOffset CreatedAt, WorkflowId? RerunOf)
{
    /// <summary>How many of its jobs are in each state; states without jobs are left out.</summary>
    public IReadOnlyDictionary<JobState, int> Counts { get; init; } = new Dictionary<JobState, int>();

    public int Total => Counts.Values.Sum();

    /// <summary>Jobs that have ended, however they did.</summary>
    public int Done => Counts.Sum(count => count.Key.IsFinal ? count.Value : 0);

    /// <summary><c>running</c> until every job is final; then <c>succeeded</c> when all did, <c>failed</c> when one failed or expired, else <c>cancelled</c>.</summary>
    public string State =>
        Done < Total ? "running"
        : Counts.ContainsKey(JobState.Failed) || Counts.ContainsKey(JobState.Expired) ? "failed"
        : Counts.ContainsKey(JobState.Cancelled) ? "cancelled"
        : "succeeded";
}

/// <summary>A workflow with its jobs.</summary>
/// <param name="Members">In the order of the graph: a parent before those that wait for it.</param>
public sealed record WorkflowView(WorkflowRow Row, IReadOnlyList<WorkflowMember> Members);

/// <summary>A job of a workflow. Its result is left empty.</summary>
/// <param name="Template">The arguments as they were submitted, with references; empty where <see cref="Job.Args"/> are.</param>
/// <param name="Kept">It succeeded in an earlier workflow, of which this one is the rerun.</param>
public sealed record WorkflowMember(string Name, Job Job, ReadOnlyMemory<byte> Template, bool Kept);

/// <param name="Rows">Newest first.</param>
/// <param name="Next">Where the next page begins; null when there is none.</param>
public sealed record WorkflowPage(IReadOnlyList<WorkflowRow> Rows, long? Next);

/// <summary>What workflows need stored, beside <see cref="IJobStore"/>, which writes them.</summary>
public interface IWorkflowStore
{
    /// <summary>Null where there is none.</summary>
    ValueTask<WorkflowView?> ReadAsync(Namespace ns, WorkflowId id, CancellationToken ct);

    /// <summary>A page, newest first.</summary>
    /// <param name="before">Older than this one (<see cref="WorkflowRow.Seq"/>); null: from the newest.</param>
    /// <param name="limit">1 to 500.</param>
    ValueTask<WorkflowPage> ListAsync(Namespace ns, long? before, int limit, CancellationToken ct);
}
