using System.Globalization;
using ActorPerf.Tasks;

namespace ActorPerf.Load.Figures.Html;

/// <summary>What a report says in words: its verdict, its main figures, what was run, how the generator fared.</summary>
internal static class ReportHead
{
    public static void Add(Markup page, LoadReport report)
    {
        var run = report.Run;
        page.Add($"""<h1>{(run.Plan.Label.Length > 0 ? run.Plan.Label : run.Plan.Scenario)}</h1><p class="sub">{run.Plan.Host.ToString()} · {LoadWords.Amount(run.Plan.Model)} · {Moment(run.StartedAt)} · {LoadWords.Long(run.Elapsed)}</p>""");
        page.Add($"""<div class="verdict {Tone(report.Verdict)}"><strong>{LoadVerdicts.Words(report.Verdict)}</strong><span>{Sentence(report)}</span></div>""");
        if (run.Fault is { } fault) page.Add($"""<p class="warn">{fault}</p>""");
        foreach (var warning in run.Health.Warnings) page.Add($"""<p class="warn">{warning}</p>""");
        page.Raw("<dl class=\"figures\">");
        Figure(page, "Requests", LoadWords.Number(run.Total.Count), "");
        Figure(page, "Requests/s", LoadWords.Number(run.Total.PerSecond), "");
        Figure(page, "Failures", LoadWords.Number(run.Total.Failures), run.Total.Count == 0 ? "" : LoadWords.Percent((double)run.Total.Failures / run.Total.Count));
        Figure(page, "Median", LoadWords.Milliseconds(run.Plan.Times(run.Total).Median), "ms");
        Figure(page, "95 %", LoadWords.Milliseconds(run.Plan.Times(run.Total).P95), "ms");
        Figure(page, "99 %", LoadWords.Milliseconds(run.Plan.Times(run.Total).P99), "ms");
        if (run.Jobs is [.., var jobs]) Figure(page, "Jobs end to end, 95 %", LoadWords.Milliseconds(jobs.Service.P95), "ms");
        page.Raw("</dl>");
    }

    public static void AddPlan(Markup page, LoadReport report)
    {
        var (run, around) = (report.Run, report.Surroundings);
        page.Raw("<h2>What was run</h2><dl class=\"facts\">");
        Fact(page, "Scenario", run.Plan.Scenario);
        Fact(page, "Target", run.Plan.Host.ToString());
        Fact(page, "Target says", around.Target);
        Fact(page, "Load", LoadWords.Sentence(run.Plan.Model));
        Fact(page, "Run time", $"{Durations.Format(run.Plan.RunTime)}{(run.Plan.WarmUp > TimeSpan.Zero ? $", the first {Durations.Format(run.Plan.WarmUp)} not counted" : "")}; counted {LoadWords.Long(run.Measured)}");
        Fact(page, "Seed", run.Plan.Seed is { } seed ? seed.ToString(CultureInfo.InvariantCulture) : "");
        Fact(page, "Tags", string.Join(", ", run.Plan.Tags));
        Fact(page, "Without tags", string.Join(", ", run.Plan.ExcludeTags));
        Fact(page, "Variables", string.Join(", ", run.Plan.Variables.Select(static pair => $"{pair.Key}={pair.Value}")));
        Fact(page, "Iterations", $"{LoadWords.Number(run.Iterations)}; late {LoadWords.Number(run.LateIterations)}, dropped {LoadWords.Number(run.DroppedIterations)}, cut off at the end {LoadWords.Number(run.InterruptedIterations)}");
        Fact(page, "Checks", run.Checks == 0 ? "" : $"{LoadWords.Number(run.ChecksHeld)} of {LoadWords.Number(run.Checks)} held");
        Fact(page, "Started by", around.Command);
        Fact(page, "Made on", string.Join(", ", new[] { around.Machine, around.System, around.Cores > 0 ? $"{around.Cores} cores" : "", around.Runtime }.Where(static part => part.Length > 0)));
        page.Raw("</dl>");
    }

    public static void AddHealth(Markup page, GeneratorHealth health)
    {
        page.Raw("<h2>How the generator fared</h2><dl class=\"facts\">");
        Fact(page, "Processor", $"{LoadWords.Number(health.Cpu)} of {health.Cores} cores in the last ten seconds");
        Fact(page, "Timers late", $"{LoadWords.Milliseconds(health.TimerLatenessP95)} ms (95 %), {LoadWords.Milliseconds(health.TimerLatenessMax)} ms at worst");
        Fact(page, "Garbage collection", $"{LoadWords.Percent(health.GcPauses)} of the time paused, {LoadWords.Milliseconds(health.GcPauseMax)} ms at most");
        Fact(page, "Waiting for a thread", $"{LoadWords.Number(health.ThreadPoolQueue)} work items");
        Fact(page, "Memory", LoadWords.Bytes(health.Memory));
        page.Raw("</dl>");
    }

    private static string Sentence(LoadReport report)
    {
        var run = report.Run;
        var ended = run.State switch
        {
            LoadState.Stopped => " It was stopped.",
            LoadState.Aborted => " A threshold ended it.",
            _ => "",
        };
        var body = report.Verdict switch
        {
            LoadVerdict.Passed => run.Thresholds.Count > 0 ? $"{(run.Thresholds.Count == 1 ? "The threshold holds" : $"All {run.Thresholds.Count} thresholds hold")} and no request failed." : "No request failed.",
            LoadVerdict.FailuresSeen => $"{LoadWords.Number(run.Total.Failures)} of {LoadWords.Number(run.Total.Count)} requests failed.",
            LoadVerdict.ThresholdFailed => run.Thresholds.Count == 1 ? "The threshold does not hold." : $"{run.Thresholds.Count(static threshold => !threshold.Holds)} of {run.Thresholds.Count} thresholds do not hold.",
            LoadVerdict.Open => "These are the figures so far.",
            LoadVerdict.Broken when run.State != LoadState.Failed => "Nothing was answered that counts.",
            _ => "",
        };
        var clock = run.Plan.Model is LoadModel.Closed ? " Users waited for their answers, so what a slow server delayed was never sent: the tail is not corrected for it." : "";
        return $"{body}{ended}{(run.Health.Saturated ? " The plan was not kept: too many iterations were late or dropped." : "")}{clock}";
    }

    private static string Tone(LoadVerdict verdict) => verdict switch
    {
        LoadVerdict.Passed => "good",
        LoadVerdict.Open => "neutral",
        _ => "failed",
    };

    private static void Figure(Markup page, string name, string value, string unit) => page.Add($"<div><dt>{name}</dt><dd>{value} <small>{unit}</small></dd></div>");

    private static void Fact(Markup page, string name, string value)
    {
        if (value.Length > 0) page.Add($"<dt>{name}</dt><dd>{value}</dd>");
    }

    private static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
