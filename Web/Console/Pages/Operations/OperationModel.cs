using System.Globalization;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Operations;
using ActorPerf.Jobs.Search;
using ActorPerf.Web.Console.Live;

namespace ActorPerf.Web.Console.Pages;

/// <param name="IsLater">Not the first page.</param>
public sealed record OperationsModel(IReadOnlyList<OperationModel> Items, string? Older, bool IsLater);

/// <summary>One action on all jobs that matched: what, on which, how far.</summary>
public sealed record OperationModel(Operation Operation, DateTimeOffset Now)
{
    public JobRow Row => Operation.Job.Row;

    /// <summary>What it said of single jobs.</summary>
    public IReadOnlyList<string> Troubles { get; init; } = [];

    public string Title => $"{BulkWords.Button(Operation.Action)} {Operation.Q}";

    private OperationCounts? Counts => Operation.Counts;

    public double Percent => Row.State == JobState.Succeeded ? 100 : Operation.Job.Progress?.Percent ?? 0;

    public string PercentText => Counts is null && Row.State != JobState.Succeeded ? "" : Words.Percent(Percent / 100);

    public string Done => Number(Counts?.Done);

    public string Skipped => Number(Counts?.Skipped);

    public string Failed => Number(Counts?.Failed);

    public string Matched => Counts is not { } counts ? "–" : counts.Matched == IJobSearch.MaxCounted + 1 ? $"{Words.Count(IJobSearch.MaxCounted)}+" : Words.Count(counts.Matched);

    public string Took => Words.Duration(Times.Ran(Row, Now));

    public string Sentence => Row.State switch
    {
        JobState.Succeeded => "Done: it came to every job that matched.",
        JobState.Failed => $"It failed: {Row.Error?.Message}",
        JobState.Cancelled => "It was stopped. What it had done stays done.",
        JobState.Cancelling => "It was asked to stop, and does behind the page of jobs that it is at.",
        JobState.Running => "It goes through the jobs that match, newest first.",
        JobState.Retrying => "Its node was lost; it goes on where it was.",
        _ => Operation.Job.Reason ?? "It begins as soon as the queue 'operations' has room.",
    };

    public bool MayStop => !Row.State.IsFinal && Row.State != JobState.Cancelling;

    public string Shape => Shapes.Of(Row.State.Word, Counts is null ? "" : "counts");

    public LiveState Live() => new()
    {
        Shape = Shape,
        Values = new LiveValues
        {
            ["state"] = Row.State.Word, ["state@data-state"] = Row.State.Word, ["sentence"] = Sentence, ["progress@value"] = Percent.ToString("0.##", CultureInfo.InvariantCulture),
            ["progress-text"] = PercentText, ["done"] = Done, ["skipped"] = Skipped, ["failed"] = Failed, ["matched"] = Matched, ["took"] = Took,
        },
    };

    private static string Number(long? count) => count is { } known ? Words.Count(known) : "–";
}
