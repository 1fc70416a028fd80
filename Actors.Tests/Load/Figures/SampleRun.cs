using ActorPerf.Load;
using ActorPerf.Load.Figures;
using ActorPerf.Tracing;

namespace ActorPerf.Tests.Load.Figures;

/// <summary>A run that never was, with figures that hang together.</summary>
internal static class SampleRun
{
    public static readonly Guid Id = new("0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a11");
    public static readonly DateTimeOffset Start = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    public static LoadPlan Plan(LoadModel? model = null) => new()
    {
        Scenario = "submit",
        Host = new Uri("http://127.0.0.1:8080"),
        Model = model ?? new LoadModel.Closed(20, 5),
        RunTime = TimeSpan.FromMinutes(2),
        WarmUp = TimeSpan.FromSeconds(10),
        Seed = 7,
        Tags = ["fast"],
        Thresholds = [Threshold("http_req_duration:p(95)<200"), Threshold("http_req_failed:rate<0.01") with { AbortOnFail = true, DelayAbort = TimeSpan.FromSeconds(5) }],
        Variables = new Dictionary<string, string> { ["task"] = "square" },
        Label = "before the index",
    };

    /// <param name="failed">Failures of the second request; the last threshold fails with them.</param>
    public static LoadReport Report(LoadModel? model = null, int failed = 0, LoadState state = LoadState.Finished, Guid? id = null, DateTimeOffset? start = null)
    {
        var (submit, read, jobs) = (Series("POST", "/api/v1/jobs", 3_000, 4), Series("GET", "/api/v1/jobs/{id}", 1_000, 1.5), Series("", "square", 3_000, 60));
        var all = new LoadSeries("", "Aggregated", submit.Service.Copy(), submit.Response.Copy());
        all.Service.Add(read.Service);
        all.Response.Add(read.Response);
        var plan = Plan(model);
        var at = start ?? Start;
        var run = new LoadProgress
        {
            Id = id ?? Id,
            Plan = plan,
            State = state,
            StartedAt = at,
            FinishedAt = at.AddMinutes(2),
            Elapsed = TimeSpan.FromMinutes(2),
            Measured = TimeSpan.FromSeconds(110),
            Users = 20,
            TargetUsers = 20,
            Iterations = 3_000,
            Requests = [Row(submit, 0), Row(read, failed)],
            Total = Row(all, failed),
            Jobs = [Row(jobs, 0), Row(jobs with { Name = "Aggregated" }, 0)],
            Failures = failed == 0 ? [] : [new LoadFailure("GET", "/api/v1/jobs/{id}", "status 503, \"busy\"", failed, at.AddSeconds(31), at.AddSeconds(44))],
            Thresholds = [new ThresholdOutcome(plan.Thresholds[0], 21.5, true), new ThresholdOutcome(plan.Thresholds[1], failed / 4_000.0, failed == 0)],
            Shares = [new LoadShare("browser", "submit", 0.75, 0.748, 3_000), new LoadShare("browser", "read", 0.25, 0.252, 1_000)],
            Checks = 4_000,
            ChecksHeld = 4_000 - failed,
            History = [.. Enumerable.Range(1, 120).Select(second => Point(second, failed))],
            Health = new GeneratorHealth { Cpu = 0.4, Cores = 2, TimerLatenessP95 = TimeSpan.FromMilliseconds(1.2), TimerLatenessMax = TimeSpan.FromMilliseconds(9), Memory = 120_000_000 },
        };
        return new LoadReport
        {
            Run = run,
            Series = [submit, read, all],
            Jobs = [jobs, jobs with { Name = "Aggregated" }],
            Moments = [.. Enumerable.Range(1, 120).Select(second => new LoadMoment(at.AddSeconds(second), Math.Min(20, second * 5), [run.Total]))],
            Surroundings = LoadSurroundings.OfThisProcess("actorperf load run submit -u 20 -r 5 -t 2m", "1.0.0"),
        };
    }

    public static LoadThreshold Threshold(string text) => LoadThreshold.Parse(text, out _) ?? throw new ArgumentException(text);

    /// <summary>Mostly short, now and then long: a shape that percentiles differ in.</summary>
    public static LoadSeries Series(string method, string name, int count, double milliseconds)
    {
        var random = new Random(name.Length);
        var (service, response) = (new LatencyHistogram(), new LatencyHistogram());
        for (var i = 0; i < count; i++)
        {
            var time = TimeSpan.FromMilliseconds(milliseconds * (0.5 - (Math.Log(1 - random.NextDouble()) * 0.7)));
            service.Record(time);
            response.Record(i % 100 == 0 ? time + TimeSpan.FromMilliseconds(400 * random.NextDouble()) : time);
        }

        return new LoadSeries(method, name, service, response);
    }

    public static LoadRow Row(LoadSeries series, int failures) => new(series.Method, series.Name)
    {
        Count = series.Service.Count,
        Failures = failures,
        Service = LoadTimes.Of(series.Service),
        Response = LoadTimes.Of(series.Response),
        AverageSize = 412.5,
        PerSecond = series.Service.Count / 110.0,
        FailuresPerSecond = failures / 110.0,
        CurrentPerSecond = 36.5,
    };

    private static LoadPoint Point(int second, int failed) => new(
        TimeSpan.FromSeconds(second), Math.Min(20, second * 5), Math.Min(20, second * 5) / 2, 30 + (6 * Math.Sin(second / 9.0)), failed > 0 && second is > 30 and < 45 ? 2 : 0, 0)
    {
        ServiceMedian = TimeSpan.FromMilliseconds(4),
        ServiceP95 = TimeSpan.FromMilliseconds(9),
        ResponseMedian = TimeSpan.FromMilliseconds(4 + Math.Abs(Math.Sin(second / 5.0))),
        ResponseP95 = TimeSpan.FromMilliseconds(12 + (4 * Math.Abs(Math.Sin(second / 7.0)))),
        ResponseP99 = TimeSpan.FromMilliseconds(second is > 60 and < 66 ? 390 : 24),
        JobsPerSecond = 27,
        JobP95 = TimeSpan.FromMilliseconds(140),
        Cpu = 0.4,
        TimerLateness = TimeSpan.FromMilliseconds(0.8),
        Target = second == 50 ? null : new TargetQueues(second, 4, 3, 4),
    };
}
