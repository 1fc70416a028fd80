using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary>One job: as it is, its history, and asking it to stop.</summary>
internal sealed class JobEndpoints(FrontDoors doors)
{
    public void Map(ApiMap api)
    {
        api.Get("/jobs/{id}", Scope.Read, GetAsync, new ApiDoc("getJob", "Jobs", "The job as it is now; with Prefer: wait, when it has finished or changed.")
        {
            Answers = [(200, "Job"), (304, null)],
            Parameters = [ApiParameters.Prefer, ApiParameters.IfNoneMatch],
        });
        api.Get("/jobs/{id}/history", Scope.Read, HistoryAsync, new ApiDoc("getJobHistory", "Jobs", "Every change of the job, and every attempt's error and log lines.")
        {
            Answers = [(200, "History")],
        });
        api.Post("/jobs/{id}/cancel", Scope.Operate, CancelAsync, new ApiDoc("cancelJob", "Jobs", "Asks a job to stop.") { ChecksBody = true, Answers = [(202, "Job")] });
    }

    private Task GetAsync(HttpContext context, Namespace ns)
    {
        if (!JobAnswers.TryId(context, out var id, out var text)) return Problems.WriteAsync(context, JobAnswers.Unknown(text));
        var known = context.Request.Headers.IfNoneMatch;
        if (Preferences.Of(context.Request).Wait is { } wait) return WaitAsync(context, ns, id, wait);
        var getting = doors.Jobs.GetAsync(ns, id, context.RequestAborted);
        return getting.IsCompletedSuccessfully ? Answered(context, getting.Result, id, known) : GetOnAsync(context, getting, id, known);
    }

    private static async Task GetOnAsync(HttpContext context, ValueTask<Job?> getting, JobId id, string? known) =>
        await Answered(context, await getting, id, known);

    /// <summary>With an ETag a long poll that returns on change; without one it returns when the job is final.</summary>
    private async Task WaitAsync(HttpContext context, Namespace ns, JobId id, TimeSpan wait)
    {
        Preferences.Applied(context.Response, wait);
        string? known = context.Request.Headers.IfNoneMatch;
        var ct = context.RequestAborted;
        if (known is null)
        {
            await Answered(context, await doors.Jobs.WaitFinishedAsync(ns, id, wait, ct), id, null);
            return;
        }
        var job = await doors.Jobs.GetAsync(ns, id, ct);
        if (job is not null && Matches(known, job))
            job = job.Row.State.IsActive ? await WaitProgressAsync(ns, id, known, wait, ct) : await doors.Jobs.WaitChangedAsync(ns, id, job.Row.Version, wait, ct);
        await Answered(context, job, id, known);
    }

    /// <summary>A job that runs may report progress, which changes its ETag and not its version: until either does.</summary>
    private async Task<Job?> WaitProgressAsync(Namespace ns, JobId id, string known, TimeSpan wait, CancellationToken ct)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        over.CancelAfter(wait);
        try
        {
            await foreach (var happened in doors.Jobs.FollowAsync(ns, id, null, over.Token))
            {
                if (happened is JobEvent.Log) continue;
                if (await doors.Jobs.GetAsync(ns, id, over.Token) is not { } job) return null;
                if (!Matches(known, job)) return job;
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // The patience is over: answered with the job as it is.
        }
        return await doors.Jobs.GetAsync(ns, id, ct);
    }

    private static Task Answered(HttpContext context, Job? job, JobId id, string? known)
    {
        if (job is null) return Problems.WriteAsync(context, JobAnswers.Unknown(id.ToString()));
        if (known is not null && Matches(known, job)) return Answer.NotModified(context, JobJson.ETag(job));
        if (!job.Row.State.IsFinal) context.Response.Headers.RetryAfter = "1";
        return JobAnswers.One(context, job);
    }

    private static bool Matches(string known, Job job) => JobAnswers.Knows(known, JobJson.ETag(job));

    private async Task HistoryAsync(HttpContext context, Namespace ns)
    {
        if (!JobAnswers.TryId(context, out var id, out var text) || await doors.Jobs.HistoryAsync(ns, id, context.RequestAborted) is not { } history)
        {
            await Problems.WriteAsync(context, JobAnswers.Unknown(text));
            return;
        }
        var buffer = JsonBuffer.Rent();
        buffer.Json.WriteHistory(history);
        await Answer.Json(context, buffer);
    }

    private async Task CancelAsync(HttpContext context, Namespace ns)
    {
        var known = JobAnswers.TryId(context, out var id, out var text);
        if (await BodyReading.ReadNothingAsync(context) is { } refusal)
            await Problems.WriteAsync(context, known && await doors.Jobs.GetAsync(ns, id, context.RequestAborted) is not null ? refusal : JobAnswers.Unknown(text));
        else await JobAnswers.Outcome(context, known ? await doors.Jobs.CancelAsync(ns, id, context.RequestAborted) : null, StatusCodes.Status202Accepted);
    }
}
