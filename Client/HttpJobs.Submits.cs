using System.Net;
using System.Text.Json;
using ActorPerf.Client.Wire;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Client;

/// <content>New jobs. Each has an id before it is sent, so that a broken connection asks for no more than to send it again.</content>
public sealed partial class HttpJobs
{
    private const int MaxBatchBytes = 8 * 1024 * 1024;       // half of what a node takes unless told otherwise

    /// <exception cref="NotSupportedException">The submission belongs to a workflow or a schedule, or is a rerun: those have calls of their own.</exception>
    public async ValueTask<SubmitOutcome> SubmitAsync(Submission submission, CancellationToken ct)
    {
        Check(submission);
        // A key makes the repeat safe by itself; with an id of ours the body would differ from one call to the next.
        var own = submission.Id is null && submission.IdempotencyKey is null ? NewId() : (JobId?)null;
        var reply = await _caller.SendAsync(
            new Call(HttpMethod.Post, "/jobs", submission.Namespace)
            {
                Body = JsonBody.Of(json => SubmissionWriter.Write(json, submission, own ?? submission.Id)),
                Headers = Headers(submission.IdempotencyKey, submission.TraceParent),
            },
            ct);
        return Outcome(reply, own);
    }

    /// <remarks>A new job in the outcomes is made of what was sent: its queue is empty where the submission left it to the task, and its times are this
    /// program's. Submissions with an <see cref="Submission.IdempotencyKey"/> are sent one by one. What is more than 8 MiB goes in several requests.</remarks>
    /// <exception cref="NotSupportedException">As of <see cref="SubmitAsync"/>; or an atomic batch has an <see cref="Submission.IdempotencyKey"/>, which no batch over HTTP takes.</exception>
    /// <exception cref="ArgumentException">The submissions are of several namespaces.</exception>
    public async ValueTask<IReadOnlyList<SubmitOutcome>> SubmitManyAsync(IReadOnlyList<Submission> submissions, bool atomic, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(submissions);
        ArgumentOutOfRangeException.ThrowIfZero(submissions.Count, nameof(submissions));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(submissions.Count, MaxIds, nameof(submissions));
        foreach (var submission in submissions) Check(submission);
        if (submissions.FirstOrDefault(submission => submission.Namespace != submissions[0].Namespace) is { } stranger)
            throw new ArgumentException($"One call submits to one namespace, and these are of '{submissions[0].Namespace.Name}' and '{stranger.Namespace.Name}'. Make a call for each.", nameof(submissions));
        if (atomic && submissions.Any(static submission => submission.IdempotencyKey is not null))
            throw new NotSupportedException("An atomic batch over HTTP takes no idempotency keys. Give each submission an id of its own.");
        var outcomes = new SubmitOutcome[submissions.Count];
        var keyed = Enumerable.Range(0, outcomes.Length).Where(place => submissions[place].IdempotencyKey is not null).ToArray();
        await EachAsync(keyed, async place => await SubmitAsync(submissions[place], ct), (index, outcome) => outcomes[keyed[index]] = outcome, ct);
        foreach (var part in Parts(submissions, atomic)) await SubmitPartAsync(part, atomic, outcomes, ct);
        return outcomes;
    }

    private static JobId NewId() => new(Guid.CreateVersion7());

    private static void Check(Submission submission)
    {
        ArgumentNullException.ThrowIfNull(submission);
        if (submission.Workflow is not null || submission.Schedule is not null || submission.RerunOf is not null)
            throw new NotSupportedException("Over HTTP a submission cannot name its workflow, its schedule or the job that it repeats. Use POST /workflows, PUT /schedules/{name} or RerunAsync.");
    }

    private static List<(string, string)> Headers(string? key, string? trace)
    {
        var headers = new List<(string, string)>();
        if (key is not null) headers.Add(("Idempotency-Key", key));
        if (trace is not null) headers.Add(("traceparent", trace));
        return headers;
    }

    /// <param name="own">The id, where this call chose it; null where the caller did.</param>
    private static SubmitOutcome Outcome(Reply reply, JobId? own)
    {
        if (reply.Refusal is { } refusal) return new SubmitOutcome.Refused(refusal);
        using var document = JsonDocument.Parse(reply.Body);
        var job = JobReader.Read(document.RootElement);
        if (reply.Replayed) return new SubmitOutcome.Replayed(job);
        // Under an id that nobody else has it can only be there because an earlier try came through.
        return document.RootElement.Flag("deduplicated") && job.Row.Id != own ? new SubmitOutcome.Deduplicated(job) : new SubmitOutcome.Accepted(job);
    }

    /// <summary>Cut so that each is one request.</summary>
    private static IEnumerable<Part> Parts(IReadOnlyList<Submission> submissions, bool atomic)
    {
        var part = new Part();
        for (var place = 0; place < submissions.Count; place++)
        {
            var submission = submissions[place];
            if (submission.IdempotencyKey is not null) continue;
            var id = submission.Id ?? NewId();
            var json = JsonBody.Of(writer => SubmissionWriter.Write(writer, submission, id));
            if (!atomic && part.Items.Count > 0 && part.Bytes + json.Length > MaxBatchBytes)
            {
                yield return part;
                part = new Part();
            }
            part.Add(new Item(place, submission, id, json));
        }
        if (part.Items.Count > 0) yield return part;
    }

    private async Task SubmitPartAsync(Part part, bool atomic, SubmitOutcome[] outcomes, CancellationToken ct)
    {
        var first = part.Items[0].Submission;
        var reply = await _caller.SendAsync(
            new Call(HttpMethod.Post, atomic ? "/jobs/batch?atomic=true" : "/jobs/batch", first.Namespace) { Body = part.ToArray(), Headers = Headers(null, first.TraceParent) }, ct);
        if (reply.Refusal is { } refusal)
        {
            foreach (var item in part.Items) outcomes[item.Place] = new SubmitOutcome.Refused(refusal);
            return;
        }
        var there = new List<(int Place, JobId Id)>();
        var index = 0;
        foreach (var line in Lines(reply.Body))
        {
            if (line.Member("index") is null) continue;                          // the summary
            var item = part.Items[index++];
            if (line.Member("problem") is { } problem) outcomes[item.Place] = new SubmitOutcome.Refused(ProblemReader.Read(problem));
            else if (line.Int("status") == (int)HttpStatusCode.OK && !(reply.Sent > 1 && item.Submission.Id is null && line.Id("id") == item.Id)) there.Add((item.Place, line.Id("id")!.Value));
            else outcomes[item.Place] = new SubmitOutcome.Accepted(AsSent(item));
        }
        if (index != part.Items.Count) throw _caller.Away(new Call(HttpMethod.Post, "/jobs/batch", first.Namespace), new IOException($"{index} of {part.Items.Count} items were answered."));
        await EachAsync(there, async one => await GetAsync(first.Namespace, one.Id, ct), (place, job) => outcomes[there[place].Place] =
            job is null ? new SubmitOutcome.Refused(new Refusal("unknown-job", $"Job {there[place].Id} was there, and was deleted before it could be read.")) : new SubmitOutcome.Deduplicated(job), ct);
    }

    private static IEnumerable<JsonElement> Lines(byte[] body)
    {
        for (var start = 0; start < body.Length;)
        {
            var length = body.AsSpan(start).IndexOf((byte)'\n');
            if (length < 0) length = body.Length - start;
            if (length > 0)
            {
                using var line = JsonDocument.Parse(body.AsMemory(start, length));
                yield return line.RootElement.Clone();
            }
            start += length + 1;
        }
    }

    /// <summary>A batch answers with ids alone.</summary>
    private Job AsSent(Item item)
    {
        var (submission, now) = (item.Submission, _time.GetUtcNow());
        var runAt = submission.RunAt ?? now + (submission.Delay ?? TimeSpan.Zero);
        return new Job(
            new JobRow
            {
                Id = item.Id, Namespace = submission.Namespace, Task = submission.Task, Queue = submission.Queue ?? "", Priority = submission.Priority,
                State = JobRules.Initial(runAt, now, submission.DependsOn.Count > 0), RunAt = runAt, CreatedAt = now, ExpiresAt = now + submission.ExpiresIn,
                Timeout = submission.Timeout, MaxAttempts = submission.MaxAttempts ?? 5, Backoff = submission.Backoff ?? BackoffPolicy.Default, UniqueKey = submission.UniqueKey,
                UniquePolicy = submission.UniquePolicy, UniqueUntil = submission.UniqueUntil, LimitKey = submission.LimitKey, Tags = submission.Tags, Meta = submission.Meta,
                Callback = submission.Callback, Parents = submission.DependsOn.Count,
            },
            submission.Args, null, null)
        { DependsOn = submission.DependsOn };
    }

    private sealed record Item(int Place, Submission Submission, JobId Id, byte[] Json);

    private sealed class Part
    {
        public List<Item> Items { get; } = [];

        public int Bytes { get; private set; } = 2;

        public void Add(Item item)
        {
            Items.Add(item);
            Bytes += item.Json.Length + 1;
        }

        public byte[] ToArray()
        {
            using var body = new MemoryStream(Bytes);
            body.WriteByte((byte)'[');
            for (var i = 0; i < Items.Count; i++)
            {
                if (i > 0) body.WriteByte((byte)',');
                body.Write(Items[i].Json);
            }
            body.WriteByte((byte)']');
            return body.ToArray();
        }
    }
}
