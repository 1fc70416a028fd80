using System.Text;
using ActorPerf.Caching;
using ActorPerf.Compute;
using ActorPerf.Tasks;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Caching;

/// <summary>What the cache promises whatever happens, by the numbers of docs/invariants.md.</summary>
public sealed class CacheInvariantTests
{
    [Fact]
    public async Task INV_30_nothing_is_served_behind_its_life_and_grace_whatever_the_wall_clock_says()
    {
        await using var world = await CacheWorld.Start(more: []);
        world.Add("kept", new Memoization(TimeSpan.FromSeconds(10), StaleWhileRevalidate: TimeSpan.FromSeconds(5)));
        var asked = world.Ask(task: "kept");
        (await world.NextRun()).Return("1");
        await asked;
        world.Time.Advance(TimeSpan.FromSeconds(15) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(CacheSource.Stale, CacheWorld.Found(await world.Ask(task: "kept", directive: new CacheDirective(OnlyIfCached: true))).Source);
        world.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("not-cached", CacheWorld.Refused(await world.Ask(task: "kept", directive: new CacheDirective(OnlyIfCached: true))));
        Assert.Equal("not-cached", CacheWorld.Refused(await world.Ask(task: "kept", directive: new CacheDirective(OnlyIfCached: true) { MaxStale = TimeSpan.MaxValue })));
    }

    [Fact]
    public void INV_31_a_key_is_namespace_task_version_and_canonical_arguments_compared_whole()
    {
        var random = new Random(31);
        var keys = new List<CacheKey>();
        for (var i = 0; i < 300; i++)
        {
            var args = $$"""{"n":{{random.Next(4)}},"t":"{{(char)('a' + random.Next(3))}}"}""";
            keys.Add(new CacheKey(Namespace.Parse($"n{random.Next(2)}"), $"t{random.Next(2)}", random.Next(1, 3), Encoding.UTF8.GetBytes(args)));
        }
        foreach (var a in keys)
            foreach (var b in keys)
            {
                var same = a.Namespace == b.Namespace && a.Task == b.Task && a.Version == b.Version && a.Args.Span.SequenceEqual(b.Args.Span);
                Assert.Equal(same, a.Equals(b));
                if (same) Assert.Equal(a.GetHashCode(), b.GetHashCode());
            }
        Assert.NotEqual(Canonical("9007199254740992"), Canonical("9007199254740993"));
        Assert.Equal(Canonical("""{"a":1,"b":2.50}"""), Canonical("""{ "b" : 2.5, "a" : 1 }"""));

        static string Canonical(string json)
        {
            Assert.True(CanonicalJson.TryWrite(Encoding.UTF8.GetBytes(json), out var canonical));
            return Encoding.UTF8.GetString(canonical);
        }
    }

    [Fact]
    public async Task INV_32_a_cancelled_or_failed_computation_leaves_nothing()
    {
        await using var world = await CacheWorld.Start();
        using var leaving = new CancellationTokenSource();
        var (run, leavers) = await world.AskTogether(1, ct: leaving.Token);
        await CacheWorld.Leave(leaving, leavers);
        await run.Cancelled.Task;
        run.FollowToken();
        await Eventually.Is(() => world.Pool.Meter.Read().Busy == 0, "it has ended");
        var failed = world.Ask();
        (await world.NextRun()).Throw(new InvalidOperationException("no"));
        await failed;
        Assert.Equal(0, world.Totals.Entries);
        Assert.Empty(world.Compute.Entries(Namespace.Default, null, 10, null).Items);
    }

    [Fact]
    public async Task INV_33_ten_thousand_callers_of_a_cold_key_compute_once()
    {
        await using var world = await CacheWorld.Start();
        var (run, asked) = await world.AskTogether(10_000);
        Assert.Equal(1, world.Totals.Misses);
        run.Return("7");
        var outcomes = await Task.WhenAll(asked);
        Assert.All(outcomes, outcome => Assert.Equal("7", CacheWorld.Text(outcome)));
        Assert.Equal((1, 9_999), (outcomes.Count(outcome => CacheWorld.Found(outcome).Source == CacheSource.Miss), outcomes.Count(outcome => CacheWorld.Found(outcome).Source == CacheSource.Collapsed)));
        Assert.Equal(1, world.Started);
        Assert.Equal(CacheSource.Hit, CacheWorld.Found(await world.Ask()).Source);
    }

    [Fact]
    public async Task INV_34_who_leaves_takes_nobody_along()
    {
        await using var world = await CacheWorld.Start();
        using var first = new CancellationTokenSource();
        var leaver = world.Ask(ct: first.Token);
        var run = await world.NextRun();
        var others = Enumerable.Range(0, 99).Select(_ => world.Ask()).ToArray();
        await Eventually.Is(() => world.Totals.Joined == 99, "the others have joined");
        await CacheWorld.Leave(first, leaver);
        Assert.False(run.Token.IsCancellationRequested);
        run.Return("7");
        Assert.All(await Task.WhenAll(others), outcome => Assert.Equal("7", CacheWorld.Text(outcome)));
    }

    [Fact]
    public async Task INV_35_a_failure_reaches_everyone_and_the_next_call_tries_again()
    {
        await using var world = await CacheWorld.Start();
        var (run, asked) = await world.AskTogether(100);
        run.Throw(new InvalidOperationException("no"));
        Assert.All(await Task.WhenAll(asked), outcome => Assert.Equal(new TaskError("InvalidOperationException", "no"), Assert.IsType<ComputeOutcome.Failed>(outcome).Error));
        Assert.Equal(0, world.Totals.Entries);
        var again = world.Ask();
        (await world.NextRun()).Return("7");
        Assert.Equal("7", CacheWorld.Text(await again));
    }

    [Fact]
    public async Task INV_36_a_load_that_began_before_an_invalidation_does_not_undo_it()
    {
        await using var world = await CacheWorld.Start();
        var early = world.Ask();
        var old = await world.NextRun();
        await world.Compute.InvalidateAsync(new Invalidation(Namespace.Default, "held"), default);
        old.Return("old");
        Assert.Equal("old", CacheWorld.Text(await early));
        Assert.Null(await world.Peek());
    }

    [Fact]
    public async Task Pitfall_1_a_computation_runs_in_nobodys_scope()
    {
        var inherited = new AsyncLocal<string>();
        string? seen = "nothing ran";
        var task = A.Lambda((_, _) =>
        {
            seen = inherited.Value;
            return Task.FromResult("1");
        }, "scoped", memoize: new Memoization(CacheWorld.Life));
        await using var world = await CacheWorld.Start(more: [task]);
        inherited.Value = "the caller's";
        await world.Ask(task: "scoped");
        Assert.Null(seen);
    }

    [Fact]
    public async Task Pitfall_2_when_all_have_left_the_load_is_cancelled_and_answers_nobody()
    {
        await using var world = await CacheWorld.Start();
        using var leaving = new CancellationTokenSource();
        var (run, leavers) = await world.AskTogether(10, ct: leaving.Token);
        await CacheWorld.Leave(leaving, leavers);
        await run.Cancelled.Task;
        var late = world.Ask();
        run.FollowToken();
        (await world.NextRun()).Return("2");
        Assert.Equal("2", CacheWorld.Text(await late));
        Assert.Equal(2, world.Started);
    }

    [Fact]
    public async Task Pitfall_8_invalidations_are_ordered_by_numbers_and_not_by_clocks()
    {
        await using var world = await CacheWorld.Start(); // its clock stands still, so a comparison of times could tell nothing apart
        for (var i = 1; i <= 5; i++)
        {
            var asked = world.Ask(task: "tagged");
            (await world.NextRun()).Return($"{i}");
            Assert.Equal($"{i}", CacheWorld.Text(await asked));
            Assert.Equal($"{i}", await world.Peek("tagged"));
            await world.Compute.InvalidateAsync(new Invalidation(Namespace.Default, Tags: ["blue"]), default);
            Assert.Null(await world.Peek("tagged"));
        }
    }

    [Fact]
    public void Pitfall_14_nodes_do_not_refresh_in_step()
    {
        var eager = new HashSet<long>();
        for (var node = 0; node < 20; node++)
        {
            var table = new MemoTable(new CacheOptions { Jitter = 0 }, new ActorPerf.TestKit.ManualTime(), seed: node);
            var book = new CacheBooks(1).Of(Namespace.Default, A.Lambda((_, _) => Task.FromResult("1")));
            var key = new CacheKey(Namespace.Default, "t", 1, "{}"u8.ToArray());
            var memoize = new Memoization(TimeSpan.FromMinutes(10), StaleWhileRevalidate: TimeSpan.FromMinutes(1));
            var entry = table.Make(key, new ComputedResult("1"u8.ToArray(), default, default, null), TimeSpan.Zero, memoize.Duration, memoize, book.Capture(), book, null);
            eager.Add(entry.Life.EagerAt);
        }
        Assert.InRange(eager.Count, 15, 20);
    }

    [Fact]
    public async Task Invalidations_travel_between_nodes_and_twice_does_no_harm()
    {
        var feed = new LocalInvalidationFeed();
        await using var a = await CacheWorld.Start(feed: feed);
        await using var b = await CacheWorld.Start(feed: feed);
        foreach (var node in new[] { a, b })
        {
            var asked = node.Ask(task: "tagged");
            (await node.NextRun()).Return("1");
            await asked;
        }
        await a.Compute.InvalidateAsync(new Invalidation(Namespace.Default, Tags: ["blue"]), default);
        Assert.Null(await a.Peek("tagged"));
        Assert.Null(await b.Peek("tagged"));
        var again = b.Ask(task: "tagged");
        (await b.NextRun()).Return("2");
        await again;
        Assert.Equal("2", await b.Peek("tagged"));
        Assert.Equal(1, await b.Shards.Sink.ApplyAsync(new CacheInvalidation.OfTag(Namespace.Default, "blue"), default));
        Assert.Null(await b.Peek("tagged"));
    }

    [Fact]
    public async Task Code_of_ones_own_has_the_same_promises()
    {
        await using var world = await CacheWorld.Start();
        var (key, computed) = (CacheKey.Of("prices", "EUR/USD"), 0);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var options = new CacheCallOptions { Memoize = new Memoization(TimeSpan.FromMinutes(1), Tags: ["money"]) };
        var asked = Enumerable.Range(0, 100).Select(_ => world.Compute.GetOrComputeAsync(key, Compute, options, default).AsTask()).ToArray();
        gate.SetResult();
        Assert.All(await Task.WhenAll(asked), outcome => Assert.Equal("1", CacheWorld.Text(outcome)));
        var hit = world.Compute.GetOrComputeAsync(CacheKey.Of("prices", "EUR/USD"), Compute, options, default);
        Assert.True(hit.IsCompletedSuccessfully);
        Assert.Equal((1, CacheSource.Hit), (computed, CacheWorld.Found(await hit).Source));
        Assert.Equal(1, world.Compute.Statistics(Namespace.Default).Tasks["@prices"].Entries);
        Assert.Equal(new InvalidateOutcome.Done(1), await world.Compute.InvalidateAsync(new Invalidation(Namespace.Default, "@prices", "\"EUR/USD\""u8.ToArray()), default));
        Assert.Equal("2", CacheWorld.Text(await world.Compute.GetOrComputeAsync(key, Compute, options, default)));
        Assert.Equal(new InvalidateOutcome.Done(1), await world.Compute.InvalidateAsync(new Invalidation(Namespace.Default, Tags: ["money"]), default));
        Assert.Throws<ArgumentException>(() => CacheKey.Of("no name", "x"));

        async ValueTask<ReadOnlyMemory<byte>> Compute(TaskContext context, CancellationToken ct)
        {
            await gate.Task;
            return Encoding.UTF8.GetBytes($"{Interlocked.Increment(ref computed)}");
        }
    }

    [Fact]
    public async Task Hits_of_a_kept_key_allocate_nothing()
    {
        await using var world = await CacheWorld.Start();
        var key = CacheKey.Of("prices", "EUR/USD");
        await world.Compute.GetOrComputeAsync(key, One, null, default);
        for (var i = 0; i < 1_000; i++) Assert.True(world.Compute.GetOrComputeAsync(key, One, null, default).IsCompletedSuccessfully);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++) _ = world.Compute.GetOrComputeAsync(key, One, null, default).IsCompletedSuccessfully;
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        static ValueTask<ReadOnlyMemory<byte>> One(TaskContext context, CancellationToken ct) => new("1"u8.ToArray());
    }

    [Fact]
    public async Task Calls_with_a_timetable_are_computed_again_at_its_times()
    {
        var apart = TimeSpan.FromHours(3);      // longer than it is until a timetable is looked at again
        await using var world = await CacheWorld.Start();
        IReadOnlyList<WarmCall> calls = [new(Namespace.Default, "held", "{}"u8.ToArray(), null) { NextAfter = after => after + apart }];
        var (asked, time, before) = (new AskedCompute(), world.Time, world.Time.GetUtcNow());
        world.System.ActorOf(ActorPerf.Kernel.Props.Create(() => new CacheWarmer(asked, calls, time, NullLogger.Instance)), "warmer");
        for (var asks = 1; asks <= 3; asks++)
        {
            // Its timer is set again on the way, by a thread of its own: time goes on in small steps until it rings.
            await Eventually.Is(() =>
            {
                if (asks > 1 && asked.Calls.Count < asks) time.Advance(TimeSpan.FromMinutes(1));
                return asked.Calls.Count >= asks;
            }, "its time has come");
            Assert.True(time.GetUtcNow() >= before + ((asks - 1) * apart));
        }
        Assert.Equal([false, true, true], asked.Calls.Take(3).Select(static call => call.Directive.NoCache));
        Assert.All(asked.Calls, static call => Assert.True(call.Directive.Quiet));
    }

    /// <summary>Notes what it is asked, and has it.</summary>
    private sealed class AskedCompute : ICompute
    {
        public System.Collections.Concurrent.ConcurrentQueue<ComputeRequest> Calls { get; } = new();

        public ValueTask<ComputeOutcome> ComputeAsync(ComputeRequest request, CancellationToken ct)
        {
            Calls.Enqueue(request);
            return new(new ComputeOutcome.Found(new ComputedResult("1"u8.ToArray(), default, default, null), CacheSource.Miss));
        }

        public ValueTask<ComputeOutcome> GetOrComputeAsync(
            CacheKey key, Func<TaskContext, CancellationToken, ValueTask<ReadOnlyMemory<byte>>> factory, CacheCallOptions? options, CancellationToken ct) => throw new NotSupportedException();

        public CacheView Statistics(Namespace ns) => throw new NotSupportedException();

        public CacheEntryPage Entries(Namespace ns, string? task, int limit, string? cursor) => throw new NotSupportedException();

        public ValueTask<InvalidateOutcome> InvalidateAsync(Invalidation what, CancellationToken ct) => throw new NotSupportedException();
    }

    [Fact]
    public async Task Calls_of_the_configuration_are_computed_at_the_start_and_again_as_often_as_it_says()
    {
        await using var world = await CacheWorld.Start();
        IReadOnlyList<WarmCall> calls = [new(Namespace.Default, "held", "{}"u8.ToArray(), TimeSpan.FromMinutes(1)), new(Namespace.Default, "quick", "{}"u8.ToArray(), null)];
        var (compute, time) = (world.Compute, world.Time);
        world.System.ActorOf(ActorPerf.Kernel.Props.Create(() => new CacheWarmer(compute, calls, time, NullLogger.Instance)), "warmer");
        (await world.NextRun()).Return("1");
        await Eventually.Is(() => world.Totals.Entries == 2, "both are warm");
        Assert.Equal("1", await world.Peek());
        world.Time.Advance(TimeSpan.FromMinutes(1));
        (await world.NextRun()).Return("2");
        await Eventually.Is(async () => await world.Peek() == "2", "it was computed again before its life ended");
    }

    [Fact]
    public async Task What_is_warmed_lets_callers_go_before()
    {
        await using var world = await CacheWorld.Start(routees: 1);
        var first = world.Ask("""{"a":1}""");
        var busy = await world.NextRun();
        var quiet = world.Ask("""{"a":2}""", directive: new CacheDirective { Quiet = true });
        await Eventually.Is(() => world.Totals.Misses == 2, "the quiet one is in line");
        var loud = world.Ask("""{"a":3}""");
        await Eventually.Is(() => world.Pool.Meter.Read().Waiting == 1, "the loud one is in line");
        busy.Return("1");
        (await world.NextRun()).Return("3");
        Assert.Equal("3", CacheWorld.Text(await loud));
        (await world.NextRun()).Return("2");
        Assert.Equal("2", CacheWorld.Text(await quiet));
        await first;
    }

    [Fact]
    public async Task What_is_warmed_stands_in_line_as_soon_as_somebody_asks_for_it()
    {
        await using var world = await CacheWorld.Start(routees: 1);
        var first = world.Ask("""{"a":1}""");
        var busy = await world.NextRun();
        var quiet = world.Ask("""{"a":2}""", directive: new CacheDirective { Quiet = true });
        await Eventually.Is(() => world.Totals.Misses == 2, "the quiet one is in line");
        var asked = world.Ask("""{"a":2}""");
        await Eventually.Is(() => world.Totals.Joined == 1 && world.Pool.Meter.Read().Waiting == 1, "somebody asks for the same");
        var later = world.Ask("""{"a":3}""");
        await Eventually.Is(() => world.Pool.Meter.Read().Waiting == 2, "another one stands behind");
        busy.Return("1");
        (await world.NextRun()).Return("2");
        Assert.Equal("2", CacheWorld.Text(await asked));
        Assert.Equal("2", CacheWorld.Text(await quiet));
        (await world.NextRun()).Return("3");
        Assert.Equal("3", CacheWorld.Text(await later));
        await first;
    }
}
