using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary><c>POST /jobs</c>: one job, durable before it is answered.</summary>
internal sealed class SubmitEndpoint(FrontDoors doors, SubmissionReader reader)
{
    public void Map(ApiMap api) => api.Post("/jobs", Scope.Submit, SubmitAsync, new ApiDoc("submitJob", "Jobs", "Submits a job; answers when it is durable.")
    {
        Body = "Submission",
        Answers = [(202, "Job"), (200, "Job")],
        Parameters = [ApiParameters.Prefer, ApiParameters.IdempotencyKey],
    });

    /// <summary>Submits and answers; also what <c>Prefer: respond-async</c> under <c>/compute</c> comes to.</summary>
    public Task SubmitAsync(HttpContext context, Submission submission)
    {
        if (IdempotencyKey.Read(context.Request, out var key) is { } badKey) return Problems.WriteAsync(context, badKey);
        return StoreAsync(context, key is null ? submission : submission with { IdempotencyKey = key });
    }

    /// <remarks>One wait and so one state machine a request: the body of a usual request has come with its head.</remarks>
    private Task SubmitAsync(HttpContext context, Namespace ns)
    {
        var reading = BodyReading.ReadAsync(context, reader.MaxBody, "args");
        return reading.IsCompletedSuccessfully ? SubmitAsync(context, ns, reading.Result) : ReadOnAsync(context, ns, reading);
    }

    private async Task ReadOnAsync(HttpContext context, Namespace ns, ValueTask<(ReadOnlySequence<byte>, Refusal?)> reading) =>
        await SubmitAsync(context, ns, await reading);

    private Task SubmitAsync(HttpContext context, Namespace ns, (ReadOnlySequence<byte> Body, Refusal? Refusal) read)
    {
        if (read.Refusal is { } tooLarge) return Problems.WriteAsync(context, tooLarge);
        return Read(context, ns, read.Body, out var submission, out var refusal) ? SubmitAsync(context, submission) : Problems.WriteAsync(context, refusal);
    }

    private async Task StoreAsync(HttpContext context, Submission submission) =>
        await AnswerAsync(context, await doors.Jobs.SubmitAsync(submission, context.RequestAborted), submission.Namespace);

    private bool Read(HttpContext context, Namespace ns, in ReadOnlySequence<byte> body,
        [NotNullWhen(true)] out Submission? submission, [NotNullWhen(false)] out Refusal? refusal)
    {
        var read = reader.TryRead(BodyReading.Contiguous(body), ns, RequestIdentity.TraceOf(context), out submission, out refusal);
        BodyReading.Release(context, body);
        return read;
    }

    private Task AnswerAsync(HttpContext context, SubmitOutcome outcome, Namespace ns) =>
        outcome is SubmitOutcome.Accepted accepted && Preferences.Of(context.Request).Wait is null ? JobAnswers.Accepted(context, accepted.Job) : WaitAndAnswerAsync(context, outcome, ns);

    private async Task WaitAndAnswerAsync(HttpContext context, SubmitOutcome outcome, Namespace ns)
    {
        switch (outcome)
        {
            case SubmitOutcome.Accepted accepted:
                await AnswerAsync(context, await WaitAsync(context, accepted.Job, ns));
                break;
            case SubmitOutcome.Replayed replayed:
                context.Response.Headers["Idempotent-Replayed"] = "true";
                await AnswerAsync(context, await WaitAsync(context, replayed.Job, ns));
                break;
            case SubmitOutcome.Deduplicated deduplicated:
                JobAnswers.PutLocation(context, deduplicated.Job);
                await JobAnswers.One(context, await WaitAsync(context, deduplicated.Job, ns), deduplicated: true);
                break;
            case SubmitOutcome.Refused refused:
                await Problems.WriteAsync(context, refused.Refusal);
                break;
        }
    }

    /// <summary>200 when the caller waited long enough to see the end, 202 otherwise.</summary>
    private static Task AnswerAsync(HttpContext context, Job job)
    {
        var waited = context.Response.Headers.ContainsKey("Preference-Applied");
        if (!waited || !job.Row.State.IsFinal) return JobAnswers.Accepted(context, job);
        JobAnswers.PutLocation(context, job);
        return JobAnswers.One(context, job);
    }

    private async ValueTask<Job> WaitAsync(HttpContext context, Job job, Namespace ns)
    {
        if (Preferences.Of(context.Request).Wait is not { } wait) return job;
        Preferences.Applied(context.Response, wait);
        if (job.Row.State.IsFinal) return job;
        return await doors.Jobs.WaitFinishedAsync(ns, job.Row.Id, wait, context.RequestAborted) ?? job;
    }
}
