using System.Diagnostics;
using ActorPerf.Jobs;
using ActorPerf.Web.Console.Forms;
using ActorPerf.Web.Console.Live;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

internal static class JobHandler
{
    private const string NoSuchJob = "There is no job with this id in this namespace. It may have been pruned: finished jobs are kept for some days only.";

    public static async Task<IResult> ShowAsync(ConsoleRequest request)
    {
        if (await FindAsync(request) is not { } job) return request.NotFound(NoSuchJob);
        var history = await request.Jobs.HistoryAsync(request.View.Namespace, job.Row.Id, request.Aborted) ?? new JobHistory([], [], Pruned: true);
        var calls = CallLines.ForJob(request.View, job.Row.Task, job.Args, new JobFields(job.Row.Queue));
        return ConsolePage.Of<OneJobPage>(request.View, new JobModel(job, history, request.View.Now, calls));
    }

    public static async Task<IResult> ArgsAsync(ConsoleRequest request) =>
        await FindAsync(request) is { } job ? Json(job.Args) : request.NotFound(NoSuchJob);

    public static async Task<IResult> ResultAsync(ConsoleRequest request) =>
        await FindAsync(request) is not { } job ? request.NotFound(NoSuchJob)
        : job.Result is { } result ? Json(result)
        : request.NotFound($"Job {job.Row.Id} is {job.Row.State.Word} and has no result.");

    public static async Task<IResult> CancelAsync(ConsoleRequest request)
    {
        if (!request.TryJobId(out var id)) return request.NotFound(NoSuchJob);
        var outcome = await request.Jobs.CancelAsync(request.View.Namespace, id, request.Aborted);
        if (outcome is JobOutcome.Done) await request.RecordAsync("cancelJob", id.ToString());
        return outcome switch
        {
            null => request.NotFound(NoSuchJob),
            JobOutcome.Done => request.Redirect(request.Links.Job(id)),
            JobOutcome.Refused(var refusal) => request.Refused(refusal),
            _ => throw new UnreachableException(),
        };
    }

    public static (string Key, Func<ILiveSource> Open)? Live(ConsoleRequest request)
    {
        if (!JobId.TryParse(request.Query("id"), out var id)) return null;
        var (jobs, ns, time) = (request.Jobs, request.View.Namespace, request.Service<TimeProvider>());
        return ($"job {id}", () => new JobSource(jobs, ns, id, time));
    }

    private static ValueTask<Job?> FindAsync(ConsoleRequest request) =>
        request.TryJobId(out var id) ? request.Jobs.GetAsync(request.View.Namespace, id, request.Aborted) : ValueTask.FromResult<Job?>(null);

    private static IResult Json(ReadOnlyMemory<byte> json) => Results.Bytes(json, "application/json");
}
