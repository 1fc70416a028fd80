using System.Diagnostics;
using ActorPerf.TestKit;
using ActorPerf.Tracing;

namespace ActorPerf.Tests.Tracing;

public sealed class TraceCollectorTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly List<TraceCollector> _made = [];

    public void Dispose()
    {
        foreach (var traces in _made) traces.Dispose();
    }

    [Fact]
    public void The_latest_the_slowest_and_the_errors_of_a_route_are_kept_and_no_more()
    {
        var traces = Collector(new TracingOptions { Latest = 3, Slowest = 2, Errors = 2, RequestsPerSecond = 1_000 });
        for (var i = 1; i <= 20; i++) Request(traces, "a", Ms(i == 5 ? 900 : i == 6 ? 800 : 21 - i), error: i is 2 or 3 or 4 ? "fault" : null);
        var kept = traces.List(new TraceQuery(null));
        Assert.Equal(new HashSet<double> { 900, 800, 3, 2, 1, 18, 17 }, [.. kept.Select(static trace => trace.Duration.TotalMilliseconds)]);
        Assert.Equal([900, 800], traces.List(new TraceQuery(null, Order: TraceOrder.Slowest, Limit: 2)).Select(static trace => trace.Duration.TotalMilliseconds));
        Assert.Equal(2, traces.List(new TraceQuery(null) { OnlyErrors = true }).Count);
        Assert.Equal(3, traces.Totals(null).Routes.Single().Errors);
    }

    [Fact]
    public void The_budget_holds_whatever_comes()
    {
        var traces = Collector(new TracingOptions { MaxBytes = 1 << 20, Latest = 1_000, RequestsPerSecond = 100_000 });
        for (var i = 0; i < 600; i++) Request(traces, i % 2 == 0 ? "a" : "b", Ms(1), spans: 9);
        var cost = traces.Cost;
        Assert.InRange(cost.Bytes, 1, 1 << 20);
        Assert.True(cost.Evicted > 0);
        Assert.Equal((600, 600, 6_000), (cost.Requests, cost.Traced, cost.Spans));
        Assert.Equal(cost.Traces, traces.List(new TraceQuery(null, Limit: 500)).Count);
    }

    [Fact]
    public void What_was_made_to_show_a_trace_is_not_kept_with_it_and_its_title_counts()
    {
        var traces = Collector(new TracingOptions { RequestsPerSecond = 1_000 });
        var meter = traces.Route(CallKind.Request, "a");
        meter.End(meter.Start(null)!, "default", 200, null, title: "GET /");
        var plain = traces.Cost.Bytes;
        meter.End(meter.Start(null)!, "default", 200, null, title: new string('x', 5_000));
        Assert.InRange(traces.Cost.Bytes, (2 * plain) + 9_000, (2 * plain) + 11_000);
        var shown = Shown();
        GC.Collect();
        Assert.False(shown.IsAlive);
        Assert.Equal(2, traces.List(new TraceQuery(null)).Count);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        WeakReference Shown() => new(traces.Find(null, traces.List(new TraceQuery(null))[0].Id)!.Spans);
    }

    [Fact]
    public void Every_request_is_counted_and_so_many_of_a_second_are_recorded()
    {
        var traces = Collector(new TracingOptions { RequestsPerSecond = 5 });
        for (var second = 0; second < 3; second++)
        {
            for (var i = 0; i < 50; i++) Request(traces, "a", TimeSpan.Zero);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        var route = traces.Totals("default").Routes.Single();
        Assert.Equal((150, 15), (route.Requests, route.Traced));
    }

    [Fact]
    public void A_share_of_those_beyond_is_recorded_where_it_is_asked_for()
    {
        var traces = Collector(new TracingOptions { RequestsPerSecond = 0, ShareBeyond = 0.1 });
        for (var i = 0; i < 1_000; i++) Request(traces, "a", TimeSpan.Zero);
        Assert.Equal(100, traces.Totals(null).Routes.Single().Traced);
    }

    [Fact]
    public void What_a_caller_samples_is_recorded_beyond_it_and_keeps_its_trace_id()
    {
        var traces = Collector(new TracingOptions { RequestsPerSecond = 0 });
        Request(traces, "a", TimeSpan.Zero, sent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        Request(traces, "a", TimeSpan.Zero, sent: "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
        var kept = Assert.Single(traces.List(new TraceQuery(null)));
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", kept.TraceId);
        Assert.Equal(kept, traces.Find(null, kept.TraceId)?.Summary);
        Assert.Equal(kept, traces.Find(null, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")?.Summary);
        Assert.Null(traces.Find(null, "1af7651916cd43dd8448eb211c80319c"));
    }

    [Fact]
    public void Nothing_of_one_namespace_is_seen_in_another()
    {
        var traces = Collector(new TracingOptions());
        Request(traces, "a", Ms(5), ns: "ours");
        Request(traces, "a", Ms(7), ns: "theirs");
        var own = Assert.Single(traces.List(new TraceQuery("ours")));
        Assert.Equal("ours", own.Namespace);
        Assert.Null(traces.Find("theirs", own.Id));
        Assert.Equal(1, Assert.Single(traces.Totals("ours").Routes).Requests);
        Assert.Equal(2, traces.Totals(null).Routes.Sum(static route => route.Requests));
        Assert.Equal(2, traces.List(new TraceQuery(null)).Count);
    }

    [Fact]
    public void Totals_can_be_read_from_either_side()
    {
        var traces = Collector(new TracingOptions());
        Request(traces, "a", Ms(10), spans: 3);
        Request(traces, "b", Ms(30), spans: 2);
        var totals = traces.Totals(null);
        Assert.Equal(["b", "a"], totals.Routes.Select(static route => route.Route));
        var gets = Assert.Single(totals.Kinds);
        Assert.Equal((CallKind.Get, 5, 2), (gets.Kind, gets.Calls, gets.Traces));
        Assert.Equal([("b", 2L), ("a", 3L)], gets.Routes.Select(static route => (route.Route, route.Calls)).OrderBy(static route => route.Calls));
        Assert.Equal(Ms(30), totals.Routes[0].Latency.Max);
    }

    [Fact]
    public void Kinds_of_calls_are_split_by_what_they_were_about()
    {
        var traces = Collector(new TracingOptions());
        foreach (var route in new[] { "a", "b" })
        {
            var root = traces.Route(CallKind.Request, route).Start()!;
            foreach (var target in new[] { "Account", "Invoice", "Account" }) Spans.End(Spans.Begin(CallKind.Get, target));
            Spans.End(Spans.Begin(CallKind.Wait));
            traces.Route(CallKind.Request, route).End(root, "default", 200, null);
        }
        var kinds = traces.Totals("default").Kinds.OrderBy(static kind => kind.Target).ToList();
        Assert.Equal([(CallKind.Wait, null, 2, 2), (CallKind.Get, "Account", 4, 2), (CallKind.Get, "Invoice", 2, 2)], kinds.Select(static kind => (kind.Kind, kind.Target, kind.Calls, kind.Traces)));
        Assert.All(kinds, static kind => Assert.Equal(2, kind.Routes.Count));
        Assert.All(kinds, static kind => Assert.NotNull(kind.Latency.P95));
        Assert.Equal(3, traces.Totals("default").Routes[0].Calls.Count);
    }

    [Fact]
    public void Targets_without_end_are_counted_together_beyond_a_bound()
    {
        var traces = Collector(new TracingOptions());
        var root = traces.Route(CallKind.Request, "a").Start()!;
        for (var host = 0; host < 150; host++) Spans.End(Spans.Begin(CallKind.Fetch, $"host-{host}"));
        traces.Route(CallKind.Request, "a").End(root, "default", 200, null);
        var kinds = traces.Totals("default").Kinds;
        Assert.Equal((101, 50L), (kinds.Count, kinds.Single(static kind => kind.Target == "(others)").Calls));
        Assert.Equal(150, kinds.Sum(static kind => kind.Calls));
    }

    [Fact]
    public void A_reset_begins_anew_but_for_those_who_count_since_the_start()
    {
        var traces = Collector(new TracingOptions());
        Request(traces, "a", Ms(10), spans: 3);
        traces.Reset();
        Assert.Empty(traces.Totals(null).Routes);
        Assert.Empty(traces.List(new TraceQuery(null)));
        Request(traces, "a", Ms(20), spans: 1);
        Assert.Equal(1, Assert.Single(traces.Totals(null).Routes).Requests);
        var ever = Assert.Single(traces.Requests(), static route => route.Latency.Count > 0);
        Assert.Equal(("a", 2), (ever.Route, ever.Latency.Count));
        Assert.Equal((2, 6), (traces.Ever().Traced, traces.Ever().Spans));
    }

    [Fact]
    public void Spans_beyond_the_limit_are_counted_and_not_kept()
    {
        var traces = Collector(new TracingOptions { MaxSpans = 10 });
        Request(traces, "a", Ms(1), spans: 30);
        var trace = traces.Find(null, traces.List(new TraceQuery(null)).Single().Id);
        Assert.Equal((10, 21), (trace?.Spans.Count, trace?.Dropped));
        Assert.Equal(30, trace?.Summary.Calls);
    }

    [Fact]
    public void Links_relate_a_request_and_the_attempts_of_its_jobs()
    {
        var traces = Collector(new TracingOptions());
        Request(traces, "submit", Ms(1));
        var request = traces.List(new TraceQuery(null)).Single();
        var meter = traces.Route(CallKind.Attempt, "job report");
        var root = meter.Start($"00-{request.TraceId}-{request.Id}-00", asLink: true)!;
        Assert.NotEqual(request.TraceId, root.TraceId.ToHexString());
        meter.End(root, "default", null, null, "report", "0199");
        var attempt = traces.Find(null, root.SpanId.ToHexString());
        Assert.Equal(request.TraceId, attempt?.Links.Single().TraceId);
        Assert.Equal(request.Id, attempt?.Related.Single().Id);
        Assert.Equal(attempt?.Summary.Id, traces.Find(null, request.Id)?.Related.Single().Id);
    }

    [Fact]
    public void Nodes_of_one_process_do_not_see_each_others_traces()
    {
        var (one, other) = (Collector(new TracingOptions()), Collector(new TracingOptions()));
        Request(one, "a", Ms(1), spans: 2);
        Assert.Equal(3, one.Find(null, one.List(new TraceQuery(null)).Single().Id)?.Spans.Count);
        Assert.Empty(other.List(new TraceQuery(null)));
    }

    [Fact]
    public void Listening_has_no_exporter_send_anything_and_no_callee_sample()
    {
        var traces = Collector(new TracingOptions());
        using var exporter = new Exporter(ActivitySamplingResult.None);
        var meter = traces.Route(CallKind.Request, "a");
        var root = meter.Start()!;
        var child = Spans.Begin(CallKind.Get)!;
        Assert.Equal((false, false), (root.Recorded, child.Recorded));
        Assert.Equal(ActivityTraceFlags.None, root.ActivityTraceFlags);
        Assert.EndsWith("-00", root.Id, StringComparison.Ordinal);
        Spans.End(child);
        meter.End(root, "", 200, null);
        // What the caller sent goes on unchanged: a span that no exporter has must not stand in an exported trace.
        const string sent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        root = meter.Start(sent)!;
        Assert.Equal(sent, Spans.TraceParent(sent));
        meter.End(root, "", 200, null);
        Assert.Empty(exporter.Recorded);
    }

    [Fact]
    public void An_exporter_that_samples_gets_what_it_samples_whether_or_not_the_node_keeps_it()
    {
        var traces = Collector(new TracingOptions { RequestsPerSecond = 1 });
        using var exporter = new Exporter(ActivitySamplingResult.AllDataAndRecorded);
        for (var i = 0; i < 3; i++) Request(traces, "sampled-by-others", TimeSpan.Zero, spans: 1);
        Assert.Equal(6, exporter.Recorded.Count);
        Assert.Single(traces.List(new TraceQuery(null)));
        Assert.Equal(3, traces.Totals(null).Routes.Single().Requests);
    }

    [Fact]
    public void Where_nobody_traces_asking_allocates_nothing()
    {
        var off = Collector(new TracingOptions { Enabled = false });
        var none = Collector(new TracingOptions { RequestsPerSecond = 0 });
        var (first, second) = (off.Route(CallKind.Request, "a"), none.Route(CallKind.Request, "a"));
        Run(200);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(2_000);
        // A first bucket of a histogram may still be made.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
        Assert.Equal(2_200, none.Totals(null).Routes.Single().Requests);

        void Run(int count)
        {
            for (var i = 0; i < count; i++)
            {
                Spans.End(Spans.Begin(CallKind.Get, "Account", "Page.cs", 1));
                foreach (var meter in (ReadOnlySpan<RouteMeter>)[first, second])
                {
                    Assert.Null(meter.Start());
                    meter.Count("default", meter.Timestamp, failed: false);
                }
            }
        }
    }

    [Fact]
    public void Off_it_keeps_nothing_and_counts_all_the_same()
    {
        var traces = Collector(new TracingOptions { Enabled = false });
        Request(traces, "a", Ms(3));
        Assert.False(traces.IsOn);
        Assert.Empty(traces.List(new TraceQuery(null)));
        Assert.Equal(1, traces.Totals(null).Routes.Single().Requests);
    }

    [Fact]
    public void After_a_reset_it_begins_anew()
    {
        var traces = Collector(new TracingOptions());
        Request(traces, "a", Ms(3), spans: 2);
        traces.Reset();
        Assert.Empty(traces.List(new TraceQuery(null)));
        Assert.Empty(traces.Totals(null).Routes);
        Assert.Equal((0, 0L), (traces.Cost.Traces, traces.Cost.Bytes));
        Request(traces, "a", Ms(3));
        Assert.Single(traces.List(new TraceQuery(null)));
    }

    [Fact]
    public void Alike_findings_of_many_traces_are_one()
    {
        var traces = Collector(new TracingOptions());
        for (var request = 0; request < 3; request++)
        {
            var meter = traces.Route(CallKind.Request, "GET /page");
            var root = meter.Start()!;
            for (var i = 0; i < 4; i++)
            {
                var call = Spans.Begin(CallKind.Get, "Account", "/src/Pages/Report.cs", 41);
                _time.Advance(Ms(10));
                Spans.End(call);
            }
            meter.End(root, "default", 200, null);
        }
        var total = Assert.Single(traces.Findings("default"));
        Assert.Equal((FindingSort.Staircase, 3, Ms(90), "Pages/Report.cs:41"), (total.Sort, total.Traces, total.Saving, total.CallSite));
        Assert.NotNull(traces.Find("default", total.ExampleTrace));
        Assert.Empty(traces.Findings("other"));
    }

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private TraceCollector Collector(TracingOptions options)
    {
        var traces = new TraceCollector(options, _time);
        _made.Add(traces);
        return traces;
    }

    /// <summary>One request with so many gets, all of which take as long as the request.</summary>
    private void Request(TraceCollector traces, string route, TimeSpan duration, string? error = null, string ns = "default", string? sent = null, int spans = 0)
    {
        var meter = traces.Route(CallKind.Request, route);
        var began = meter.Timestamp;
        var root = meter.Start(sent);
        var calls = Enumerable.Range(0, spans).Select(_ => Spans.Begin(CallKind.Get, "Account")).ToList();
        _time.Advance(duration);
        foreach (var call in calls) Spans.End(call);
        if (root is null) meter.Count(ns, began, error is not null);
        else meter.End(root, ns, 200, error);
        Assert.Null(Activity.Current);
    }

    /// <summary>Another listener, as an exporter with a sampler of its own is one.</summary>
    private sealed class Exporter : IDisposable
    {
        private readonly ActivityListener _listener;

        public Exporter(ActivitySamplingResult answer)
        {
            // Of this test's flow alone: others run beside it.
            var mine = new AsyncLocal<bool> { Value = true };
            _listener = new ActivityListener
            {
                ShouldListenTo = static source => source.Name == Spans.SourceName,
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => mine.Value ? answer : ActivitySamplingResult.None,
                ActivityStopped = span =>
                {
                    if (mine.Value && span.Recorded) Recorded.Add(span);
                },
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public List<Activity> Recorded { get; } = [];

        public void Dispose() => _listener.Dispose();
    }
}
