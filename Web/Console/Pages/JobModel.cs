using ActorPerf.Tasks;
using System.Globalization;
using ActorPerf.Jobs;
using ActorPerf.Web.Console.Forms;
using ActorPerf.Web.Console.Live;

namespace ActorPerf.Web.Console.Pages;

/// <summary>One job: where it is, what happened, what came of it.</summary>
/// <param name="Calls">Lines that submit the same again.</param>
public sealed record JobModel(Job Job, JobHistory History, DateTimeOffset Now, IReadOnlyList<CallLine> Calls)
{
    public JobRow Row => Job.Row;

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
        JobState.Queued => Job.Reason ?? $"Waits for a free routee of queue {Row.Queue}.",
        JobState.Running => $"Attempt {Row.Attempt} runs on {Row.Node ?? "a node"}.",
        JobState.Retrying => $"Attempt {Row.Attempt} failed; the next starts {Words.Relative(Row.RunAt, Now)}.",
        JobState.Cancelling => "Was asked to stop; given up if it has not stopped within 30 s.",
        JobState.Succeeded => Row.Cached ? "Answered from memory; nothing had to run." : $"Done on attempt {Row.Attempt}.",
        JobState.Failed => $"Gave up after {Words.Count(Row.Attempt, "attempt", "attempts")}.",
        JobState.Cancelled => "Cancelled; it will never run.",
        JobState.Expired => "Its time to live ended before it could start.",
        _ => "",
    };

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
        new LiveValues { ["at"] = Words.Clock(line.At), ["level"] = line.Level.ToString().ToLowerInvariant(), ["level@data-level"] = line.Level.ToString().ToLowerInvariant(), ["text"] = line.Text });
}
