using ActorPerf.Jobs.Search;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>Whether a submission can become a job, and the row it becomes. Pure.</summary>
public static class SubmissionCheck
{
    public const int MaxQueueName = 64;
    public const int MaxTags = 50;
    public const int MaxTagLength = 100;
    public const int MaxMetaBytes = 16 * 1024;
    public const int MaxIdempotencyKey = 255;
    public const int MaxDependencies = 10_000;

    /// <summary>The longest wait that can be asked for, from now.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromDays(3_653);

    /// <summary>Null when it can; else why not, with every faulty member.</summary>
    public static Refusal? Fault(Submission submission, TaskDescriptor task, DateTimeOffset now)
    {
        var faults = new List<FieldFault>();
        CheckPlace(faults, submission.Queue, submission.Priority, submission.RunAt, now);
        if (submission.MaxAttempts is < 1 or > 1_000) faults.Add(new("/maxAttempts", $"{submission.MaxAttempts} is outside 1 to 1000."));
        if (submission is { Delay: not null, RunAt: not null }) faults.Add(new("/delay", "Give delay or runAt, not both."));
        CheckSpan(faults, "/delay", submission.Delay, TimeSpan.Zero, MaxDelay);
        CheckSpan(faults, "/expiresIn", submission.ExpiresIn, TimeSpan.FromMilliseconds(1), MaxDelay);
        if (submission.ExpiresIn is { } life && (submission.Delay ?? (submission.RunAt - now)) >= life)
            faults.Add(new("/expiresIn", "The job would expire before its time to start comes: give it longer, or start it earlier."));
        CheckSpan(faults, "/timeout", submission.Timeout, TaskOptions.ShortestTimeout, TaskOptions.LongestTimeout);
        if (submission.Backoff is { } backoff) CheckBackoff(faults, backoff);
        CheckTags(faults, submission.Tags);
        if (submission.Meta.Length > MaxMetaBytes) faults.Add(new("/meta", $"{submission.Meta.Length} bytes; at most {MaxMetaBytes}."));
        CheckKeys(faults, submission);
        CheckDependencies(faults, submission);
        if (submission.IdempotencyKey is { } key && (key.Length is 0 or > MaxIdempotencyKey || key.Any(c => c is < '!' or > '~')))
            return new Refusal("invalid-request", $"Idempotency-Key has {key.Length} characters; use 1 to {MaxIdempotencyKey} printable ASCII characters without spaces.");
        return faults.Count > 0 ? Refusal.Invalid("invalid-request", Told(faults, "The submission has members that cannot be used; see errors."), faults)
            : Hidden(submission, task) is { } hidden ? hidden
            : ResultReferences.Any(submission.Args.Span) && submission.DependsOn.Count > 0 ? null     // their results are not there yet: the type is checked when it starts
            : task.Check(submission.Args);
    }

    /// <summary>Dots in the place of a secret are what a job was shown with, and never what is meant.</summary>
    private static Refusal? Hidden(Submission submission, TaskDescriptor task) => SecretMask.Of(task)?.IsHidden(submission.Args) == true
        ? Refusal.Invalid("invalid-args", $"A secret argument of task '{task.Name}' is {SecretMask.Dots}, which only stands for it. Send the secret itself.", new FieldFault("/args", "holds dots in the place of a secret"))
        : null;

    /// <summary>Whether a job's members can become these; null when they can.</summary>
    public static Refusal? Fault(JobCommand.Edit edit, DateTimeOffset now)
    {
        var faults = new List<FieldFault>();
        CheckPlace(faults, edit.Queue, edit.Priority, edit.RunAt, now);
        if (edit.Tags is { } tags) CheckTags(faults, tags);
        return faults.Count > 0 ? Refusal.Invalid("invalid-request", Told(faults, "The change has members that cannot be used; see errors."), faults) : null;
    }

    /// <summary>The row of a checked submission, for the store to complete.</summary>
    public static NewJob Row(Submission submission, TaskDescriptor task, JobOptions options, DateTimeOffset now) => new(
        new JobRow
        {
            Id = submission.Id ?? new JobId(Guid.CreateVersion7(now)),
            Namespace = submission.Namespace,
            Task = task.Name,
            Queue = submission.Queue ?? task.Queue,
            Priority = submission.Priority,
            // A time that is past joins the line as of now: else it would go before everything that waits.
            RunAt = submission.RunAt is { } at && at > now ? at : submission.Delay is { } delay && delay > TimeSpan.Zero ? now + delay : default,
            ExpiresAt = submission.ExpiresIn is { } life ? now + life : null,
            Timeout = submission.Timeout,
            MaxAttempts = submission.MaxAttempts ?? task.MaxAttempts ?? options.MaxAttempts,
            Backoff = submission.Backoff ?? task.Retry.Backoff ?? BackoffPolicy.Default,
            UniqueKey = submission.UniqueKey,
            UniquePolicy = submission.UniquePolicy,
            UniqueUntil = submission.UniqueUntil,
            LimitKey = submission.LimitKey,
            Tags = submission.Tags,
            Meta = submission.Meta,
            Callback = submission.Callback,
            RerunOf = submission.RerunOf,
            Workflow = submission.Workflow,
            Schedule = submission.Schedule,
            Digest = submission.Digest,
            TraceParent = submission.TraceParent,
            WhenLost = task.WhenLost,
        },
        submission.Args, submission.IdempotencyKey)
    {
        DependsOn = submission.DependsOn,
        Terms = SearchTerms.Of(task, submission.Args),
        OpenTerms = submission.DependsOn.Count > 0 && ResultReferences.Any(submission.Args.Span) ? SearchTerms.Paths(task) : [],
    };

    private static void CheckPlace(List<FieldFault> faults, string? queue, int? priority, DateTimeOffset? runAt, DateTimeOffset now)
    {
        if (queue is not null && QueueNames.Check(queue) is not null)
            faults.Add(new("/queue", $"'{Short(queue)}' is no queue name: use 1 to {MaxQueueName} of a-z 0-9 . _ -."));
        if (priority is < 0 or > 9) faults.Add(new("/priority", $"{priority} is outside 0 to 9; 9 goes first."));
        if (runAt > now + MaxDelay) faults.Add(new("/runAt", $"{runAt:O} is more than ten years away."));
    }

    private static void CheckSpan(List<FieldFault> faults, string pointer, TimeSpan? span, TimeSpan least, TimeSpan most)
    {
        if (span is not { } value || (value >= least && value <= most)) return;
        faults.Add(new(pointer, $"{value.TotalSeconds:0.###} s is outside {least.TotalSeconds:0.###} s to {most.TotalDays:0} days."));
    }

    private static void CheckBackoff(List<FieldFault> faults, BackoffPolicy backoff)
    {
        CheckSpan(faults, "/backoff/initial", backoff.Initial, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(30));
        CheckSpan(faults, "/backoff/max", backoff.Max, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(30));
        if (!(backoff.Factor is >= 1 and <= 100)) faults.Add(new("/backoff/factor", $"{backoff.Factor} is outside 1 to 100."));
    }

    private static void CheckTags(List<FieldFault> faults, IReadOnlyList<string> tags)
    {
        if (tags.Count > MaxTags) faults.Add(new("/tags", $"{tags.Count} tags; at most {MaxTags}."));
        for (var i = 0; i < tags.Count; i++)
        {
            if (tags[i].Length is 0 or > MaxTagLength || tags[i].Any(char.IsControl))
                faults.Add(new($"/tags/{i}", $"A tag has 1 to {MaxTagLength} characters, none of them a control character."));
        }
    }

    private static void CheckKeys(List<FieldFault> faults, Submission submission)
    {
        if (submission.UniqueKey is { } unique && KeyRule.Fault(unique) is { } notUnique) faults.Add(new("/uniqueKey", notUnique));
        if (submission.LimitKey is { } limit && KeyRule.Fault(limit) is { } noLimit) faults.Add(new("/limitKey", noLimit));
        if (submission.Callback is { } callback && CallbackRule.Fault(callback) is { } notCalled) faults.Add(new("/callback", notCalled));
        if (!Enum.IsDefined(submission.UniquePolicy)) faults.Add(new("/uniquePolicy", "Use return, reject or replace."));
        if (!Enum.IsDefined(submission.UniqueUntil)) faults.Add(new("/uniqueUntil", "Use finished or started."));
    }

    private static void CheckDependencies(List<FieldFault> faults, Submission submission)
    {
        var parents = submission.DependsOn;
        // What the arguments of an earlier job, or of a task's child, say was put there by a program: a result may hold such an object as data.
        if (parents.Count == 0 && (submission.RerunOf is not null || submission.ByNode)) return;
        if (parents.Count > MaxDependencies) faults.Add(new("/dependsOn", $"{parents.Count} jobs; at most {MaxDependencies}."));
        var seen = new HashSet<JobId>();
        for (var i = 0; i < parents.Count && i < MaxDependencies; i++)
        {
            if (!seen.Add(parents[i].Job)) faults.Add(new($"/dependsOn/{i}", $"Job {parents[i].Job} is there twice."));
            else if (parents[i].Job == submission.Id) faults.Add(new($"/dependsOn/{i}", "A job cannot wait for itself."));
        }
        foreach (var (pointer, name) in ResultReferences.Find(submission.Args))
        {
            if (!JobId.TryParse(name, out var parent) || !seen.Contains(parent))
                faults.Add(new($"/args{pointer}", $"'{Short(name)}' names no job of dependsOn. Add the job there, or name one that is."));
        }
    }

    private static string Told(List<FieldFault> faults, string many) => faults is [var only] ? $"{only.Pointer}: {only.Message}" : many;

    private static string Short(string text) => text.Length <= 64 ? text : string.Concat(text.AsSpan(0, 64), "…");
}
