using System.Globalization;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>The usual shapes of graphs. The namespace is that of the first submission.</summary>
public static class Workflow
{
    /// <summary>One after the other: <c>step1</c>, <c>step2</c>, …; each starts when the one before succeeded, and may name its result
    /// (<c>{"$result": "step1"}</c>).</summary>
    public static WorkflowSubmission Chain(params IReadOnlyList<Submission> steps) => Of(
        [.. steps.Select((step, i) => new WorkflowJob(Name("step", i), step) { DependsOn = i == 0 ? [] : [new WorkflowEdge(Name("step", i - 1))] })]);

    /// <summary>Side by side: <c>job1</c>, <c>job2</c>, …</summary>
    public static WorkflowSubmission Group(params IReadOnlyList<Submission> jobs) => Of([.. jobs.Select((job, i) => new WorkflowJob(Name("job", i), job))]);

    /// <summary>Side by side, then one more, <c>then</c>, which may name their results (<c>{"$result": "job1"}</c>).</summary>
    /// <param name="on">Whether it starts only when all of them succeeded, or however they end.</param>
    public static WorkflowSubmission Chord(IReadOnlyList<Submission> jobs, Submission then, DependsOn on = DependsOn.Succeeded) => Of(
    [
        .. jobs.Select((job, i) => new WorkflowJob(Name("job", i), job)),
        new WorkflowJob("then", then) { DependsOn = [.. jobs.Select((_, i) => new WorkflowEdge(Name("job", i), on))] },
    ]);

    private static WorkflowSubmission Of(IReadOnlyList<WorkflowJob> jobs)
    {
        ArgumentOutOfRangeException.ThrowIfZero(jobs.Count);
        return new WorkflowSubmission { Namespace = jobs[0].Submission.Namespace, Jobs = jobs };
    }

    private static string Name(string word, int index) => string.Create(CultureInfo.InvariantCulture, $"{word}{index + 1}");
}
