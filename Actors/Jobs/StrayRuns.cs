namespace ActorPerf.Jobs;

/// <summary>Holds the rows that stand as running here against what runs here. Belongs to the tracker.</summary>
/// <remarks>The two differ only after a fault: a finish that could not be written leaves a row without a run, and a row that somebody else took
/// leaves a run without a row. Neither may last: the first is treated as lost, the second told to stop. So is a run whose cancel was told before its claim,
/// for stores with several lines report them beside each other.</remarks>
internal sealed class StrayRuns(RunningAttempts running, TimeProvider time, ILogger log)
{
    /// <summary>A row may be ahead of the messages that tell of it by so much.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Young = TimeSpan.FromSeconds(20);

    private readonly Dictionary<Run, long> _seen = [];

    /// <param name="rows">All rows that run under this node's incarnation, as of a moment ago.</param>
    /// <param name="lose">Called for each that has been a stray for <see cref="Patience"/>.</param>
    public void Compare(IReadOnlyList<Job> rows, Action<Job> lose)
    {
        var held = running.All.ToDictionary(attempt => attempt.Run);
        var strays = rows.Where(job => !held.ContainsKey(job.Row.Run!.Value)).ToDictionary(job => job.Row.Run!.Value);
        foreach (var gone in _seen.Keys.Where(run => !strays.ContainsKey(run)).ToArray()) _seen.Remove(gone);
        foreach (var (run, job) in strays)
        {
            if (_seen.TryAdd(run, time.GetTimestamp()) || time.GetElapsedTime(_seen[run]) < Patience) continue;
            log.Stray(job.Row.Namespace.Name, job.Row.Id, run.Attempt);
            lose(job);
        }
        foreach (var job in rows)
            if (held.TryGetValue(job.Row.Run!.Value, out var attempt)) attempt.StopIfCancelled(job);
        StopDisowned(held, rows);
    }

    private void StopDisowned(Dictionary<Run, RunningAttempt> held, IReadOnlyList<Job> rows)
    {
        foreach (var job in rows) held.Remove(job.Row.Run!.Value);
        foreach (var attempt in held.Values)
        {
            if (attempt.Settled || attempt.StoppedAt is not null || time.GetElapsedTime(attempt.StartedAt) < Young) continue;
            log.Disowned(attempt.Job.Row.Namespace.Name, attempt.Job.Row.Id, attempt.Run.Attempt);
            attempt.Stop();
        }
    }
}
