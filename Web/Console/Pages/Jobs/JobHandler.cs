using System.Diagnostics;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Tracing;
using ActorPerf.Web.Console.Access;
using ActorPerf.Web.Console.Forms;
using ActorPerf.Web.Console.Live;
using Microsoft.AspNetCore.Http;
using Filter = ActorPerf.Jobs.Search.JobFilter;

namespace ActorPerf.Web.Console.Pages;

/// <summary>One job: as it is, and where it comes from. What can be done to it is <see cref="JobActHandler"/>'s.</summary>
internal static class JobHandler
{
    private const int MaxChildren = 50;

    public const string NoSuchJob = "There is no job with this id in this namespace. It may have been pruned: finished jobs are kept for some days only.";

    public static async Task<IResult> ShowAsync(ConsoleRequest request) =>
        await FindAsync(request) is { } job ? await PageAsync(request, job, null) : request.NotFound(NoSuchJob);

    /// <summary>The job's page; with what was entered, and why it was refused, after a form that could not be done.</summary>
    public static async Task<IResult> PageAsync(ConsoleRequest request, Job job, JobFormFault? fault)
    {
        var (jobs, ns, ct) = (request.Jobs, request.View.Namespace, request.Aborted);
        var history = await jobs.HistoryAsync(ns, job.Row.Id, ct) ?? new JobHistory([], [], Pruned: true);
        var calls = CallLines.ForJob(request.View, job.Row.Task, job.Args, JobFields.Of(job.Row, request.View.Now));
        var model = new JobModel(job, history, request.View.Now, calls)
        {
            Parents = await ParentsAsync(request, job),
            Children = HadChildren(history) ? await ChildrenAsync(request, job.Row.Id) : [],
            Deliveries = request.View.Rights.May(Right.Operate) ? await request.Service<IWebhooks>().DeliveriesOfAsync(ns, job.Row.Id, ct) : [],
            Traces = request.View.Rights.May(Right.Operate) ? TracesOf(request.Traces, job.Row) : [],
            Fault = fault,
        };
        return ConsolePage.Of<OneJobPage>(request.View, model, fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    public static async Task<IResult> ArgsAsync(ConsoleRequest request) =>
        await FindAsync(request) is { } job ? Json(job.Args) : request.NotFound(NoSuchJob);

    public static async Task<IResult> ResultAsync(ConsoleRequest request) =>
        await FindAsync(request) is not { } job ? request.NotFound(NoSuchJob)
        : job.Result is { } result ? Json(result)
        : request.NotFound($"Job {job.Row.Id} is {job.Row.State.Word} and has no result.");

    public static (string Key, Func<ILiveSource> Open)? Live(ConsoleRequest request)
    {
        if (!JobId.TryParse(request.Query("id"), out var id)) return null;
        var (jobs, ns, time) = (request.Jobs, request.View.Namespace, request.Service<TimeProvider>());
        return ($"job {id}", () => new JobSource(jobs, ns, id, time));
    }

    public static ValueTask<Job?> FindAsync(ConsoleRequest request) =>
        request.TryJobId(out var id) ? request.Jobs.GetAsync(request.View.Namespace, id, request.Aborted) : ValueTask.FromResult<Job?>(null);

    /// <summary>The newest attempts first, the request that submitted it last.</summary>
    private static IReadOnlyList<TraceSummary> TracesOf(ITraces traces, JobRow job)
    {
        var attempts = traces.List(new TraceQuery(job.Namespace.Name, $"job {job.Task}", Limit: TraceQuery.MaxLimit)).Where(trace => trace.Job == job.Id.ToString()).Take(MaxChildren);
        var submitted = job.TraceParent is { } parent ? traces.Find(job.Namespace.Name, parent)?.Summary : null;
        return [.. attempts.Concat(submitted is { Job: null } ? [submitted] : [])];
    }

    private static async ValueTask<IReadOnlyList<JobRelative>> ParentsAsync(ConsoleRequest request, Job job)
    {
        if (job.DependsOn.Count == 0) return [];
        var shown = job.DependsOn.Take(MaxChildren).ToList();
        var found = await request.Jobs.GetManyAsync(request.View.Namespace, [.. shown.Select(parent => parent.Job)], request.Aborted);
        return [.. shown.Zip(found, (parent, known) => new JobRelative(parent.Job, known, parent.On))];
    }

    /// <summary>Only a job that waited while it ran has any, so that others are not searched for.</summary>
    private static bool HadChildren(JobHistory history) => history.Rows.Any(change => change is { From: JobState.Running, To: JobState.Held });

    private static async Task<IReadOnlyList<Job>> ChildrenAsync(ConsoleRequest request, JobId parent)
    {
        var query = new JobQuery { Namespace = request.View.Namespace, Filter = new Filter.HasParent(parent), Limit = MaxChildren };
        return (await request.Jobs.ListAsync(query, request.Aborted)).Rows;
    }

    private static IResult Json(ReadOnlyMemory<byte> json) => Results.Bytes(json, "application/json");
}
