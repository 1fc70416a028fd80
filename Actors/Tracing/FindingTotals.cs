namespace ActorPerf.Tracing;

/// <summary>Joins alike findings of many traces. Pure.</summary>
internal static class FindingTotals
{
    /// <returns>The costliest first, then those that most traces have.</returns>
    public static IEnumerable<FindingTotal> Of(IEnumerable<RecordedTrace> traces) => traces
        .Select(static trace => trace.Reading)
        .SelectMany(static trace => trace.Findings.Select(finding => (Trace: trace.Summary, Finding: finding)))
        .GroupBy(static found => (found.Finding.Sort, found.Trace.Namespace, found.Trace.Route, found.Finding.CallSite))
        .Select(static group =>
        {
            var worst = group.MaxBy(static found => found.Finding.Saving ?? TimeSpan.Zero);
            TimeSpan? saving = group.Any(static found => found.Finding.Saving is not null) ? new TimeSpan(group.Sum(static found => found.Finding.Saving?.Ticks ?? 0)) : null;
            var (sort, ns, route, site) = group.Key;
            return new FindingTotal(sort, ns, route, site, group.Select(static found => found.Trace.Id).Distinct().Count(), saving, worst.Finding, worst.Trace.Id);
        })
        .OrderByDescending(static total => total.Saving ?? TimeSpan.Zero).ThenByDescending(static total => total.Traces);
}
