using System.Reflection;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.TestKit;

/// <summary>Jobs that wait until the test runs them: it looks at what was submitted, then calls <see cref="RunNextAsync"/> or <see cref="DrainAsync"/>.</summary>
/// <param name="tasks">What can be run.</param>
/// <param name="options">Null: the defaults.</param>
public sealed class HeldJobs(ITaskCatalog tasks, TestJobOptions? options = null) : TestJobs(tasks, options)
{
    /// <summary>Runs one attempt of the job that is next: of the queue whose first job waits longest, the first in its line.</summary>
    /// <returns>The job as the attempt left it; null when none is ready.</returns>
    public Task<Job?> RunNextAsync(CancellationToken ct = default) => RunOneAsync(ct);

    /// <summary>Runs what is ready, and what that makes ready, until nothing is. What waits for a time stays.</summary>
    /// <returns>Attempts run.</returns>
    /// <exception cref="InvalidOperationException">More than <see cref="TestJobOptions.MaxRuns"/>.</exception>
    public Task<int> DrainAsync(CancellationToken ct = default) => RunAllAsync(ct);

    /// <summary>All jobs of a namespace as they are now, in the order of their submission, with their arguments.</summary>
    /// <param name="ns">Null: the default one.</param>
    public async Task<IReadOnlyList<Job>> SubmittedAsync(Namespace? ns = null)
    {
        var jobs = new List<Job>();
        var query = new JobQuery { Namespace = ns ?? Namespace.Default, Limit = JobQuery.MaxLimit };
        for (var page = await ListAsync(query, default); ; page = await ListAsync(query with { Before = page.Next }, default))
        {
            if (page.Rows.Count > 0) jobs.AddRange((await GetManyAsync(query.Namespace, [.. page.Rows.Select(static job => job.Row.Id)], default)).OfType<Job>());
            if (page.Next is null) break;
        }
        jobs.Reverse();
        return jobs;
    }

    /// <summary>Those of one task.</summary>
    /// <typeparam name="TTask">A class with a <see cref="ComputeTaskAttribute"/>.</typeparam>
    /// <exception cref="ArgumentException">It has none.</exception>
    public async Task<IReadOnlyList<Job>> SubmittedAsync<TTask>(Namespace? ns = null)
    {
        var name = typeof(TTask).GetCustomAttribute<ComputeTaskAttribute>()?.Name ?? throw new ArgumentException($"{typeof(TTask).FullName} has no [ComputeTask], so it is no task.");
        return [.. (await SubmittedAsync(ns)).Where(job => job.Row.Task == name)];
    }

    private protected override Task ReadyAsync(CancellationToken ct) => Task.CompletedTask;
}
