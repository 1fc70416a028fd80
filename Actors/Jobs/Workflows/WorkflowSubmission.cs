using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>A request for a graph of jobs: what API.md's <c>POST /workflows</c> carries, read but not yet checked.</summary>
public sealed record WorkflowSubmission
{
    public const int MaxJobs = 10_000;
    public const int MaxName = 200;

    public required Namespace Namespace { get; init; }

    /// <summary>For people; 1 to 200 characters, null for none.</summary>
    public string? Name { get; init; }

    public OnFailure OnFailure { get; init; }

    /// <summary>1 to 10,000, in any order.</summary>
    public required IReadOnlyList<WorkflowJob> Jobs { get; init; }

    /// <summary>Repeats with the same key and graph within 24 hours make one workflow.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>First 16 bytes of SHA-256 over what the client sent; tells a repeat from another graph under the same key.</summary>
    public Guid Digest { get; init; }
}

/// <summary>A job of a graph.</summary>
/// <param name="Name">1 to 100 of <c>A-Z a-z 0-9 . _ -</c>; others name it in <see cref="DependsOn"/> and in <c>{"$result": "…"}</c> of their arguments.</param>
/// <param name="Submission">Its members; <see cref="Submission.DependsOn"/> and <see cref="Submission.Workflow"/> are the graph's to fill.</param>
public sealed record WorkflowJob(string Name, Submission Submission)
{
    /// <summary>Jobs of the graph that have to end before it.</summary>
    public IReadOnlyList<WorkflowEdge> DependsOn { get; init; } = [];
}

/// <param name="Job">Name of the one that has to end first.</param>
/// <param name="On">With which end.</param>
public readonly record struct WorkflowEdge(string Job, DependsOn On = DependsOn.Succeeded);
