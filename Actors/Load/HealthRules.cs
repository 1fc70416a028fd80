using System.Globalization;

namespace ActorPerf.Load;

/// <summary>When the generator, and not the server, is what was measured. Pure.</summary>
internal static class HealthRules
{
    private const double Share = 0.01;
    private const double BusyCores = 0.85;
    private const double LongPauses = 0.05;
    private const long LongQueue = 1_000;
    private static readonly TimeSpan LateTimers = TimeSpan.FromMilliseconds(10);

    /// <summary>More than 1 % of what was to start did not, or not in time.</summary>
    public static bool IsSaturated(long dropped, long late, long planned) => dropped + late > planned * Share;

    /// <summary>What the end of a run cut off and the figures should have told: a request that had waited longer than most that were answered. Null where there is none.</summary>
    public static string? CutOff(LoadProgress run)
    {
        if (!run.IsFinal || run.UnansweredRequests == 0 || run.Total.Count > 0 && run.LongestUnanswered <= run.Total.Response.P95) return null;
        return string.Create(CultureInfo.InvariantCulture,
            $"Cut off: {run.UnansweredRequests} requests had no answer when the run ended, and one had waited for {run.LongestUnanswered.TotalSeconds:0.##} s. They are in no other figure, so percentiles are better than what users met. Let users finish (stopTimeout), or look at what the server does.");
    }

    /// <summary>A sentence for each thing that makes figures doubtful, with its values.</summary>
    public static IReadOnlyList<string> Warnings(GeneratorHealth health, long dropped, long late, long planned)
    {
        var warnings = new List<string>();
        if (health.Saturated)
            Add($"Saturated: of {planned} planned iterations {dropped} were dropped and {late} started more than 10 ms late ({(dropped + late) * 100.0 / Math.Max(1, planned):0.#} %). Allow more users, plan less, or give the generator more processor.");
        if (health.Cpu > health.Cores * BusyCores)
            Add($"The generating process used {health.Cpu:0.0} of {health.Cores} cores: what it measured is also its own waiting. Generate from another computer, or less.");
        if (health.TimerLatenessP95 > LateTimers)
            Add($"The generator's timers rang late: {health.TimerLatenessP95.TotalMilliseconds:0.#} ms at the 95th percentile, {health.TimerLatenessMax.TotalMilliseconds:0.#} ms at worst.");
        if (health.GcPauses > LongPauses)
            Add($"The garbage collector stopped the generator for {health.GcPauses * 100:0.#} % of the time, {health.GcPauseMax.TotalMilliseconds:0.#} ms at worst.");
        if (health.ThreadPoolQueue > LongQueue)
            Add($"{health.ThreadPoolQueue} work items waited for a thread of the generator.");
        return warnings;

        void Add(FormattableString text) => warnings.Add(text.ToString(CultureInfo.InvariantCulture));
    }
}
