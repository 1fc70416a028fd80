namespace ActorPerf.Jobs;

/// <summary>What kept counters say together.</summary>
internal static class JobCounts
{
    /// <summary>Jobs that wait, by queue.</summary>
    public static Dictionary<string, long> Waiting(IReadOnlyList<JobCount> counts) => counts
        .Where(count => !count.State.IsFinal && !count.State.IsActive).GroupBy(count => count.Queue, StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => group.Sum(count => count.Count), StringComparer.Ordinal);
}
