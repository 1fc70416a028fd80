using ActorPerf.Load;
using ActorPerf.Load.Figures;
using ActorPerf.Web.Console.Charts;

namespace ActorPerf.Web.Console.Pages.LoadTests;

/// <summary>What is different between two runs?</summary>
public sealed record LoadCompareModel(LoadReport? First, LoadReport? Second)
{
    /// <summary>One figure of both.</summary>
    /// <param name="Change">In per cent of the first; null where the first is zero.</param>
    /// <param name="Better">Whether the second is better; null where neither is.</param>
    public sealed record Row(string Name, string First, string Second, double? Change, bool? Better);

    public static string Name(LoadReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return report.Run.Plan.Label.Length > 0 ? report.Run.Plan.Label : report.Run.Plan.Scenario;
    }

    public IReadOnlyList<Row> Rows => First is null || Second is null ? [] :
    [
        Figure("Requests", static run => run.Total.Count, LoadWords.Number, rising: null),
        Figure("Requests/s", static run => run.Total.PerSecond, LoadWords.Number, rising: First.Run.Plan.Model is LoadModel.Closed && Second.Run.Plan.Model is LoadModel.Closed ? true : null),
        Figure("Failed, %", static run => run.Total.Count == 0 ? 0 : 100.0 * run.Total.Failures / run.Total.Count, LoadWords.Number, rising: false),
        Figure("Average, ms", static run => run.Plan.Times(run.Total).Mean.TotalMilliseconds, LoadWords.Number, rising: false),
        .. LoadRow.Percents.Index().Select(percent => Figure($"{LoadWords.Percentile(percent.Item)}, ms", run => run.Plan.Times(run.Total).Percentiles[percent.Index].TotalMilliseconds, LoadWords.Number, rising: false)),
        .. First.Run.Jobs.Count > 0 && Second.Run.Jobs.Count > 0 ? [Figure("Jobs end to end, 95%, ms", static run => run.Jobs[^1].Service.P95.TotalMilliseconds, LoadWords.Number, rising: false)] : (IEnumerable<Row>)[],
    ];

    /// <summary>Both over the time since their start.</summary>
    public IReadOnlyList<ChartModel> Charts => First is null || Second is null ? [] :
    [
        Overlaid("compare-rps", "Requests, per second", ChartUnit.PerSecond, static point => point.RequestsPerSecond),
        Overlaid("compare-p95", "Response times from the planned start, p95", ChartUnit.Seconds, static point => point.ResponseP95.TotalSeconds),
        Overlaid("compare-users", "Users", ChartUnit.Count, static point => point.Users),
    ];

    private Row Figure(string name, Func<LoadProgress, double> value, Func<double, string> write, bool? rising)
    {
        var (first, second) = (value(First!.Run), value(Second!.Run));
        var change = first == 0 ? (double?)null : (second - first) / first * 100;
        return new Row(name, write(first), write(second), change, rising is null || change is null or (> -1 and < 1) ? null : second > first == rising);
    }

    private ChartModel Overlaid(string id, string title, ChartUnit unit, Func<LoadPoint, double> value)
    {
        // One grid for both: the longer run's.
        var longer = First!.Run.Elapsed > Second!.Run.Elapsed ? First.Run : Second.Run;
        var (first, second) = (On(First.Run, longer), On(Second.Run, longer));
        return new LoadTimeline(longer).Chart(id, ChartKind.Line, title, unit, new ChartSeries("first", first.Peak(value), "2"), new ChartSeries("second", second.Peak(value)));
    }

    private static LoadTimeline On(LoadProgress run, LoadProgress grid) => new(run with { Elapsed = grid.Elapsed, State = LoadState.Finished });
}
