using System.Buffers;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary>What can be done to one job beside cancelling it: run now, change, delete, run again.</summary>
/// <remarks>Rare calls, so each looks first whether the job is there: one that is not is that before anything is said of the body.</remarks>
internal sealed class JobActionEndpoints(FrontDoors doors, HttpOptions options, TimeProvider time)
{
    private const long MaxEdit = 64 * 1024;

    public void Map(ApiMap api)
    {
        api.Post("/jobs/{id}/run-now", Scope.Operate, RunNowAsync, new ApiDoc("runJobNow", "Jobs", "Starts a job now that waits for a time.") { ChecksBody = true, Answers = [(202, "Job")] });
        api.Patch("/jobs/{id}", Scope.Operate, EditAsync, new ApiDoc("editJob", "Jobs", "Changes a job while it waits.")
        {
            Body = "JobEdit",
            Takes = [BodyRule.MergePatch, BodyRule.Json],
            Answers = [(200, "Job")],
            Parameters = [ApiParameters.IfMatch],
        });
        api.Delete("/jobs/{id}", Scope.Operate, DeleteAsync, new ApiDoc("deleteJob", "Jobs", "Deletes a final job; the answer is the job as it was.") { Answers = [(202, "Job")] });
        api.Post("/jobs/{id}/rerun", Scope.Operate, RerunAsync, new ApiDoc("rerunJob", "Jobs", "Runs a final job again, as a new job.")
        {
            Body = "Rerun",
            Answers = [(202, "Job")],
            Parameters = [ApiParameters.IdempotencyKey],
        });
    }

    private async Task RunNowAsync(HttpContext context, Namespace ns)
    {
        if (await BodyReading.ReadNothingAsync(context) is { } refusal)
        {
            if (await FindAsync(context, ns) is not null) await Problems.WriteAsync(context, refusal);
        }
        else await JobAnswers.Outcome(context, JobAnswers.TryId(context, out var id, out _) ? await doors.Jobs.RunNowAsync(ns, id, context.RequestAborted) : null, StatusCodes.Status202Accepted);
    }

    private async Task DeleteAsync(HttpContext context, Namespace ns) => await JobAnswers.Outcome(context,
        JobAnswers.TryId(context, out var id, out _) ? await doors.Jobs.DeleteAsync(ns, id, context.RequestAborted) : null, StatusCodes.Status202Accepted);

    private async Task EditAsync(HttpContext context, Namespace ns)
    {
        if (await FindAsync(context, ns) is not { } id) return;
        var (body, refusal) = await BodyAsync(context, MaxEdit, null);
        JobCommand.Edit? edit = null;
        refusal ??= JobEditBody.TryRead(body, options.Limits.Depth, time.GetUtcNow(), out edit);
        IReadOnlyList<long>? versions = null;
        refusal ??= Precondition.ReadJob(context.Request, out versions);
        if (refusal is not null) await Problems.WriteAsync(context, refusal);
        else await JobAnswers.Outcome(context, await doors.Jobs.EditAsync(ns, id, edit! with { IfVersion = versions }, context.RequestAborted), StatusCodes.Status200OK);
    }

    private async Task RerunAsync(HttpContext context, Namespace ns)
    {
        if (await FindAsync(context, ns) is not { } id) return;
        var (body, refusal) = await BodyAsync(context, options.Limits.Args + MaxEdit, "args");
        ReadOnlyMemory<byte>? args = null;
        refusal ??= RerunBody.TryRead(body, options.Limits.Depth, options.Limits.Args, out args);
        string? key = null;
        refusal ??= IdempotencyKey.Read(context.Request, out key);
        if (refusal is not null)
        {
            await Problems.WriteAsync(context, refusal);
            return;
        }
        var rerun = new Rerun { Args = args, IdempotencyKey = key, TraceParent = RequestIdentity.TraceOf(context) };
        await AnswerAsync(context, await doors.Jobs.RerunAsync(ns, id, rerun, context.RequestAborted), id);
    }

    private static Task AnswerAsync(HttpContext context, SubmitOutcome? outcome, JobId old)
    {
        switch (outcome)
        {
            case SubmitOutcome.Accepted accepted:
                return JobAnswers.Accepted(context, accepted.Job);
            case SubmitOutcome.Deduplicated deduplicated:
                return JobAnswers.Accepted(context, deduplicated.Job);
            case SubmitOutcome.Replayed replayed:
                context.Response.Headers["Idempotent-Replayed"] = "true";
                return JobAnswers.Accepted(context, replayed.Job);
            case SubmitOutcome.Refused refused:
                return Problems.WriteAsync(context, refused.Refusal);
            default:
                return Problems.WriteAsync(context, JobAnswers.Unknown(old.ToString()));
        }
    }

    /// <summary>The job's id; null when the refusal has been written.</summary>
    private async ValueTask<JobId?> FindAsync(HttpContext context, Namespace ns)
    {
        if (JobAnswers.TryId(context, out var id, out var text) && await doors.Jobs.GetAsync(ns, id, context.RequestAborted) is not null) return id;
        await Problems.WriteAsync(context, JobAnswers.Unknown(text));
        return null;
    }

    private static async ValueTask<(byte[] Body, Refusal? Refusal)> BodyAsync(HttpContext context, long limit, string? setting)
    {
        var (body, refusal) = await BodyReading.ReadAsync(context, limit, setting);
        if (refusal is not null) return ([], refusal);
        var bytes = body.ToArray();
        BodyReading.Release(context, body);
        return (bytes, null);
    }
}
