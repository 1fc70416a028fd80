using ActorPerf.Tracing;

namespace ActorPerf.Tests.Web.Console.Fakes;

/// <summary>The traces of a node in the middle of its day: a page with a shared batch, its slow twin, an attempt of a job, one that failed, another namespace's.</summary>
internal static class SampleTraces
{
    public const string Page = "00f067aa0ba902b7";
    public const string Slow = "1bb067aa0ba902b7";
    public const string Failed = "2cc067aa0ba902b7";
    public const string Attempt = "3dd067aa0ba902b7";
    public const string Foreign = "4ee067aa0ba902b7";
    public const string PageRoute = "GET /demo/page";

    /// <param name="job">The job whose attempt is traced.</param>
    /// <param name="text">Stands where a program's own words stand.</param>
    public static void Fill(FakeTraces traces, string job, string text = "Pages/Report.cs:41")
    {
        traces.All.AddRange([PageTrace(text), SlowTrace(text), FailedTrace(), AttemptTrace(job), ForeignTrace()]);
        for (var n = 0; n < 60; n++)
            traces.All.Add(new Trace(Line($"{n:x16}", "POST /api/v1/compute/{task}", "square", -60 - n, 0.4 + (n % 7)) with { Calls = 2 }, [Root("POST /api/v1/compute/{task}", 0.4)], 0, []));
        traces.Found.AddRange(
        [
            new(FindingSort.Staircase, "default", "GET /demo/slow-page", text, 12, TimeSpan.FromMilliseconds(1_188), SlowTrace(text).Findings[0], Slow),
            new(FindingSort.BatchOfOne, "default", PageRoute, null, 3, null, new Finding(FindingSort.BatchOfOne, "12 statements read one key each while 8 calls were under way: ask for them together.", null, 12, null, []), Page),
        ]);
        traces.Counted = Totals();
        traces.Cost = new TracingCost(48_211, 1_204, 31_882, 0, TimeSpan.FromMilliseconds(21), TimeSpan.FromTicks(6), 0.0031, traces.All.Count, 1_310_720, 32 * 1024 * 1024, 0);
    }

    private static Trace PageTrace(string text)
    {
        List<TraceSpan> spans = [Root(PageRoute, 21.4)];
        spans.Add(new("a000000000000001", Page, 1, CallKind.Query, "query Account", Ms(0.4), Ms(8.2)) { Target = "Account", CallSite = text, Tags = [new("db.collection.name", "Account"), new("actorperf.rows", "50")] });
        spans.Add(new("a000000000000002", Page, 1, CallKind.Query, "query Invoice", Ms(0.5), Ms(9.6)) { Target = "Invoice", CallSite = text });
        for (var n = 0; n < 50; n++) spans.Add(new($"b{n:x15}", Page, 1, CallKind.Get, "get Account", Ms(10.2 + (n * 0.004)), Ms(10.4)) { Target = "Account", CallSite = text, Batch = 17 });
        spans.Add(new("c000000000000001", Page, 1, CallKind.Statement, "read Account", Ms(10.6), Ms(9.9)) { Target = "Account", Batch = 17, Shared = new SharedSpan(64, [Slow], 64, 50) });
        return new Trace(Line(Page, PageRoute, "/demo/page", -4, 21.4) with { Calls = 53, Findings = 0, TraceId = "0af7651916cd43dd8448eb211c80319c" }, spans, 0, [])
        {
            OwnCost = TimeSpan.FromMicroseconds(38), Kinds = Kinds(null), Related = [Line(Attempt, "job report", "report", -3, 412)],
        };
    }

    private static Trace SlowTrace(string text)
    {
        List<TraceSpan> spans = [Root("GET /demo/slow-page", 104)];
        for (var n = 0; n < 10; n++) spans.Add(new($"d{n:x15}", Slow, 1, CallKind.Get, "get Account", Ms(2 + (n * 10)), Ms(9.9)) { Target = "Account", CallSite = text });
        var finding = new Finding(FindingSort.Staircase, "10 reads of Account wait for each other and took 99 ms; asked for together they take one statement of 9.9 ms. Use GetManyAsync, or start all of them before the first await.", text, 10, Ms(89), [.. spans.Skip(1).Select(span => span.Id)]);
        return new Trace(Line(Slow, "GET /demo/slow-page", "/demo/slow-page", -2, 104) with { Calls = 10, Findings = 1 }, spans, 7, [finding]) { Kinds = Kinds(null) };
    }

    private static Trace FailedTrace()
    {
        List<TraceSpan> spans = [Root("POST /api/v1/compute/{task}", 3.1), new("e000000000000001", Failed, 1, CallKind.Cache, "cache fail", Ms(-0.4), Ms(3.2)) { Error = "InvalidOperationException", IsOpen = true, Tags = [new("actorperf.cache.outcome", "miss")] }];
        return new Trace(Line(Failed, "POST /api/v1/compute/{task}", "fail", -9, 3.1) with { Status = 500, Error = "task-failed", Calls = 1 }, spans, 0, []);
    }

    private static Trace AttemptTrace(string job)
    {
        List<TraceSpan> spans = [Root("job report", 412), new("f000000000000001", Attempt, 1, CallKind.Wait, "wait for queue default", Ms(0), Ms(120)), new("f000000000000002", Attempt, 1, CallKind.Fetch, "fetch reports.internal", Ms(121), Ms(280)) { Target = "reports.internal" }, new("f000000000000003", Attempt, 1, CallKind.Commit, "commit", Ms(402), Ms(9))];
        return new Trace(Line(Attempt, "job report", "report", -3, 412) with { Kind = CallKind.Attempt, Status = null, Job = job, Calls = 3 }, spans, 0, []) { Links = [new TraceLink("0af7651916cd43dd8448eb211c80319c", Page)] };
    }

    private static Trace ForeignTrace() => new(Line(Foreign, "GET /secret", "/secret", -1, 5) with { Namespace = "other" }, [Root("GET /secret", 5)], 0, []);

    private static TraceTotals Totals() => new(
        [
            new RouteTotals("default", "GET /demo/slow-page", CallKind.Request, 120, 0, 120, new Latency(Ms(104), Ms(240), Ms(101), Ms(120), Ms(131), Ms(220)), Kinds("GET /demo/slow-page")),
            new RouteTotals("default", "POST /api/v1/compute/{task}", CallKind.Request, 48_091, 14, 1_084, new Latency(Ms(0.42), Ms(5_010), Ms(0.21), Ms(0.6), Ms(0.9), Ms(4.4)), Kinds("POST /api/v1/compute/{task}")),
        ],
        [.. Kinds(null).Select(kind => kind with { Latency = new Latency(kind.Latency.Mean, kind.Latency.Max, Ms(3), Ms(6), Ms(8), Ms(9)), Routes = [kind with { Route = PageRoute }, kind with { Route = "job report" }] })],
        FakeJobs.Noon.AddHours(-2));

    private static KindTotals[] Kinds(string? route) =>
    [
        new(CallKind.Get, "Account", route, 1_250, 0, 25, Ms(5_200), new Latency(Ms(4.2), Ms(12)), []), new(CallKind.Statement, "Account", route, 25, 1, 25, Ms(240), new Latency(Ms(9.6), Ms(12)), []),
        new(CallKind.Cache, "square", route, 80, 0, 80, TimeSpan.FromMicroseconds(160), new Latency(TimeSpan.FromMicroseconds(2), TimeSpan.FromMicroseconds(9)), []),
    ];

    private static TraceSummary Line(string id, string route, string title, double seconds, double ms) =>
        new(id, id + "ffffffffffffffff", "default", route, CallKind.Request, FakeJobs.Noon.AddSeconds(seconds), Ms(ms), 200, null, 0, 0) { Title = title };

    private static TraceSpan Root(string name, double ms) => new("9000000000000000", null, 0, CallKind.Request, name, TimeSpan.Zero, Ms(ms));

    private static TimeSpan Ms(double ms) => TimeSpan.FromTicks((long)(ms * TimeSpan.TicksPerMillisecond));
}
