using ActorPerf.Tasks;
using System.Globalization;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Tracing;
using ActorPerf.Web.Console.Forms;
using ActorPerf.Web.Console.Live;

namespace ActorPerf.Web.Console.Pages;

/// <summary>One job: where it is, what happened, what came of it.</summary>
/// <param name="Calls">Lines that submit the same again.</param>
public sealed record JobModel(Job Job, JobHistory History, DateTimeOffset Now, IReadOnlyList<CallLine> Calls)
{
    public JobRow Row => Job.Row;

    /// <summary>What it waited or waits for.</summary>
    public IReadOnlyList<JobRelative> Parents { get; init; } = [];

    /// <summary>What its runs submitted and waited for; the newest where there are many.</summary>
    public IReadOnlyList<Job> Children { get; init; } = [];

    /// <summary>A form of the page that could not be done; null for none.</summary>
    public JobFormFault? Fault { get; init; }

    /// <summary>What webhooks were told of it; empty for who may not see that.</summary>
    public IReadOnlyList<Delivery> Deliveries { get; init; } = [];

    /// <summary>Traces of its attempts and of the request that submitted it, those that this node keeps; empty for who may not see them.</summary>
    public IReadOnlyList<TraceSummary> Traces { get; init; } = [];

    public IReadOnlyList<JobErrorGroup> Errors => Row.State == JobState.Succeeded && History.Attempts.Count == 0 ? [] : JobErrorGroup.Of(Row, History.Attempts);

    /// <summary>Whether a client may do this to it now, by the name of the action in the API.</summary>
    public bool Allows(string action) => JobActions.Allowed(Row.State).Contains(action);

    public IReadOnlyList<PathStep> Path => JobPath.Of(Row, History.Rows);

    /// <summary>Newest first; the one under way is there even when it has said nothing yet.</summary>
    public IReadOnlyList<AttemptRecord> Attempts
    {
        get
        {
            IEnumerable<AttemptRecord> known = History.Attempts.OrderByDescending(attempt => attempt.Attempt);
            var missing = Row.State.IsActive && History.Attempts.All(attempt => attempt.Attempt != Row.Attempt);
            return missing ? [new AttemptRecord(Row.Attempt, null, [], 0), .. known] : [.. known];
        }
    }

    /// <summary>The state in a sentence.</summary>
    public string Sentence => Row.State switch
    {
        JobState.Held => "Waits for other jobs to finish.",
        JobState.Scheduled => $"Starts {Words.Relative(Row.RunAt, Now)}.",
        JobState.Queued => $"{Job.Reason ?? $"Waits for a free routee of queue {Row.Queue}."}{Place}",
        JobState.Running => $"Attempt {Row.Attempt} runs on {Row.Node ?? "a node"}.",
        JobState.Retrying => $"Attempt {Row.Attempt} failed; the next starts {Words.Relative(Row.RunAt, Now)}.",
        JobState.Cancelling => "Was asked to stop; given up if it has not stopped within 30 s.",
        JobState.Succeeded => Row.Cached ? "Answered from memory; nothing had to run." : $"Done on attempt {Row.Attempt}.",
        JobState.Failed => $"Gave up after {Words.Count(Row.Attempt, "attempt", "attempts")}.",
        JobState.Cancelled => "Cancelled; it will never run.",
        JobState.Expired => "Its time to live ended before it could start.",
        _ => "",
    };

    /// <summary>Where in the line, and when its turn may come; "" where nobody knows.</summary>
    private string Place => Job.Position is not { } place ? ""
        : $" Number {Words.Count(place)} in line{(Job.EstimatedStart is { } start ? start <= Now ? ", any moment now" : $", may start {Words.Relative(start, Now)}" : "")}.";

    /// <summary>What pressing cancel will do; null when there is nothing to cancel.</summary>
    public string? CancelWords => Row.State switch
    {
        { IsFinal: true } or JobState.Cancelling => null,
        JobState.Running => $"Attempt {Row.Attempt} is asked to stop. If it does not within 30 seconds it is given up. There will be no further attempt.",
        JobState.Retrying => "There will be no further attempt. What earlier attempts did stays done.",
        _ => "It has not started, and never will.",
    };

    public string Waited => Words.Duration(Times.Waited(Row, Now));

    public string Ran => Words.Duration(Times.Ran(Row, Now));

    public string ProgressValue => (Job.Progress?.Percent ?? 0).ToString("0.##", CultureInfo.InvariantCulture);

    public string ProgressText => Job.Progress is { } progress
        ? $"{Words.Percent(progress.Percent / 100)}{(progress.Message is { Length: > 0 } message ? $" · {message}" : "")}"
        : "";

    public string Shape => Shapes.Of(Row.Version.ToString(CultureInfo.InvariantCulture), Job.Progress is null ? "" : "progress", Job.Result is null ? "" : "result");

    /// <param name="lines">What the attempt under way has said so far.</param>
    public LiveState Live(IReadOnlyList<LogLine> lines) => new()
    {
        Shape = Shape,
        Values = new LiveValues
        {
            ["state"] = Row.State.Word,
            ["state@data-state"] = Row.State.Word,
            ["sentence"] = Sentence,
            ["waited"] = Waited,
            ["ran"] = Ran,
            ["progress@value"] = ProgressValue,
            ["progress-text"] = ProgressText,
        },
        Rows = new Dictionary<string, IReadOnlyList<LiveRow>> { ["log"] = [.. lines.Select(LogRow)] },
    };

    public static LiveRow LogRow(LogLine line, int index) => new(
        index.ToString(CultureInfo.InvariantCulture),
        new LiveValues { ["at"] = Words.Clock(line.At), ["at@datetime"] = Words.Exact(line.At), ["level"] = line.Level.ToString().ToLowerInvariant(), ["level@data-level"] = line.Level.ToString().ToLowerInvariant(), ["text"] = line.Text });
}

/// <summary>A job that another one waits for.</summary>
/// <param name="Job">Null: it has been deleted.</param>
/// <param name="Needs">With which end.</param>
public sealed record JobRelative(JobId Id, Job? Job, DependsOn Needs)
{
    public string Words => Needs == DependsOn.Succeeded ? "has to succeed" : "has to end";
}
