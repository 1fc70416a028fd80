namespace ActorPerf.Load.Plans;

/// <summary>k6's executors, for those who think in them: what each makes of a draft that was written with k6's words.</summary>
public static class LoadExecutor
{
    public static IReadOnlyList<string> Names { get; } =
        ["constant-vus", "ramping-vus", "constant-arrival-rate", "ramping-arrival-rate", "shared-iterations", "per-vu-iterations"];

    /// <summary>Adds to a draft what an executor says without words.</summary>
    /// <param name="executor">One of <see cref="Names"/>.</param>
    /// <param name="iterations">As k6 has them: of all users together, or of each; null: not given.</param>
    /// <returns>What is missing or too much, as a sentence; null when all is there.</returns>
    public static string? Apply(LoadDraft draft, string executor, string? iterations)
    {
        ArgumentNullException.ThrowIfNull(draft);
        var (open, ramping, counted) = (executor.EndsWith("arrival-rate", StringComparison.Ordinal), executor.StartsWith("ramping", StringComparison.Ordinal), executor.EndsWith("iterations", StringComparison.Ordinal));
        if (ramping && !draft.Has("stages")) return $"{executor} needs at least one stage, such as --stage 30s:100.";
        if (!ramping && draft.Has("stages")) return $"{executor} has no stages: say {(open ? "ramping-arrival-rate" : "ramping-vus")}.";
        if (executor == "constant-arrival-rate" && !draft.Has("rate")) return $"{executor} needs a rate, such as --rate 100.";
        if (!counted && iterations is not null) return $"{executor} counts no iterations: say shared-iterations or per-vu-iterations.";
        if (open && !draft.Has("rate")) draft.Add("rate", "0");                      // a ramp starts from nothing
        if (counted)
        {
            draft.Add(executor == "per-vu-iterations" ? "iterationsPerUser" : "iterations", iterations ?? "1");
            if (!draft.Has("runTime")) draft.Add("runTime", "10m");                 // k6's longest duration where counts end the run
        }

        // k6 starts all its users at once.
        if (!open && !ramping && !draft.Has("spawnRate")) draft.Add("spawnRate", "1000000");
        return null;
    }
}
