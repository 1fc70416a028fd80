namespace ActorPerf.Load.Figures;

/// <summary>What a run says in one word; the later ones win.</summary>
public enum LoadVerdict
{
    /// <summary>It goes on.</summary>
    Open,

    Passed,

    /// <summary>Requests failed or iterations threw.</summary>
    FailuresSeen,

    ThresholdFailed,

    /// <summary>It could not go on, or ended before anything was measured.</summary>
    Broken,
}

public static class LoadVerdicts
{
    public static LoadVerdict Of(LoadProgress run)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (!run.IsFinal) return LoadVerdict.Open;
        if (run.State == LoadState.Failed) return LoadVerdict.Broken;
        if (MeasuredNothing(run) && run.State != LoadState.Aborted) return LoadVerdict.Broken;
        if (run.State == LoadState.Aborted || run.Thresholds.Any(static threshold => !threshold.Holds)) return LoadVerdict.ThresholdFailed;
        return run.Total.Failures > 0 || run.Exceptions.Count > 0 ? LoadVerdict.FailuresSeen : LoadVerdict.Passed;
    }

    /// <summary>A few words for people.</summary>
    public static string Words(LoadVerdict verdict) => verdict switch
    {
        LoadVerdict.Open => "Goes on",
        LoadVerdict.Passed => "Passed",
        LoadVerdict.FailuresSeen => "Failures seen",
        LoadVerdict.ThresholdFailed => "Threshold failed",
        _ => "Not measured",
    };

    /// <summary>No request was answered, no iteration and no job ended, and nothing says why.</summary>
    private static bool MeasuredNothing(LoadProgress run) =>
        run.Total.Count == 0 && run.Iterations == 0 && run.Jobs.Count == 0 && run.Exceptions.Count == 0;
}
