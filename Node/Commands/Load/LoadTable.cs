using ActorPerf.Load;
using ActorPerf.Load.Figures;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>A run as tables for a terminal, in Locust's manner. Times are milliseconds.</summary>
internal static class LoadTable
{
    private static readonly bool[] RowSides = [false, false, true, true, true, true, true, true, true, true, true];
    private static readonly string[] RowTitles = ["TYPE", "NAME", "REQS", "FAILS", "AVG", "MIN", "MAX", "MED", "P95", "REQ/S", "FAIL/S"];

    /// <summary>A row for each request and one for all, as they stand.</summary>
    public static string Requests(LoadProgress run, int? width) => Grid.Draw(RowSides, [RowTitles, .. run.Requests.Append(run.Total).Select(row => Row(row, run.Plan.Times(row), run.IsFinal))], width);

    /// <summary>Where the run stands, in one line.</summary>
    public static string Status(LoadProgress run)
    {
        var left = run.Plan.RunTime - run.Elapsed;
        var state = run.State switch
        {
            LoadState.Spawning => "spawning",
            LoadState.WarmingUp => "warming up",
            LoadState.Stopping => "stopping",
            LoadState.Running => "running",
            _ => LoadVerdicts.Words(LoadVerdicts.Of(run)),
        };
        var users = run.PlannedRate is { } rate ? $"{LoadWords.Number(run.Users)} users, {LoadWords.Number(rate)} iterations/s planned" : $"{LoadWords.Number(run.Users)} of {LoadWords.Number(run.TargetUsers)} users";
        var time = left > TimeSpan.Zero && !run.IsFinal ? $"{LoadWords.Long(run.Elapsed)}, {LoadWords.Long(left)} left" : LoadWords.Long(run.Elapsed);
        if (run.IsFinal) return $"{state}: {time}";
        return $"{state}: {users}, {time}{(run.DroppedIterations > 0 ? $", {LoadWords.Number(run.DroppedIterations)} iterations dropped" : "")}";
    }

    /// <summary>Everything of a run that has ended.</summary>
    /// <param name="shares">With what was to be done and was, by weights: Locust's task ratio.</param>
    /// <param name="compact">Without percentiles, jobs, and what failed how often: the requests, the thresholds and the verdict.</param>
    public static void Print(LoadProgress run, Printer printer, bool shares = false, bool compact = false)
    {
        printer.Line(Visible.Of($"{run.Plan.Scenario} against {run.Plan.Host}: {LoadWords.Sentence(run.Plan.Model)} Seed {run.Plan.Seed}."));
        printer.Line("");
        printer.Grid(RowSides, [RowTitles, .. run.Requests.Append(run.Total).Select(row => Row(row, run.Plan.Times(row), final: true))]);
        if (!compact) PrintDetails(run, printer);
        if (shares) PrintShares(run, printer);
        PrintThresholds(run, printer);
        foreach (var warning in run.Health.Warnings) printer.Line(Visible.Of($"Note: {warning}"));
        if (run.TargetFault is { } unseen) printer.Line(Visible.Of($"Note: {unseen}"));
        if (run.Fault is { } fault) printer.Line(Visible.Of(fault));
        printer.Line("");
        printer.Line($"{LoadVerdicts.Words(LoadVerdicts.Of(run))}{(run.Health.Saturated ? ", saturated: the plan was not kept" : "")}");
    }

    private static void PrintDetails(LoadProgress run, Printer printer)
    {
        printer.Line("");
        printer.Line(run.Plan.Model is LoadModel.Open ? "Response times by percentile, from the planned start, ms" : "Response times by percentile, ms");
        printer.Grid([false, false, .. LoadRow.Percents.Select(static _ => true)],
            [["TYPE", "NAME", .. LoadRow.Percents.Select(LoadWords.Percentile)], .. run.Requests.Append(run.Total).SelectMany(row => Times(row, run.Plan))]);
        if (run.Jobs.Count > 0) PrintJobs(run, printer);
        PrintFailures("Failures", run.Failures, printer);
        PrintFailures("Exceptions", run.Exceptions, printer);
    }

    private static void PrintShares(LoadProgress run, Printer printer)
    {
        printer.Line("");
        printer.Grid([false, false, true, true, true],
            [["USER", "TASK", "PLANNED", "ACTUAL", "ITERATIONS"], .. run.Shares.Select(static share => new[] { share.User, share.Task, LoadWords.Percent(share.Planned), LoadWords.Percent(share.Actual), LoadWords.Number(share.Iterations) })]);
    }

    private static void PrintJobs(LoadProgress run, Printer printer)
    {
        printer.Line("");
        printer.Line("Jobs from acceptance to their end, ms");
        printer.Grid([false, true, true, true, .. LoadRow.Percents.Select(static _ => true)],
            [["TASK", "JOBS", "FAILED", "JOBS/S", .. LoadRow.Percents.Select(LoadWords.Percentile)],
             .. run.Jobs.Select(static row => new[] { row.Name, LoadWords.Number(row.Count), LoadWords.Number(row.Failures), LoadWords.Number(row.PerSecond) }.Concat(row.Service.Percentiles.Select(LoadWords.Milliseconds)).ToArray())]);
    }

    private static void PrintFailures(string title, IReadOnlyList<LoadFailure> failures, Printer printer)
    {
        if (failures.Count == 0) return;
        printer.Line("");
        printer.Line(title);
        printer.Grid([true, false, false], [["TIMES", "WHAT", "WHERE"], .. failures.Select(static failure => new[] { LoadWords.Number(failure.Count), failure.Error, $"{failure.Method} {failure.Name}".Trim() })]);
    }

    private static void PrintThresholds(LoadProgress run, Printer printer)
    {
        if (run.Thresholds.Count == 0) return;
        printer.Line("");
        printer.Line("Thresholds");
        printer.Grid([false, false, true], [["", "CONDITION", "MEASURED"],
            .. run.Thresholds.Select(static one => new[] { one.Holds ? "holds" : "fails", one.Threshold.ToString(), one.Value is { } value ? LoadWords.Number(value) : "nothing" })]);
    }

    private static IEnumerable<string[]> Times(LoadRow row, LoadPlan plan)
    {
        yield return [row.Method, row.Name, .. plan.Times(row).Percentiles.Select(LoadWords.Milliseconds)];
        if (plan.Model is LoadModel.Open) yield return ["", "  from sending", .. row.Service.Percentiles.Select(LoadWords.Milliseconds)];
    }

    private static string[] Row(LoadRow row, LoadTimes times, bool final) =>
    [
        row.Method, row.Name, LoadWords.Number(row.Count), row.Failures == 0 ? "0" : $"{LoadWords.Number(row.Failures)} ({LoadWords.Percent((double)row.Failures / Math.Max(1, row.Count))})",
        LoadWords.Milliseconds(times.Mean), LoadWords.Milliseconds(times.Min), LoadWords.Milliseconds(times.Max), LoadWords.Milliseconds(times.Median), LoadWords.Milliseconds(times.P95),
        LoadWords.Number(final ? row.PerSecond : row.CurrentPerSecond), LoadWords.Number(final ? row.FailuresPerSecond : row.CurrentFailuresPerSecond),
    ];
}
