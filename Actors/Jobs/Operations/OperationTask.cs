using System.Text.Json;
using System.Text.Json.Serialization;
using ActorPerf.Jobs.Search;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Operations;

/// <param name="Action">A word of <see cref="OperationActions"/>.</param>
/// <param name="Q">In canonical form.</param>
public sealed record OperationArgs(string Action, string Q);

/// <summary>Walks over all jobs that match, newest first and a page at a time, and does the action to each through the ordinary commands.</summary>
/// <remarks>
/// Only jobs submitted before its own come into question, so that what it submits itself (reruns) is not met again. After each page it saves where it is; after a
/// crash it goes on there. A page that was done in part is done again, which changes nothing: cancelled and deleted jobs stay so, and a rerun carries a key
/// made of the operation and the job, under which it was stored.
/// </remarks>
[ComputeTask(Name, Summary = "One action on every job that matches a search.", Queue = "operations", Internal = true)]
public sealed class OperationTask(IJobs jobs, IJobSearch search) : IComputeTask<OperationArgs, OperationCounts>
{
    public const string Name = "operation";
    public const int PageSize = 500;

    public async ValueTask<OperationCounts> RunAsync(OperationArgs args, TaskContext context, CancellationToken ct)
    {
        if (context.JobId is not { } own || await jobs.GetAsync(context.Namespace, new JobId(own), ct) is not { } self)
            throw new NonRetryableException("An operation runs as a job.");
        if (!OperationActions.TryParse(args.Action, out var action) || !FilterText.TryParse(args.Q, out var filter, out _))
            throw new NonRetryableException($"The operation '{args.Action}' on '{args.Q}' cannot be read.");
        var query = new JobQuery { Namespace = context.Namespace, Filter = filter, Limit = PageSize, Until = self.Row.Seq };
        var earlier = Read(context.Checkpoint);
        var at = earlier is null ? new OperationPlace(null, new OperationCounts(await search.CountAsync(query, ct), 0, 0, 0)) : await ResumeAsync(earlier, query, ct);
        // Before the first page too, so that an operation that begins again knows how many there were.
        if (earlier is null) Save(context, at);
        try
        {
            return await WalkAsync(new Walk(action, own, query, context, self.Row.CreatedAt, Resumed: context.Attempt > 1), at, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            context.Log("Stopped before the end; the jobs that it had come to stay as it left them.");
            throw;
        }
    }

    private async Task<OperationCounts> WalkAsync(Walk walk, OperationPlace at, CancellationToken ct)
    {
        while (true)
        {
            Report(walk.Context, at.Counts);
            var page = await jobs.ListAsync(walk.Query with { Before = at.Before }, ct);
            var done = await Task.WhenAll(page.Rows.Select(job => DoAsync(walk, job.Row, ct)));
            at = new OperationPlace(page.Next, at.Counts with
            {
                Done = at.Counts.Done + done.Count(each => each == Effect.Done),
                Skipped = at.Counts.Skipped + done.Count(each => each == Effect.Skipped),
                Failed = at.Counts.Failed + done.Count(each => each == Effect.Failed),
            });
            if (page.Next is null) return at.Counts with { Matched = Past(at.Counts) };
            Save(walk.Context, at);
            ct.ThrowIfCancellationRequested();
        }
    }

    private async Task<Effect> DoAsync(Walk walk, JobRow job, CancellationToken ct)
    {
        var refusal = walk.Action switch
        {
            OperationAction.Cancel => job.State.IsFinal ? walk.Ended(job) ? null : Gone : Refused(await jobs.CancelAsync(job.Namespace, job.Id, ct)),
            OperationAction.RunNow => job.State is JobState.Scheduled or JobState.Retrying ? Refused(await jobs.RunNowAsync(job.Namespace, job.Id, ct)) : JobActions.Conflict(job, "run now"),
            OperationAction.Delete => Refused(await jobs.DeleteAsync(job.Namespace, job.Id, ct)),
            _ => Refused(await jobs.RerunAsync(job.Namespace, job.Id, new Rerun { IdempotencyKey = $"operation-{walk.Id}-{job.Id}" }, ct)),
        };
        if (refusal is null) return Effect.Done;
        if (refusal.Code is "unknown-job" or "state-conflict") return Effect.Skipped;
        walk.Context.Log($"{job.Id}: {refusal.Detail}", LogLevel.Warning);
        return Effect.Failed;
    }

    private static readonly Refusal Gone = new("unknown-job", "There is no such job any more.");

    /// <summary>Null where it was done.</summary>
    private static Refusal? Refused(JobOutcome? outcome) => outcome switch
    {
        null => Gone,
        JobOutcome.Refused refused => refused.Refusal,
        _ => null,
    };

    private static Refusal? Refused(SubmitOutcome? outcome) => outcome switch
    {
        null => Gone,
        SubmitOutcome.Refused refused => refused.Refusal,
        _ => null,
    };

    private static void Report(TaskContext context, OperationCounts counts)
    {
        var past = Past(counts);
        context.Progress(
            counts.Matched == 0 ? 100 : 100.0 * past / Math.Max(counts.Matched, past), $"{past} of {counts.Matched}",
            JsonSerializer.SerializeToUtf8Bytes(counts, OperationJson.Default.OperationCounts));
    }

    private static long Past(OperationCounts counts) => counts.Done + counts.Skipped + counts.Failed;

    private static void Save(TaskContext context, OperationPlace at) => context.SaveCheckpoint(JsonSerializer.SerializeToUtf8Bytes(at, OperationJson.Default.OperationPlace));

    /// <summary>Jobs behind the saved place that no longer match are those on which the action took place before the run was lost. Where more matched than are counted, nobody can tell.</summary>
    private async Task<OperationPlace> ResumeAsync(OperationPlace at, JobQuery query, CancellationToken ct)
    {
        if (at.Counts.Matched > IJobSearch.MaxCounted) return at;
        var left = await search.CountAsync(query with { Before = at.Before }, ct);
        return at with { Counts = at.Counts with { Done = at.Counts.Done + Math.Max(0, at.Counts.Matched - Past(at.Counts) - left) } };
    }

    private static OperationPlace? Read(ReadOnlyMemory<byte>? checkpoint) =>
        checkpoint is { } saved ? JsonSerializer.Deserialize(saved.Span, OperationJson.Default.OperationPlace) : null;

    private enum Effect
    {
        Done,
        Skipped,
        Failed,
    }

    /// <param name="Since">When the operation was asked for.</param>
    /// <param name="Resumed">A run before this one was lost, and may have been on this page.</param>
    private sealed record Walk(OperationAction Action, Guid Id, JobQuery Query, TaskContext Context, DateTimeOffset Since, bool Resumed)
    {
        /// <summary>A job that is cancelled already is so because of the run before.</summary>
        public bool Ended(JobRow job) => Resumed && job.State == JobState.Cancelled && job.FinishedAt >= Since;
    }
}

/// <summary>Where an operation is: the checkpoint between its pages.</summary>
/// <param name="Before">The next page begins behind this job; null at the newest.</param>
internal sealed record OperationPlace(long? Before, OperationCounts Counts);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(OperationPlace))]
[JsonSerializable(typeof(OperationCounts))]
[JsonSerializable(typeof(OperationArgs))]
internal sealed partial class OperationJson : JsonSerializerContext;
