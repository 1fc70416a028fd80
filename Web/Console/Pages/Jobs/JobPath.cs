using ActorPerf.Jobs;

namespace ActorPerf.Web.Console.Pages;

/// <summary>A station of a job's life.</summary>
/// <param name="Times">How often the job came by; 0: not yet.</param>
/// <param name="IsHere">The job is there now.</param>
public sealed record PathStep(JobState State, int Times, bool IsHere)
{
    public string Lit => IsHere ? "here" : Times > 0 ? "passed" : "ahead";
}

/// <summary>The way of a job through its states: what it passed, where it is, what lies ahead. Pure.</summary>
public static class JobPath
{
    public static IReadOnlyList<PathStep> Of(JobRow row, IReadOnlyList<HistoryRow> history)
    {
        var visits = history.GroupBy(change => change.To).ToDictionary(group => group.Key, group => group.Count());
        return [.. Stations(row, visits).Select(state => new PathStep(state, Math.Max(visits.GetValueOrDefault(state), row.State == state ? 1 : 0), row.State == state))];
    }

    /// <summary>Detours are drawn only when taken; queued and running lie on every way; the end is what it is, or what is hoped for.</summary>
    private static IEnumerable<JobState> Stations(JobRow row, Dictionary<JobState, int> visits)
    {
        if (Taken(JobState.Held)) yield return JobState.Held;
        if (Taken(JobState.Scheduled)) yield return JobState.Scheduled;
        yield return JobState.Queued;
        if (Taken(JobState.Retrying) && row.State != JobState.Retrying) yield return JobState.Retrying; // behind: it led back to running
        if (Taken(JobState.Running) || !row.State.IsFinal) yield return JobState.Running;
        if (row.State == JobState.Retrying) yield return JobState.Retrying;
        if (Taken(JobState.Cancelling)) yield return JobState.Cancelling;
        yield return row.State.IsFinal ? row.State : row.State == JobState.Cancelling ? JobState.Cancelled : JobState.Succeeded;

        bool Taken(JobState state) => visits.ContainsKey(state) || row.State == state;
    }
}
