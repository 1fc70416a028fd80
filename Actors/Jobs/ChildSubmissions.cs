using System.Text.Json;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>Turns the children that a run asks for into jobs, by the rules of any submission.</summary>
internal sealed class ChildSubmissions(ITaskCatalog tasks, JobOptions options)
{
    public const int Most = 1_000;
    public const int MaxArgs = 256 * 1024;
    public const int MaxName = 100;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <summary>All of them or none: one that cannot be submitted fails the run, which another attempt would not mend.</summary>
    /// <param name="parent">Gives them its namespace, priority and trace.</param>
    /// <returns>Null with an error of type <c>invalid-child</c> that names the child.</returns>
    public IReadOnlyList<NewJob>? Make(JobRow parent, IReadOnlyList<ChildJob> children, DateTimeOffset now, out TaskError? error)
    {
        error = null;
        if (children.Count is 0 or > Most)
        {
            error = Invalid($"The task waits for {children.Count} children; 1 to {Most} can be waited for.");
            return null;
        }
        var jobs = new NewJob[children.Count];
        for (var i = 0; i < jobs.Length; i++)
        {
            if (Fault(parent, children[i], now, out var job) is { } fault)
            {
                error = Invalid($"Child {i}{(children[i].Name is { } name ? $" '{Short(name)}'" : "")} cannot be submitted: {fault}");
                return null;
            }
            jobs[i] = job!;
        }
        return jobs;
    }

    private string? Fault(JobRow parent, ChildJob child, DateTimeOffset now, out NewJob? job)
    {
        job = null;
        if (child.Name is { Length: 0 or > MaxName }) return $"its name has {child.Name.Length} characters; use 1 to {MaxName}.";
        if (!tasks.TryGet(child.Task, out var task) || task.Internal) return tasks.Unknown(child.Task).Detail;
        if (child.Args.Length > MaxArgs) return $"its arguments have {child.Args.Length} bytes; at most {MaxArgs}.";
        if (!IsJson(child.Args)) return "its arguments are not JSON, or name a member twice, or are nested deeper than 32.";
        var submission = new Submission
        {
            Namespace = parent.Namespace, Task = child.Task, Args = child.Args, Queue = child.Queue, Priority = parent.Priority, TraceParent = parent.TraceParent,
            ByNode = true,      // what a task puts into the arguments is data and names no results
        };
        if (SubmissionCheck.Fault(submission, task, now) is { } refusal) return Text(refusal);
        job = SubmissionCheck.Row(submission, task, options, now) with { ChildName = child.Name };
        return null;
    }

    private static string Text(Refusal refusal) =>
        refusal.Faults is { Count: > 0 } faults ? string.Join(" ", faults.Select(fault => $"{fault.Pointer} {fault.Message}")) : refusal.Detail;

    private static bool IsJson(ReadOnlyMemory<byte> args)
    {
        try
        {
            using var document = JsonDocument.Parse(args, Strict);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static TaskError Invalid(string message) => new("invalid-child", message, Retryable: false);

    private static string Short(string text) => text.Length <= MaxName ? text : string.Concat(text.AsSpan(0, MaxName), "…");
}
