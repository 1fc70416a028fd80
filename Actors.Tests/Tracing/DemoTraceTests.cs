using System.Runtime.CompilerServices;
using ActorPerf.Data;
using ActorPerf.Data.Demo;
using ActorPerf.Storage.Memory;
using ActorPerf.Tasks;
using ActorPerf.TestKit;
using ActorPerf.Tracing;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Tracing;

/// <summary>What traces show of the demonstration's pages, in virtual time over a store whose reads take 20 ms.</summary>
public sealed class DemoTraceTests : IDisposable
{
    private static readonly TimeSpan ReadTime = TimeSpan.FromMilliseconds(20);

    private readonly TaskSimulation _simulation = new(7);
    private readonly DemoMeter _meter = new();
    private readonly DataService _data;
    private readonly TraceCollector _traces;

    public DemoTraceTests()
    {
        _traces = new TraceCollector(new TracingOptions(), _simulation.Time);
        var store = new DemoStore(new MemoryStorage(_simulation.Time, new Random(1)).Entities, _meter, _simulation.Time, ReadTime);
        _data = new DataService(store, new DataOptions(), _simulation.Time, new Random(1), NullLogger<DataService>.Instance, _simulation.Scheduler);
        _simulation.Run(() => _data.InScopeAsync(async _ => await DemoWorld.LoadAsync(_data, default), new ScopeSettings { Namespace = DemoWorld.Namespace }));
    }

    public void Dispose()
    {
        _meter.Dispose();
        _traces.Dispose();
    }

    [Fact]
    public void Two_queries_and_fifty_gets_overlap_and_are_one_batch()
    {
        var trace = Traced("page", async () =>
        {
            var (entries, messages) = await (PageAsync(DemoWorld.GuestBook), PageAsync(DemoWorld.Message));
            var authors = await messages.Items.MapAsync(async (message, stop) => await _data.GetAsync(DemoWorld.Account, message.Key.Id, stop));
            Assert.Equal((20, 50), (entries.Items.Count, authors.Count));
        });

        var queries = trace.Spans.Where(static span => span.Kind == CallKind.Query).ToList();
        Assert.Equal([TimeSpan.Zero, TimeSpan.Zero], queries.Select(static query => query.Start));
        var statement = Assert.Single(trace.Spans, static span => span.Kind == CallKind.Statement);
        Assert.Equal((50, 50, 50), (statement.Shared?.Keys, statement.Shared?.OwnKeys, statement.Shared?.Calls));
        var gets = trace.Spans.Where(static span => span.Kind == CallKind.Get).ToList();
        Assert.Equal(50, gets.Count);
        Assert.All(gets, get => Assert.Equal((statement.Batch, ReadTime, ReadTime), (get.Batch, get.Start, get.Duration)));
        Assert.Equal(2 * ReadTime, trace.Summary.Duration);
        Assert.Empty(trace.Findings);
    }

    [Fact]
    public void The_same_page_one_after_the_other_is_found_with_what_it_would_save()
    {
        var line = 0;
        var trace = Traced("page", async () =>
        {
            var entries = await PageAsync(DemoWorld.GuestBook);
            var messages = await PageAsync(DemoWorld.Message);
            for (var i = 1; i <= messages.Items.Count; i++)
            {
                await _data.GetAsync(DemoWorld.Account, i); line = Line();
            }
            Assert.Equal(20, entries.Items.Count);
        });

        Assert.Equal(52 * ReadTime, trace.Summary.Duration);
        Assert.Equal([FindingSort.Staircase, FindingSort.MissedOverlap], trace.Findings.Select(static finding => finding.Sort));
        var (stairs, overlap) = (trace.Findings[0], trace.Findings[1]);
        Assert.Equal((50, 49 * ReadTime, $"Tracing/DemoTraceTests.cs:{line} in {nameof(The_same_page_one_after_the_other_is_found_with_what_it_would_save)}"), (stairs.Count, stairs.Saving, stairs.CallSite));
        Assert.Equal((2, ReadTime), (overlap.Count, overlap.Saving));
        // Both together are what the page that overlaps takes less.
        Assert.Equal(50 * ReadTime, stairs.Saving + overlap.Saving);
    }

    [Theory]
    [InlineData(MessagesMode.Loop, 51, 1)]
    [InlineData(MessagesMode.Map, 2, 0)]
    public void The_shipped_demonstration_shows_its_statements_and_its_fault(MessagesMode mode, int statements, int findings)
    {
        var trace = Traced("messages", () => new DemoMessagesTask(_data, _meter, _simulation.Time).RunAsync(new DemoMessagesArgs(mode), Context(), default).AsTask());
        Assert.Equal(statements, trace.Spans.Count(static span => span.Kind is CallKind.Statement or CallKind.Query));
        Assert.Equal(findings, trace.Findings.Count);
        Assert.All(trace.Findings, static finding => Assert.Equal((FindingSort.Staircase, 49 * ReadTime), (finding.Sort, finding.Saving)));
        Assert.All(trace.Findings, static finding => Assert.StartsWith("Demo/DemoTasks.cs:", finding.CallSite, StringComparison.Ordinal));
    }

    [Fact]
    public void A_page_that_reads_one_thing_after_the_other_is_told_of_the_overlap_that_it_misses()
    {
        var trace = Traced("page", () => new DemoPageTask(_data, _meter, _simulation.Time).RunAsync(new DemoPageArgs(PageMode.Sync), Context(), default).AsTask());
        var overlap = Assert.Single(trace.Findings, static finding => finding.Sort == FindingSort.MissedOverlap);
        Assert.Equal(ReadTime, overlap.Saving);
        var better = Traced("page", () => new DemoPageTask(_data, _meter, _simulation.Time).RunAsync(new DemoPageArgs(PageMode.Async), Context(), default).AsTask());
        Assert.DoesNotContain(better.Findings, static finding => finding.Sort == FindingSort.MissedOverlap);
    }

    [Fact]
    public void A_statement_that_two_requests_share_stands_in_both()
    {
        string[] ids = ["", ""];
        _simulation.Run(() => Task.WhenAll(OneAsync(0, 1), OneAsync(1, 2)));
        var (first, second) = (_traces.Find("demo", ids[0]), _traces.Find("demo", ids[1]));
        var (left, right) = (Statement(first), Statement(second));
        Assert.Equal((left.Id, left.Batch), (right.Id, right.Batch));
        Assert.Equal((2, 2, 1), (left.Shared?.Calls, left.Shared?.Keys, left.Shared?.OwnKeys));
        Assert.Equal((ids[1], ids[0]), (left.Shared?.Others.Single(), right.Shared?.Others.Single()));
        Assert.Equal(right.Parent, second?.Spans.Single(static span => span.Kind == CallKind.Get).Id);

        async Task OneAsync(int which, int account)
        {
            var (route, root) = Begin("page");
            await _data.InScopeAsync(async _ => Assert.NotNull(await _data.GetAsync(DemoWorld.Account, account)), new ScopeSettings { Namespace = DemoWorld.Namespace });
            route.End(root, "demo", 200, null);
            ids[which] = root.SpanId.ToHexString();
        }

        static TraceSpan Statement(Trace? trace) => trace!.Spans.Single(static span => span.Kind == CallKind.Statement);
    }

    [Fact]
    public void What_is_read_twice_in_a_scope_is_read_once_and_in_two_scopes_is_found()
    {
        var once = Traced("once", async () => _ = (await _data.GetAsync(DemoWorld.Account, 1), await _data.GetAsync(DemoWorld.Account, 1)));
        Assert.Single(once.Spans, static span => span.Kind == CallKind.Get);
        Assert.Empty(once.Findings);
        var twice = Traced("twice", async () =>
        {
            for (var i = 0; i < 2; i++) await _data.InScopeAsync(async _ => await _data.GetAsync(DemoWorld.Account, 2), new ScopeSettings { Namespace = DemoWorld.Namespace });
        });
        // The inner scopes are left and forgotten; each asked the store.
        Assert.Contains(twice.Findings, static finding => finding.Sort == FindingSort.SameReadTwice && finding.Saving == ReadTime);
    }

    [Fact]
    public void Tries_of_a_transaction_that_others_disturb_are_found()
    {
        var trace = Traced("counter", async () =>
        {
            var disturbed = 0;
            await _data.TransactAsync(async transaction =>
            {
                var counter = await transaction.GetAsync(DemoWorld.Counters, 1);
                if (disturbed++ < 3) using (_data.SuppressTransaction()) await _data.PutAsync(DemoWorld.Counters, 1, new Counter(disturbed));
                await transaction.PutAsync(DemoWorld.Counters, 1, new Counter((counter?.Value.Value ?? 0) + 1));
            });
        });
        var storm = Assert.Single(trace.Findings, static finding => finding.Sort == FindingSort.ConflictStorm);
        Assert.Equal(4, storm.Count);
        Assert.Equal(4, trace.Spans.Count(static span => span.Kind == CallKind.Try));
        Assert.True(storm.Saving > TimeSpan.Zero);
    }

    [Fact]
    public void No_tag_holds_a_key_or_a_value()
    {
        var trace = Traced("page", async () =>
        {
            await _data.PutAsync(DemoWorld.Account, "secret-id", new Account("secret-name"));
            await _data.GetAsync(DemoWorld.Account, "secret-id");
            await _data.Query(DemoWorld.Account).Where(account => account.Name == "secret-name").ToListAsync(1);
        });
        Assert.True(trace.Spans.Count > 3);
        Assert.All(trace.Spans, static span => Assert.DoesNotContain("secret", string.Concat(span.Name, string.Concat(span.Tags)), StringComparison.Ordinal));
    }

    private static int Line([CallerLineNumber] int line = 0) => line;

    private ValueTask<EntityPage> PageAsync(EntityKind kind, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "") =>
        _data.QueryPageAsync(new EntityQuery(DemoWorld.Namespace, kind.Name) { Limit = 100 }, default, file, line, member);

    private AttemptContext Context() => new(null, 1, DemoWorld.Namespace, "demo", _simulation.Time);

    private (RouteMeter Route, System.Diagnostics.Activity Root) Begin(string name)
    {
        var route = _traces.Route(CallKind.Request, name);
        return (route, route.Start() ?? throw new InvalidOperationException("Not taken."));
    }

    /// <summary>Code as a request of the demonstration's namespace, in a scope of its own, and its trace.</summary>
    private Trace Traced(string name, Func<Task> code)
    {
        var id = _simulation.Run(async () =>
        {
            var (route, root) = Begin(name);
            await _data.InScopeAsync(_ => code(), new ScopeSettings { Namespace = DemoWorld.Namespace });
            route.End(root, "demo", 200, null);
            return root.SpanId.ToHexString();
        });
        return _traces.Find("demo", id) ?? throw new InvalidOperationException("Not kept.");
    }
}
