using System.Globalization;
using ActorPerf.Client.Wire;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Client;

/// <content>What can be done to one job after its submission.</content>
public sealed partial class HttpJobs
{
    public ValueTask<JobOutcome?> CancelAsync(Namespace ns, JobId id, CancellationToken ct) => AskAsync(new Call(HttpMethod.Post, $"/jobs/{id}/cancel", ns) { Body = [] }, ct);

    public ValueTask<JobOutcome?> RunNowAsync(Namespace ns, JobId id, CancellationToken ct) => AskAsync(new Call(HttpMethod.Post, $"/jobs/{id}/run-now", ns) { Body = [] }, ct);

    /// <remarks>With <see cref="JobCommand.Edit.IfVersion"/> it is sent once: the first try would make the second one's condition false.</remarks>
    public ValueTask<JobOutcome?> EditAsync(Namespace ns, JobId id, JobCommand.Edit edit, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(edit);
        return AskAsync(
            new Call(HttpMethod.Patch, $"/jobs/{id}", ns)
            {
                Body = JsonBody.Of(json => SubmissionWriter.Write(json, edit)),
                MediaType = "application/merge-patch+json",
                Headers = edit.IfVersion is { } versions ? [("If-Match", string.Join(", ", versions.Select(version => string.Create(CultureInfo.InvariantCulture, $"\"{version}\""))))] : [],
                Repeatable = edit.IfVersion is null,
            },
            ct);
    }

    /// <remarks>Sent once: after a try whose answer was lost, the job is gone either way.</remarks>
    public ValueTask<JobOutcome?> DeleteAsync(Namespace ns, JobId id, CancellationToken ct) => AskAsync(new Call(HttpMethod.Delete, $"/jobs/{id}", ns) { Repeatable = false }, ct);

    public async ValueTask<SubmitOutcome?> RerunAsync(Namespace ns, JobId id, Rerun rerun, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(rerun);
        var reply = await _caller.SendAsync(
            new Call(HttpMethod.Post, $"/jobs/{id}/rerun", ns)
            {
                Body = rerun.Args is { } args
                    ? JsonBody.Of(json =>
                    {
                        json.WriteStartObject();
                        SubmissionWriter.Raw(json, "args", args);
                        json.WriteEndObject();
                    })
                    : [],
                // A key of our own where the caller has none: sent twice, it still makes one job.
                Headers = Headers(rerun.IdempotencyKey ?? Guid.NewGuid().ToString(), rerun.TraceParent),
            },
            ct);
        if (IsUnknown(reply)) return null;
        if (reply.Refusal is { } refusal) return new SubmitOutcome.Refused(refusal);
        var job = JobReader.Read(reply.Body);
        return reply.Replayed && rerun.IdempotencyKey is not null ? new SubmitOutcome.Replayed(job) : new SubmitOutcome.Accepted(job);
    }

    private async ValueTask<JobOutcome?> AskAsync(Call call, CancellationToken ct)
    {
        var reply = await _caller.SendAsync(call, ct);
        if (IsUnknown(reply)) return null;
        return reply.Refusal is { } refusal ? new JobOutcome.Refused(refusal) : new JobOutcome.Done(JobReader.Read(reply.Body));
    }
}
