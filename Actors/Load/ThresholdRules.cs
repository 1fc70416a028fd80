using ActorPerf.Tracing;

namespace ActorPerf.Load;

/// <summary>What thresholds ask for, read from the figures of a run. Pure.</summary>
internal static class ThresholdRules
{
    /// <summary>How each threshold stands.</summary>
    /// <param name="isFinal">What was never measured does not hold at the end.</param>
    public static IReadOnlyList<ThresholdOutcome> Judge(IReadOnlyList<LoadThreshold> thresholds, ThresholdFigures figures, bool isFinal) =>
        [.. thresholds.Select(threshold =>
        {
            var value = Value(threshold, figures);
            return new ThresholdOutcome(threshold, value, value is { } measured ? threshold.Holds(measured) : !isFinal);
        })];

    /// <summary>The first that ends the run now; null where none does.</summary>
    public static ThresholdOutcome? Aborting(IReadOnlyList<ThresholdOutcome> outcomes, TimeSpan elapsed) =>
        outcomes.FirstOrDefault(outcome => outcome.Threshold.AbortOnFail && !outcome.Holds && outcome.Value is not null && elapsed >= outcome.Threshold.DelayAbort);

    private static double? Value(LoadThreshold threshold, ThresholdFigures figures)
    {
        var seconds = figures.Measured.TotalSeconds;
        var requests = figures.Requests(threshold.Selector);
        switch (threshold.Metric)
        {
            case "http_req_duration": return Time(threshold, requests.Service);
            case "response_time": return Time(threshold, requests.Response);
            case "job_duration": return Time(threshold, figures.Jobs(threshold.Selector).Service);
            case "iteration_duration": return Time(threshold, figures.Era.IterationTimes);
            case "http_req_failed": return Share(requests.Failures, requests.Counted);
            case "checks": return Share(figures.Era.ChecksHeld, figures.Era.Checks);
            case "http_reqs": return Count(threshold, requests.Counted, seconds);
            case "iterations": return Count(threshold, figures.Era.Iterations, seconds);
            case "dropped_iterations": return Count(threshold, figures.Era.Dropped, seconds);
            case "interrupted_iterations": return Count(threshold, figures.Interrupted, seconds);
            default: return figures.Users;
        }
    }

    private static double? Time(LoadThreshold threshold, LatencyHistogram times)
    {
        var count = times.Count;
        if (threshold.Aggregation == "count") return count;
        if (count == 0) return null;
        return threshold.Aggregation switch
        {
            "avg" => times.Mean.TotalMilliseconds,
            "min" => times.Min.TotalMilliseconds,
            "max" => times.Max.TotalMilliseconds,
            "med" => times.Percentile(50).TotalMilliseconds,
            _ => times.Percentile(threshold.Percent).TotalMilliseconds,
        };
    }

    private static double? Share(long some, long all) => all == 0 ? null : (double)some / all;

    private static double? Count(LoadThreshold threshold, long count, double seconds) =>
        threshold.Aggregation == "count" ? count : seconds > 0 ? count / seconds : null;
}

/// <summary>What thresholds are read from.</summary>
/// <param name="Measured">The time that counts.</param>
/// <param name="Users">The most there were.</param>
/// <param name="Interrupted">Iterations that the end of the run cut off.</param>
internal sealed record ThresholdFigures(LoadEra Era, SeriesMeter Total, SeriesMeter AllJobs, TimeSpan Measured, int Users, long Interrupted)
{
    private static readonly SeriesMeter Nothing = new();

    /// <summary>All requests, or those of a name whatever their method.</summary>
    public SeriesMeter Requests(string? name)
    {
        if (name is null) return Total;
        var found = Era.Requests.Where(row => row.Key.Name == name).Select(static row => row.Value).ToList();
        if (found.Count <= 1) return found.Count == 0 ? Nothing : found[0];
        var all = new SeriesMeter();
        foreach (var meter in found) all.Add(meter);
        return all;
    }

    public SeriesMeter Jobs(string? task) => task is null ? AllJobs : Era.Jobs.TryGetValue(task, out var found) ? found : Nothing;
}
