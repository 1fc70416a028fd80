using System.Text;
using ActorPerf.Caching;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Tracing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Tests.Web.Console.Fakes;

/// <summary>A node in the middle of its day: something of everything, so that every part of every page has something to show.</summary>
internal static class BusyNode
{
    public const long RunningJob = 4;
    public const long FailedJob = 9;

    public static void Fill(ConsoleHost host)
    {
        Tasks(host.Catalog);
        Queues(host.Jobs);
        AllStates(host.Jobs);
        Cache(host.Compute);
        Statistics(host);
        host.Jobs.Limits.AddRange([new LimitView("api.example", 4, 212, 212, new KeyLimit(4, default)), new LimitView("customer-42", 1, 3, 0, new KeyLimit(0, new Rate(10, TimeSpan.FromSeconds(1))))]);
        SampleTraces.Fill(host.Traces, Sample.Id(7).ToString());
        host.Cluster.Members.Add(Sample.Member("node-2", incarnation: Sample.Id(77).Value));
        host.Cluster.Members.Add(Sample.Member("node-3-eu", unreachable: true, incarnation: Sample.Id(78).Value));
    }

    /// <summary>Accounts to browse and to ask for.</summary>
    public static async Task FillDataAsync(ConsoleHost host)
    {
        var data = host.Services.GetRequiredService<IData>();
        string[] cities = ["Rome", "Oslo", "Lima", "Graz"];
        for (var n = 1; n <= 120; n++)
            await data.WriteAsync(new EntityWrite.Put(Key.Of(Namespace.Default, "Account", n), Encoding.UTF8.GetBytes($$"""{"name":"Customer {{n}}","city":"{{cities[n % 4]}}","balance":{{n * 37.5m}}}""")));
        for (var n = 1; n <= 7; n++) await data.WriteAsync(new EntityWrite.Put(Key.Of(Namespace.Default, "Invoice", $"2026-{n:00}"), """{"lines":[]}"""u8.ToArray()));
        await data.GetManyAsync([.. Enumerable.Range(1, 90).Select(n => Key.Of(Namespace.Default, "Account", n))]);
    }

    public static void Tasks(FakeCatalog catalog) => catalog.Tasks.AddRange(
    [
        Sample.Task("fail", "Fails its first attempts, to show retries.", """{"type":"object","properties":{"message":{"type":["string","null"],"default":"as asked"},"times":{"type":["integer","null"]}}}"""),
        Sample.Task("primes", "Counts the primes below a limit.", """{"type":"object","properties":{"limit":{"type":"integer","minimum":0,"maximum":50000000}},"required":["limit"]}""", "cpu"),
        Sample.Task("progress", "Says how far it is, step by step.", """{"type":"object","properties":{"steps":{"type":"integer","minimum":1},"delay":{"type":"string","format":"duration","default":"1s"}},"required":["steps"]}"""),
        Sample.Task(
            "report", "Renders a customer's monthly report.",
            """{"type":"object","properties":{"customer":{"type":"string","description":"Number or name."},"format":{"enum":["pdf","html","csv"],"default":"pdf"},"draft":{"type":"boolean","default":false},"scale":{"type":"number","default":1.5},"filter":{"type":"object"}},"required":["customer"]}""",
            "slow"),
        Sample.Task(
            "square", "Squares a number after a delay.", """{"type":"object","properties":{"n":{"type":"integer"},"delay":{"type":"string","format":"duration","default":"0s"}},"required":["n"]}""",
            memoize: new Memoization(TimeSpan.FromMinutes(5))),
    ]);

    private static void Queues(FakeJobs jobs) => jobs.Queues.AddRange(
    [
        Sample.Queue("cpu", queued: 1240, running: 2, oldest: TimeSpan.FromSeconds(74), routees: 2, busy: 2),
        Sample.Queue("default", queued: 3, running: 11, oldest: TimeSpan.FromSeconds(0.4), routees: 16, busy: 11),
        Sample.Queue("io", running: 212, routees: 1024, busy: 212) with { Limits = new QueueLimits { Concurrency = 512, Rate = new Rate(50, TimeSpan.FromSeconds(1)) }, IsOverridden = true },
        Sample.Queue("mail", queued: 17, oldest: TimeSpan.FromMinutes(12), paused: true),
        Sample.Queue("video", queued: 5, oldest: TimeSpan.FromMinutes(31), routees: 0),
    ]);

    private static void AllStates(FakeJobs jobs)
    {
        foreach (var (state, i) in JobStates.All.Select((state, i) => (state, i)))
            jobs.All.Add(Sample.Job(i % 3 == 0 ? "report" : i % 3 == 1 ? "primes" : "square", state, seq: i + 1, queue: i % 2 == 0 ? "default" : "cpu", tag: "nightly"));
        for (var seq = 11L; seq <= 130; seq++)
        {
            var state = seq % 17 == 0 ? JobState.Failed : seq > 118 ? JobState.Queued : JobState.Succeeded;
            jobs.All.Add(Sample.Job(seq % 17 == 0 ? "report" : "primes", state, seq, seq % 2 == 0 ? "cpu" : "default", at: FakeJobs.Noon.AddSeconds(-400 + (seq * 3))));
        }
        Running(jobs);
        Failed(jobs);
    }

    private static void Running(FakeJobs jobs)
    {
        var at = (int)RunningJob - 1;
        var job = jobs.All[at];
        jobs.All[at] = job with { Progress = new ProgressReport(37, "page 37 of 100", FakeJobs.Noon), Row = job.Row with { Attempt = 2, Error = new TaskError("timeout", "The attempt took longer than 30 s.") } };
        jobs.Histories[job.Row.Id] = new JobHistory(
            [
                Change(1, -90, null, JobState.Queued, 0), Change(2, -88.7, JobState.Queued, JobState.Running, 1),
                Change(3, -58.7, JobState.Running, JobState.Retrying, 1, "timeout; retry in 1 s"), Change(4, -57.5, JobState.Retrying, JobState.Running, 2),
            ],
            [
                new AttemptRecord(1, new TaskError("timeout", "The attempt took longer than 30 s."), Lines(-88, "opening customer 4711", "42 pages to render", "the template server is slow"), 0),
                new AttemptRecord(2, null, Lines(-57, "opening customer 4711", "100 pages to render", "page 37"), 0),
            ], false);
    }

    private static void Failed(FakeJobs jobs)
    {
        var at = jobs.All.FindIndex(job => job.Row.State == JobState.Failed);
        var job = jobs.All[at];
        jobs.All[at] = job with { Row = job.Row with { Attempt = 5 } };
        var rows = new List<HistoryRow> { Change(1, -90, null, JobState.Queued, 0) };
        var attempts = new List<AttemptRecord>();
        for (var attempt = 1; attempt <= 5; attempt++)
        {
            rows.Add(Change(attempt * 2, -90 + (attempt * 8), attempt == 1 ? JobState.Queued : JobState.Retrying, JobState.Running, attempt));
            rows.Add(Change((attempt * 2) + 1, -88 + (attempt * 8), JobState.Running, attempt == 5 ? JobState.Failed : JobState.Retrying, attempt, attempt == 5 ? "attempts used up" : $"retry in {1 << attempt} s"));
            attempts.Add(new AttemptRecord(attempt, job.Row.Error, Lines(-90 + (attempt * 8), "asking reports.internal"), 0));
        }
        jobs.Histories[job.Row.Id] = new JobHistory(rows, attempts, false);
    }

    private static HistoryRow Change(long seq, double seconds, JobState? from, JobState to, int attempt, string? detail = null) =>
        new(seq, seq, FakeJobs.Noon.AddSeconds(seconds), from, to, attempt, to == JobState.Running ? "node-1" : null, detail);

    private static LogLine[] Lines(double seconds, params string[] texts) =>
        [.. texts.Select((text, i) => new LogLine(FakeJobs.Noon.AddSeconds(seconds + (i * 0.3)), i == 2 ? LogLevel.Warning : LogLevel.Information, text))];

    private static void Cache(FakeCompute compute)
    {
        var (square, report) = (new CacheTotals(812, 96_000, 18_204, 911, 133, 12, 4), new CacheTotals(61, 4_400_000, 220, 61, 3, 0, 0));
        compute.View = new CacheView(
            new CacheTotals(873, 4_496_000, 18_424, 972, 136, 12, 4), new Dictionary<string, CacheTotals> { ["square"] = square, ["report"] = report }, 100_000, 256 * 1024 * 1024);
        for (var n = 1; n <= 8; n++)
            compute.Remembered.Add(new CacheEntryView("square", Encoding.UTF8.GetBytes($$"""{"delay":"5s","n":{{n}}}"""), FakeJobs.Noon.AddSeconds(-n * 20), FakeJobs.Noon.AddSeconds(300 - (n * 20)), 118, n * 41));
    }

    private static void Statistics(ConsoleHost host)
    {
        var random = new Random(7);
        double[] Series(double around, int every = 1) => [.. Enumerable.Range(0, TimeSlots.Count).Select(i => i % every == 0 ? Math.Round(around * (1 + (Math.Sin(i / 17d) * 0.5)) + (random.NextDouble() * around)) : 0)];
        double[] Share(double around) => [.. Enumerable.Range(0, TimeSlots.Count).Select(i => around * (0.6 + (random.NextDouble() * 0.4) + (i > 120 ? 0.8 : 0)))];
        var jobs = host.Jobs;
        jobs.Stats = new JobStatistics(FakeJobs.Noon, Series(60), Series(55), Series(3, 11), Share(0.4))
        {
            FinishedPerSecond = 12.4,
            Queues = jobs.Queues.Where(queue => queue.Routees > 0).ToDictionary(queue => queue.Name, queue => new QueueFlow(Series(20), Series(19), 4.2, 3.9)),
        };
        foreach (var queue in jobs.Queues.Where(queue => queue.OldestWaiting is not null)) host.Timelines.Lines[(Timelines.Node, $"queue.oldest:{queue.Name}")] = Share(queue.OldestWaiting!.Value.TotalSeconds / 2);
        foreach (var (name, around) in new[] { ("cache.hits", 90d), ("cache.stale", 2d), ("cache.joined", 6d), ("cache.computed", 12d) }) host.Timelines.Lines[("default", name)] = Series(around);
        host.Timelines.Lines[("default", "cache.failed")] = Series(2, 23);
        foreach (var pipeline in new[] { "data.reads", "data.writes" })
        {
            host.Timelines.Lines[(Timelines.Node, pipeline + ".statements")] = Series(14);
            host.Timelines.Lines[(Timelines.Node, pipeline + ".batch")] = Share(28);
            host.Timelines.Lines[(Timelines.Node, pipeline + ".wait")] = Share(0.004);
        }
    }
}
