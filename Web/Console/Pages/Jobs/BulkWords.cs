using System.Globalization;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Operations;

namespace ActorPerf.Web.Console.Pages;

/// <summary>What acting on many jobs at once is called, whom it fits, and what it will do. Pure.</summary>
public static class BulkWords
{
    public static IReadOnlyList<OperationAction> All { get; } = [OperationAction.Cancel, OperationAction.Rerun, OperationAction.RunNow, OperationAction.Delete];

    /// <summary>Actions that a job in this state allows.</summary>
    public static IReadOnlyList<OperationAction> For(JobState state) => [.. All.Where(action => Fits(action, state))];

    public static bool Fits(OperationAction action, JobState state) => state != JobState.Cancelling && JobActions.Allowed(state).Contains(action.Word);

    /// <summary>States whose jobs the action changes.</summary>
    public static IReadOnlyList<JobState> States(OperationAction action) => [.. JobStates.All.Where(state => Fits(action, state))];

    /// <summary>On a button.</summary>
    public static string Button(OperationAction action) => action switch
    {
        OperationAction.Cancel => "Cancel",
        OperationAction.Rerun => "Run again",
        OperationAction.RunNow => "Run now",
        _ => "Delete",
    };

    public static bool IsDangerous(OperationAction action) => action is OperationAction.Cancel or OperationAction.Delete;

    /// <summary>What will happen to the jobs that it fits.</summary>
    public static string Consequence(OperationAction action) => action switch
    {
        OperationAction.Cancel => "Those that wait will never start. Those that run are asked to stop, and given up if they have not within 30 seconds. What they did stays done.",
        OperationAction.Rerun => "For each a new job is submitted, with the arguments, queue and options of the old one. The old jobs stay as they are.",
        OperationAction.RunNow => "Their time or back-off no longer matters: they stand in their queue's line from now on.",
        _ => "They are removed with their arguments, results, attempts and log lines. This cannot be undone.",
    };

    /// <summary>Of jobs that it does not fit.</summary>
    public static string Others(OperationAction action, long count) => (action, count) switch
    {
        (OperationAction.Cancel, 1) => "has ended already and stays as it is",
        (OperationAction.Cancel, _) => "have ended already and stay as they are",
        (OperationAction.RunNow, 1) => "does not wait for a time and stays as it is",
        (OperationAction.RunNow, _) => "do not wait for a time and stay as they are",
        (_, 1) => "has not ended yet and stays as it is",
        _ => "have not ended yet and stay as they are",
    };

    private static string Past(OperationAction action) => action switch
    {
        OperationAction.Cancel => "asked to stop",
        OperationAction.Rerun => "submitted again",
        OperationAction.RunNow => "queued",
        _ => "deleted",
    };

    /// <summary>What came of it, for the address of the page that it returns to.</summary>
    public static string Did(OperationAction action, int done, int skipped) => string.Create(CultureInfo.InvariantCulture, $"{action.Word}.{done}.{skipped}");

    /// <summary>The same in a sentence; null for what is no such word.</summary>
    public static string? Told(string? did)
    {
        if (did?.Split('.') is not [var word, var first, var second] || !OperationActions.TryParse(word, out var action)
            || !int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var done) || !int.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out var skipped)) return null;
        return $"{Words.Count(done, "job was", "jobs were")} {Past(action)}{(skipped == 0 ? "." : $"; {Words.Count(skipped)} {Others(action, skipped)}.")}";
    }
}
