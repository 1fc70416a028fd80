using System.Text;
using ActorPerf.Caching;
using ActorPerf.Compute;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Caching;

public sealed class ComputeServiceTests
{
    [Fact]
    public async Task A_result_lives_as_long_as_its_task_says()
    {
        await using var world = await CacheWorld.Start();
        var found = CacheWorld.Found(await Computed(world, "1"));
        Assert.Equal(found.Result.ComputedAt + CacheWorld.Life, found.Result.ExpiresAt);
        world.Time.Advance(CacheWorld.Life - TimeSpan.FromMilliseconds(1));
        Assert.Equal(CacheSource.Hit, CacheWorld.Found(await world.Ask()).Source);
        world.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("2", CacheWorld.Text(await Computed(world, "2")));
        Assert.Equal(2, world.Started);
    }

    [Fact]
    public async Task A_hit_completes_at_once_and_allocates_little()
    {
        await using var world = await CacheWorld.Start();
        await Computed(world, "1");
        var request = new ComputeRequest(Namespace.Default, "held", "{}"u8.ToArray(), default, TimeSpan.FromSeconds(1));
        for (var i = 0; i < 1_000; i++) Assert.True(AtOnce(world.Compute.ComputeAsync(request, default)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++) _ = AtOnce(world.Compute.ComputeAsync(request, default));
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 1_000, 0, 160); // the key and nothing else

        static bool AtOnce(ValueTask<ComputeOutcome> answer) => answer.IsCompletedSuccessfully;
    }

    [Fact]
    public async Task No_cache_computes_again_and_stores()
    {
        await using var world = await CacheWorld.Start();
        await Computed(world, "1");
        Assert.Equal("2", CacheWorld.Text(await Computed(world, "2", new CacheDirective(NoCache: true))));
        Assert.Equal("2", CacheWorld.Text(await world.Ask()));
    }

    [Fact]
    public async Task No_cache_does_not_join_a_computation_that_began_before()
    {
        await using var world = await CacheWorld.Start();
        var early = world.Ask();
        var first = await world.NextRun();
        var late = world.Ask(directive: new CacheDirective(NoCache: true));
        first.Return("1");
        Assert.Equal("1", CacheWorld.Text(await early));
        (await world.NextRun()).Return("2");
        Assert.Equal("2", CacheWorld.Text(await late));
    }

    [Fact]
    public async Task No_store_neither_reads_nor_stores()
    {
        await using var world = await CacheWorld.Start();
        await Computed(world, "1");
        var bypass = CacheWorld.Found(await Computed(world, "2", new CacheDirective(NoStore: true)));
        Assert.Equal((CacheSource.Bypass, null), (bypass.Source, bypass.Result.ExpiresAt));
        Assert.Equal("1", CacheWorld.Text(await world.Ask()));
    }

    [Fact]
    public async Task Only_if_cached_never_computes()
    {
        await using var world = await CacheWorld.Start();
        Assert.Equal("not-cached", CacheWorld.Refused(await world.Ask(directive: new CacheDirective(OnlyIfCached: true))));
        Assert.Equal("not-cached", CacheWorld.Refused(await world.Ask(task: "plain", directive: new CacheDirective(OnlyIfCached: true))));
        Assert.Equal(0, world.Started);
        await Computed(world, "1");
        Assert.Equal("1", CacheWorld.Text(await world.Ask(directive: new CacheDirective(OnlyIfCached: true))));
    }

    [Fact]
    public async Task Max_age_accepts_nothing_older()
    {
        await using var world = await CacheWorld.Start();
        await Computed(world, "1");
        world.Time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal("1", CacheWorld.Text(await world.Ask(directive: new CacheDirective(MaxAge: TimeSpan.FromSeconds(20)))));
        Assert.Equal("2", CacheWorld.Text(await Computed(world, "2", new CacheDirective(MaxAge: TimeSpan.FromSeconds(19)))));
    }

    [Fact]
    public async Task What_is_not_memoised_is_computed_each_time()
    {
        await using var world = await CacheWorld.Start();
        var (one, two) = (world.Ask(task: "plain"), world.Ask(task: "plain"));
        (await world.NextRun()).Return("1");
        (await world.NextRun()).Return("1");
        Assert.Equal(CacheSource.Bypass, CacheWorld.Found(await one).Source);
        Assert.Equal(CacheSource.Bypass, CacheWorld.Found(await two).Source);
        Assert.Equal(default, world.Totals);
    }

    [Fact]
    public async Task What_cannot_be_asked_is_refused()
    {
        await using var world = await CacheWorld.Start(more: [A.Task<ActorPerf.Tasks.Shipped.SquareTask>() with { Name = "square", Memoize = new Memoization(CacheWorld.Life) }]);
        Assert.Equal("unknown-task", CacheWorld.Refused(await world.Ask(task: "nope")));
        Assert.Equal("invalid-args", CacheWorld.Refused(await world.Ask("""{"m":1}""", "square")));
        Assert.Equal("invalid-args", CacheWorld.Refused(await world.Ask("""{"m":1}""", "square", new CacheDirective(NoStore: true))));
        var nowhere = Assert.IsType<ComputeOutcome.Refused>(await world.Ask(task: "lost-queue")).Refusal;
        Assert.Equal("busy", nowhere.Code);
        Assert.Contains("'nowhere'", nowhere.Detail, StringComparison.Ordinal);
        Assert.Equal("144", CacheWorld.Text(await world.Ask("""{"n":12}""", "square")));
    }

    [Fact]
    public async Task A_full_line_answers_busy_with_a_time_to_ask_again()
    {
        await using var world = await CacheWorld.Start(routees: 1, compute: new ComputeOptions { MaxWaiting = 0 });
        var running = world.Ask();
        var run = await world.NextRun();
        var refusal = Assert.IsType<ComputeOutcome.Refused>(await world.Ask("""{"a":1}""")).Refusal;
        Assert.Equal(("busy", TimeSpan.FromSeconds(1)), (refusal.Code, refusal.RetryAfter));
        run.Return("1");
        await running;
    }

    [Fact]
    public async Task Waiters_are_bounded()
    {
        await using var world = await CacheWorld.Start(new CacheOptions { Shards = 1, MaxWaiters = 2 });
        var (one, two) = (world.Ask(), world.Ask());
        var run = await world.NextRun();
        Assert.Equal("busy", CacheWorld.Refused(await world.Ask()));
        run.Return("1");
        await Task.WhenAll(one, two);
        Assert.Equal("1", CacheWorld.Text(await world.Ask()));
    }

    [Fact]
    public async Task Namespaces_share_nothing()
    {
        await using var world = await CacheWorld.Start();
        await Computed(world, "1");
        var other = Namespace.Parse("other");
        var asked = world.Ask(ns: other);
        (await world.NextRun()).Return("2");
        Assert.Equal("2", CacheWorld.Text(await asked));
        Assert.Equal(1, world.Totals.Entries);
        Assert.Equal(new InvalidateOutcome.Done(1), await world.Compute.InvalidateAsync(new Invalidation(other, All: true), default));
        Assert.Equal("1", CacheWorld.Text(await world.Ask()));
    }

    [Fact]
    public async Task The_number_of_namespaces_kept_is_bounded()
    {
        await using var world = await CacheWorld.Start(new CacheOptions { Shards = 1, MaxNamespaces = 3 });
        for (var i = 0; i < 10; i++) await world.Ask(task: "quick", ns: Namespace.Parse($"n{i}"));
        var kept = Enumerable.Range(0, 10).Count(i => world.Compute.Statistics(Namespace.Parse($"n{i}")).Total.Misses > 0);
        Assert.Equal(3, kept);
        Assert.Equal((10L, 3L), world.Shards.Books.PerTask()["quick"] is var all ? (all.Misses, all.Entries) : default);      // what was counted stays
        var forgotten = Enumerable.Range(0, 10).First(i => world.Compute.Statistics(Namespace.Parse($"n{i}")).Total.Misses == 0);
        Assert.Equal(CacheSource.Miss, CacheWorld.Found(await world.Ask(task: "quick", ns: Namespace.Parse($"n{forgotten}"))).Source);
    }

    [Fact]
    public async Task Entries_are_listed_in_pages_each_once()
    {
        await using var world = await CacheWorld.Start();
        for (var i = 0; i < 5; i++) await world.Ask($$"""{"i":{{i}}}""", "quick");
        await world.Ask("""{"i":4}""", "quick");
        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = world.Compute.Entries(Namespace.Default, "quick", 2, cursor);
            Assert.InRange(page.Items.Count, 0, 3); // a place of the table is told whole
            seen.AddRange(page.Items.Select(entry => Encoding.UTF8.GetString(entry.Args.Span)));
            cursor = page.Next;
            Assert.True(cursor is null || CacheCursor.TryRead(cursor, out _));
        }
        while (cursor is not null);
        Assert.Equal(Enumerable.Range(0, 5).Select(i => $$"""{"i":{{i}}}"""), seen.Order());
        Assert.Equal(1, world.Compute.Entries(Namespace.Default, null, 10, null).Items.Sum(entry => entry.Hits));
        Assert.Empty(world.Compute.Entries(Namespace.Default, "held", 10, null).Items);
        Assert.False(CacheCursor.TryRead("-1", out _));
        Assert.False(CacheCursor.TryRead("0A", out _));
        Assert.False(CacheCursor.TryRead("ffffffff", out _));
        foreach (var edge in new[] { "ffffffff", "80000000", "17fffffff", "7fffffff7fffffff" }) Assert.Empty(world.Compute.Entries(Namespace.Default, null, 10, edge).Items);
        Assert.Empty(world.Compute.Entries(Namespace.Default, null, 10, "forged").Items);
    }

    [Fact]
    public async Task Statistics_tell_what_happened()
    {
        await using var world = await CacheWorld.Start();
        await Computed(world, "1");
        await world.Ask();
        await world.Ask();
        var view = world.Compute.Statistics(Namespace.Default);
        Assert.Equal((1, 2, 1, 0), ((int)view.Total.Entries, (int)view.Total.Hits, (int)view.Total.Misses, (int)view.Total.Joined));
        Assert.Equal(2.0 / 3, view.Total.HitRatio, 3);
        Assert.Equal(view.Total, view.Tasks["held"]);
        Assert.InRange(view.Total.Bytes, 500, 1_000);
    }

    private static async Task<ComputeOutcome> Computed(CacheWorld world, string result, CacheDirective directive = default)
    {
        var asked = world.Ask(directive: directive);
        (await world.NextRun()).Return(result);
        return await asked;
    }
}
