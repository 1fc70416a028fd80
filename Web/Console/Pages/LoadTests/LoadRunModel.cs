using ActorPerf.Load;
using ActorPerf.Load.Figures;
using ActorPerf.Web.Console.Charts;
using ActorPerf.Web.Console.Live;

namespace ActorPerf.Web.Console.Pages.LoadTests;

/// <summary>How does a run stand, or what did it measure?</summary>
public sealed record LoadRunModel(LoadProgress Run)
{
    /// <summary>The edit form as it was typed; empty where it was not.</summary>
    public IReadOnlyDictionary<string, string> Fields { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Faults { get; init; } = new Dictionary<string, string>();

    private LoadTimeline Timeline => field ??= new LoadTimeline(Run);

    public LoadTimes Times => Run.Plan.Times(Run.Total);

    public bool IsOpen => Run.Plan.Model is LoadModel.Open;

    /// <summary>Changes when rows or sections come or go, and when the charts' grid does.</summary>
    public string Shape => Shapes.Of(
        Run.State >= LoadState.Finished ? Run.State.ToString() : "open", $"{Timeline.Step} {Timeline.Count} {IsTargetSeen} {Run.TargetFault is null}", string.Join('|', Run.Requests.Select(static row => $"{row.Method} {row.Name}")), string.Join('|', Run.Jobs.Select(static row => row.Name)),
        $"{Run.Failures.Count}", $"{Run.Exceptions.Count}", $"{Run.Shares.Count}", string.Join('|', Run.Health.Warnings), string.Join('|', Run.Thresholds.Select(static threshold => threshold.Holds)));

    public string StateWord => Run.State switch
    {
        LoadState.WarmingUp => "warming up",
        var state => state.ToString().ToLowerInvariant(),
    };

    public string UsersText => Run.TargetUsers > 0 && Run.TargetUsers != Run.Users && !Run.IsFinal ? $"{Words.Count(Run.Users)} of {Words.Count(Run.TargetUsers)}" : Words.Count(Run.Users);

    public string ElapsedText => Run.IsFinal ? LoadWords.Long(Run.Elapsed) : $"{LoadWords.Long(Run.Elapsed)} of {LoadWords.Long(Run.Plan.RunTime)}";

    /// <summary>The target let its own side be seen.</summary>
    public bool IsTargetSeen => Run.History.Any(static point => point.Target is not null);

    public double Rate => Run.IsFinal ? Run.Total.PerSecond : Run.Total.CurrentPerSecond;

    public string FailedShare => Run.Total.Count == 0 ? "none yet" : Words.Percent((double)Run.Total.Failures / Run.Total.Count);

    public IReadOnlyList<LoadRow> Rows => [.. Run.Requests, Run.Total];

    public IReadOnlyList<ChartModel> Charts =>
    [
        Timeline.Chart("rps", ChartKind.Line, "Requests and failures, per second", ChartUnit.PerSecond,
            new ChartSeries("requests", Timeline.Mean(static point => point.RequestsPerSecond)), new ChartSeries("failures", Timeline.Mean(static point => point.FailuresPerSecond), "bad")),
        IsOpen
            ? Timeline.Chart("times", ChartKind.Line, "Response times, from the planned start", ChartUnit.Seconds,
                new ChartSeries("p50", Timeline.Peak(static point => point.ResponseMedian.TotalSeconds), "2"), new ChartSeries("p95", Timeline.Peak(static point => point.ResponseP95.TotalSeconds)),
                new ChartSeries("p99", Timeline.Peak(static point => point.ResponseP99.TotalSeconds), "notice"))
            : Timeline.Chart("times", ChartKind.Line, "Response times", ChartUnit.Seconds,
                new ChartSeries("p50", Timeline.Peak(static point => point.ServiceMedian.TotalSeconds), "2"), new ChartSeries("p95", Timeline.Peak(static point => point.ServiceP95.TotalSeconds))),
        Timeline.Chart("users", ChartKind.Line, "Users and those in flight", ChartUnit.Count,
            new ChartSeries("users", Timeline.Peak(static point => point.Users), "3"), new ChartSeries("busy", Timeline.Peak(static point => point.Busy))),
        .. Run.Jobs.Count == 0 ? (IEnumerable<ChartModel>)[] :
        [
            Timeline.Chart("jobs", ChartKind.Line, "Jobs from acceptance to end, p95", ChartUnit.Seconds, new ChartSeries("p95", Timeline.Peak(static point => point.JobP95.TotalSeconds), "4")),
        ],
        .. IsTargetSeen ? (IEnumerable<ChartModel>)
        [
            Timeline.Chart("target-jobs", ChartKind.Line, "The target's jobs", ChartUnit.Count,
                new ChartSeries("waiting", Timeline.Target(static target => target.Waiting)), new ChartSeries("running", Timeline.Target(static target => target.Running), "4")),
            Timeline.Chart("target-actors", ChartKind.Line, "The target's compute actors", ChartUnit.Count,
                new ChartSeries("busy", Timeline.Target(static target => target.Busy)), new ChartSeries("all", Timeline.Target(static target => target.Routees), "3")),
        ] : [],
    ];

    /// <summary>Cells of a row of requests that change.</summary>
    public static IReadOnlyList<(string Key, string Text)> Cells(LoadRow row, LoadTimes times, bool final) =>
    [
        ("count", Words.Count(row.Count)), ("failed", Words.Count(row.Failures)), ("median", LoadWords.Milliseconds(times.Median)), ("p95", LoadWords.Milliseconds(times.P95)), ("p99", LoadWords.Milliseconds(times.P99)),
        ("average", LoadWords.Milliseconds(times.Mean)), ("min", LoadWords.Milliseconds(times.Min)), ("max", LoadWords.Milliseconds(times.Max)), ("size", Words.Bytes((long)row.AverageSize)),
        ("rps", Words.Rate(final ? row.PerSecond : row.CurrentPerSecond)), ("fps", Words.Rate(final ? row.FailuresPerSecond : row.CurrentFailuresPerSecond)),
    ];

    public LiveState Live()
    {
        var values = new LiveValues
        {
            ["state"] = StateWord, ["users"] = UsersText, ["elapsed"] = ElapsedText, ["rate"] = Words.Rate(Rate), ["failures"] = Words.Count(Run.Total.Failures), ["failed-share"] = FailedShare,
            ["requests"] = Words.Count(Run.Total.Count), ["p95"] = LoadWords.Milliseconds(Times.P95), ["median"] = LoadWords.Milliseconds(Times.Median),
            ["progress@value"] = Share,
        };
        foreach (var (i, row) in Rows.Index()) AddRow(values, $"row-{i}", row);
        foreach (var (i, row) in Run.Jobs.Index()) AddRow(values, $"job-{i}", row);
        foreach (var (i, failure) in Run.Failures.Index()) values[$"failure-{i}"] = Words.Count(failure.Count);
        foreach (var chart in Charts) chart.AddTo(values);
        return new LiveState { Shape = Shape, Values = values };
    }

    /// <summary>How far the run is, in thousandths.</summary>
    public string Share => ((int)(Math.Clamp(Run.Elapsed / Run.Plan.RunTime, 0, 1) * 1_000)).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private void AddRow(LiveValues values, string key, LoadRow row)
    {
        foreach (var (name, text) in Cells(row, Run.Plan.Times(row), Run.IsFinal)) values[$"{key}-{name}"] = text;
    }
}
