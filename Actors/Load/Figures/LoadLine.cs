namespace ActorPerf.Load.Figures;

/// <summary>A run in one line: what lists of runs show.</summary>
/// <param name="Load">How much, in words: <c>100 users</c>, <c>500/s</c>.</param>
/// <param name="P95">95th percentile of response times, by the clock that <see cref="LoadClock"/> chooses.</param>
public sealed record LoadLine(
    Guid Id, string Label, string Scenario, string Host, string Load, LoadState State, LoadVerdict Verdict, DateTimeOffset StartedAt, TimeSpan Elapsed,
    long Requests, long Failures, double PerSecond, TimeSpan Median, TimeSpan P95, bool Saturated)
{
    public static LoadLine Of(LoadProgress run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new LoadLine(
            run.Id, run.Plan.Label, run.Plan.Scenario, run.Plan.Host.ToString(), LoadWords.Amount(run.Plan.Model), run.State, LoadVerdicts.Of(run), run.StartedAt, run.Elapsed,
            run.Total.Count, run.Total.Failures, run.Total.PerSecond, run.Plan.Times(run.Total).Median, run.Plan.Times(run.Total).P95, run.Health.Saturated);
    }
}
