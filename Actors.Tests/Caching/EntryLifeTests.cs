using ActorPerf.Caching;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Caching;

/// <summary>Entries through their lives, on real shards and a clock that stands still.</summary>
public sealed class EntryLifeTests
{
    private static readonly Memoization Full = new(TimeSpan.FromSeconds(100), TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(200), Eager: 0.9);

    [Fact]
    public async Task An_eager_refresh_runs_once_and_nobody_waits_for_it()
    {
        await using var world = await Lived(Full, 99);
        Assert.Equal(CacheSource.Hit, CacheWorld.Found(await world.Ask(task: "full")).Source);
        Assert.Equal(CacheSource.Hit, CacheWorld.Found(await world.Ask(task: "full")).Source);
        var refresh = await world.NextRun();
        Assert.Equal(CacheSource.Hit, CacheWorld.Found(await world.Ask(task: "full")).Source);
        refresh.Return("2");
        await Eventually.Is(async () => await world.Peek("full") == "2", "the refresh has landed");
        Assert.Equal((2, 1L), (world.Started, world.Totals.Refreshes));
    }

    [Fact]
    public async Task A_stale_result_is_answered_while_one_refresh_runs()
    {
        await using var world = await Lived(Full, 149);
        var found = CacheWorld.Found(await world.Ask(task: "full"));
        Assert.Equal((CacheSource.Stale, "1"), (found.Source, CacheWorld.Text(found)));
        Assert.True(found.Result.ExpiresAt < world.Time.GetUtcNow());
        await world.Ask(task: "full");
        (await world.NextRun()).Return("2");
        await Eventually.Is(async () => await world.Peek("full") == "2", "the refresh has landed");
        Assert.Equal(2, world.Started);
        Assert.InRange(world.Totals.Stale, 2, 1_000_000);
    }

    [Fact]
    public async Task Where_the_computation_fails_the_kept_result_answers_and_the_next_try_waits()
    {
        await using var world = await Lived(Full, 160);
        var asked = world.Ask(task: "full");
        (await world.NextRun()).Throw(new InvalidOperationException("no"));
        var found = CacheWorld.Found(await asked);
        Assert.Equal((CacheSource.Stale, "1", "InvalidOperationException"), (found.Source, CacheWorld.Text(found), found.LastError?.Type));
        for (var i = 0; i < 5; i++) Assert.Equal(CacheSource.Stale, CacheWorld.Found(await world.Ask(task: "full")).Source);
        Assert.Equal(2, world.Started);                     // nothing is tried within a second
        world.Time.Advance(TimeSpan.FromSeconds(1));
        asked = world.Ask(task: "full");
        (await world.NextRun()).Throw(new InvalidOperationException("no"));
        Assert.Equal(CacheSource.Stale, CacheWorld.Found(await asked).Source);
        world.Time.Advance(TimeSpan.FromSeconds(1));
        await world.Ask(task: "full");
        Assert.Equal(3, world.Started);                     // the second wait is twice as long
        world.Time.Advance(TimeSpan.FromSeconds(1));
        asked = world.Ask(task: "full");
        (await world.NextRun()).Return("2");
        Assert.Equal((CacheSource.Miss, "2"), (CacheWorld.Found(await asked).Source, CacheWorld.Text(await asked)));
        Assert.Null(CacheWorld.Found(await world.Ask(task: "full")).LastError);
    }

    [Fact]
    public async Task Pitfall_15_a_kept_result_does_not_hide_an_outage_for_ever()
    {
        await using var world = await Lived(Full, 299);
        for (var failures = 0; failures < 3; failures++)
        {
            var asked = world.Ask(task: "full");
            (await world.NextRun()).Throw(new InvalidOperationException("no"));
            var outcome = await asked;
            if (failures == 0) Assert.Equal(CacheSource.Stale, CacheWorld.Found(outcome).Source);        // said in the answer
            else Assert.IsType<ComputeOutcome.Failed>(outcome);                                          // its time is over
            world.Time.Advance(TimeSpan.FromSeconds(30));
        }
        world.Time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.Is(() => world.Shards.Condition is not null, "the node says that it is degraded");
        Assert.Equal(3, world.Totals.Failures);                                                          // and so do the numbers
        var again = world.Ask(task: "full");
        (await world.NextRun()).Return("2");
        await again;
        world.Time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.Is(() => world.Shards.Condition is null, "all is well again");
    }

    [Fact]
    public async Task A_key_that_fails_without_a_result_is_not_hammered()
    {
        await using var world = await CacheWorld.Start(more: []);
        for (var failures = 0; failures < 2; failures++)
        {
            var asked = world.Ask();
            (await world.NextRun()).Throw(new InvalidOperationException("no"));
            Assert.Null(Assert.IsType<ComputeOutcome.Failed>(await asked).RetryAfter);
        }
        var told = Assert.IsType<ComputeOutcome.Failed>(await world.Ask());
        Assert.Equal(("no", TimeSpan.FromSeconds(1)), (told.Error.Message, told.RetryAfter));
        Assert.Equal(2, world.Started);
        var forced = world.Ask(directive: new CacheDirective(NoCache: true)); // whoever insists is heard
        (await world.NextRun()).Return("1");
        Assert.Equal("1", CacheWorld.Text(await forced));
        Assert.Equal(CacheSource.Hit, CacheWorld.Found(await world.Ask()).Source);
    }

    [Fact]
    public async Task A_soft_timeout_answers_what_is_kept_and_the_computation_goes_on()
    {
        await using var world = await Lived(Full with { SoftTimeout = TimeSpan.FromSeconds(2) }, 160);
        var asked = world.Ask(task: "full");
        var run = await world.NextRun();
        world.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((CacheSource.Stale, "1"), (CacheWorld.Found(await asked).Source, CacheWorld.Text(await asked)));
        Assert.False(run.Token.IsCancellationRequested);
        run.Return("2");
        await Eventually.Is(async () => await world.Peek("full") == "2", "what went on is stored");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData(null)]
    public async Task What_was_forgotten_meanwhile_answers_at_no_soft_timeout_and_the_caller_waits_on(string? args)
    {
        await using var world = await Lived(Full with { SoftTimeout = TimeSpan.FromSeconds(2) }, 160);
        var asked = world.Ask(task: "full");
        var run = await world.NextRun();
        await world.Compute.InvalidateAsync(new Invalidation(Namespace.Default, "full", args is null ? (ReadOnlyMemory<byte>?)null : System.Text.Encoding.UTF8.GetBytes(args)), default);
        world.Time.Advance(TimeSpan.FromSeconds(2));
        run.Return("2");
        Assert.Equal((CacheSource.Miss, "2"), (CacheWorld.Found(await asked).Source, CacheWorld.Text(await asked)));
    }

    [Fact]
    public async Task A_hard_timeout_frees_the_caller_and_the_computation_goes_on()
    {
        await using var world = await CacheWorld.Start(more: []);
        var asked = world.Ask(directive: new CacheDirective { Choice = new CacheChoice { HardTimeout = TimeSpan.FromSeconds(3) } });
        var run = await world.NextRun();
        world.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("compute-timeout", CacheWorld.Refused(await asked));
        Assert.False(run.Token.IsCancellationRequested);
        run.Return("7");
        await Eventually.Is(() => world.Totals.Entries == 1, "what went on is stored");
        Assert.Equal("7", CacheWorld.Text(await world.Ask()));
    }

    [Fact]
    public async Task An_absent_result_is_kept_for_a_short_time()
    {
        await using var world = await CacheWorld.Start();
        var asked = world.Ask();
        (await world.NextRun()).Return("null");
        await asked;
        world.Time.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromMilliseconds(1));
        Assert.Equal("null", CacheWorld.Text(await world.Ask(directive: new CacheDirective(OnlyIfCached: true))));
        world.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("not-cached", CacheWorld.Refused(await world.Ask(directive: new CacheDirective(OnlyIfCached: true))));
    }

    [Fact]
    public async Task Pitfall_28_what_was_absent_and_is_there_now_is_seen_at_once_by_whoever_says_so()
    {
        await using var world = await CacheWorld.Start();
        var asked = world.Ask();
        (await world.NextRun()).Return("null");
        await asked;
        await world.Compute.InvalidateAsync(new Invalidation(Namespace.Default, "held", "{}"u8.ToArray()), default);
        asked = world.Ask();
        (await world.NextRun()).Return("1");
        Assert.Equal("1", CacheWorld.Text(await asked));
    }

    [Fact]
    public async Task The_task_decides_from_inside_what_becomes_of_its_result()
    {
        await using var world = await CacheWorld.Start();
        var asked = world.Ask();
        var run = await world.NextRun();
        run.Context.Cache.KeepFor(TimeSpan.FromSeconds(5));
        run.Context.Cache.Tag("red");
        run.Return("1");
        var found = CacheWorld.Found(await asked);
        Assert.Equal(found.Result.ComputedAt.AddSeconds(5), found.Result.ExpiresAt);
        Assert.Equal(["red"], world.Compute.Entries(Namespace.Default, null, 10, null).Items.Single().Tags);
        Assert.Equal(new InvalidateOutcome.Done(1), await world.Compute.InvalidateAsync(new Invalidation(Namespace.Default, Tags: ["red"]), default));
        asked = world.Ask();
        run = await world.NextRun();
        run.Context.Cache.DoNotStore();
        run.Return("2");
        Assert.Null(CacheWorld.Found(await asked).Result.ExpiresAt);
        Assert.Equal("not-cached", CacheWorld.Refused(await world.Ask(directive: new CacheDirective(OnlyIfCached: true))));
        Assert.Throws<ArgumentException>(() => run.Context.Cache.Tag(Enumerable.Range(0, 17).Select(i => $"{i}")));
    }

    [Fact]
    public async Task The_tags_of_a_call_push_out_none_of_the_result()
    {
        await using var world = await CacheWorld.Start();
        var many = new CacheChoice { Tags = [.. Enumerable.Range(0, 16).Select(i => $"call-{i}")] };
        var asked = world.Ask(task: "tagged", directive: new CacheDirective { Choice = many });
        var run = await world.NextRun();
        run.Context.Cache.Tag("red");
        run.Return("1");
        await asked;
        Assert.Equal(["blue", "red", .. many.Tags.Take(14)], world.Compute.Entries(Namespace.Default, null, 10, null).Items.Single().Tags);
        Assert.Equal(new InvalidateOutcome.Done(1), await world.Compute.InvalidateAsync(new Invalidation(Namespace.Default, Tags: ["red"]), default));
    }

    [Fact]
    public async Task A_result_that_has_not_the_form_of_its_task_is_not_kept()
    {
        var results = new Queue<string>(["1", "\"a,b\""]);
        await using var world = await CacheWorld.Start(more: [A.Lambda((_, _) => Task.FromResult(results.Dequeue()), "csv", memoize: new Memoization(CacheWorld.Life)) with { ResultType = "text/csv" }]);
        Assert.Null(CacheWorld.Found(await world.Ask(task: "csv")).Result.ExpiresAt);
        Assert.Equal("\"a,b\"", CacheWorld.Text(await world.Ask(task: "csv")));
        Assert.Equal("\"a,b\"", await world.Peek("csv"));
    }

    [Fact]
    public async Task More_tags_of_task_and_result_than_are_kept_keep_the_result_out()
    {
        await using var world = await CacheWorld.Start();
        var asked = world.Ask(task: "tagged");
        var run = await world.NextRun();
        run.Context.Cache.Tag(Enumerable.Range(0, 16).Select(i => $"red-{i}"));
        run.Return("1");
        Assert.Null(CacheWorld.Found(await asked).Result.ExpiresAt);
        Assert.Null(await world.Peek("tagged"));
    }

    [Fact]
    public async Task A_task_that_says_how_long_nothing_holds_is_believed()
    {
        await using var world = await CacheWorld.Start();
        var asked = world.Ask();
        var run = await world.NextRun();
        run.Context.Cache.KeepFor(TimeSpan.FromHours(1));
        run.Return("null");
        Assert.Equal(CacheWorld.Found(await asked).Result.ComputedAt.AddHours(1), CacheWorld.Found(await asked).Result.ExpiresAt);
    }

    [Fact]
    public async Task A_tag_that_the_result_brings_and_that_was_invalidated_meanwhile_lets_it_count_no_more()
    {
        await using var world = await CacheWorld.Start();
        var asked = world.Ask();
        var run = await world.NextRun();
        await world.Compute.InvalidateAsync(new Invalidation(Namespace.Default, Tags: ["red"]), default);
        run.Context.Cache.Tag("red");
        run.Return("1");
        Assert.Null(CacheWorld.Found(await asked).Result.ExpiresAt);
        Assert.Equal("not-cached", CacheWorld.Refused(await world.Ask(directive: new CacheDirective(OnlyIfCached: true))));
    }

    [Fact]
    public async Task A_call_says_how_its_result_is_remembered()
    {
        await using var world = await CacheWorld.Start();
        var choice = new CacheChoice { Duration = TimeSpan.FromSeconds(7), StaleIfError = TimeSpan.FromSeconds(60), Tags = ["red"] };
        var asked = world.Ask(directive: new CacheDirective { Choice = choice });
        (await world.NextRun()).Return("1");
        Assert.Equal(CacheWorld.Found(await asked).Result.ComputedAt.AddSeconds(7), CacheWorld.Found(await asked).Result.ExpiresAt);
        world.Time.Advance(TimeSpan.FromSeconds(8));
        asked = world.Ask();
        (await world.NextRun()).Throw(new InvalidOperationException("no"));
        Assert.Equal(CacheSource.Stale, CacheWorld.Found(await asked).Source);
        Assert.Equal(new InvalidateOutcome.Done(1), await world.Compute.InvalidateAsync(new Invalidation(Namespace.Default, Tags: ["red"]), default));
    }

    [Theory]
    [InlineData("task")]
    [InlineData("call")]
    [InlineData("all")]
    [InlineData("everywhere")]
    public async Task Expired_is_not_removed(string way)
    {
        await using var world = await Lived(Full, 1);
        var what = way switch
        {
            "task" => new Invalidation(Namespace.Default, "full"),
            "call" => new(Namespace.Default, "full", "{}"u8.ToArray()),
            "all" => new(Namespace.Default, All: true),
            _ => new Invalidation(Namespace.Default) { Everywhere = true },
        };
        Assert.Equal(new InvalidateOutcome.Done(1), await world.Compute.InvalidateAsync(what with { Expire = true }, default));
        Assert.Equal("kept", Assert.Single(world.Compute.Entries(Namespace.Default, null, 10, null).Items).State);
        Assert.Equal("not-cached", CacheWorld.Refused(await world.Ask(task: "full", directive: new CacheDirective(OnlyIfCached: true))));
        var asked = world.Ask(task: "full");
        (await world.NextRun()).Throw(new InvalidOperationException("no"));
        Assert.Equal((CacheSource.Stale, "1"), (CacheWorld.Found(await asked).Source, CacheWorld.Text(await asked)));
        await world.Compute.InvalidateAsync(what, default);
        world.Time.Advance(TimeSpan.FromSeconds(5));
        asked = world.Ask(task: "full");
        (await world.NextRun()).Throw(new InvalidOperationException("no"));
        Assert.IsType<ComputeOutcome.Failed>(await asked);
    }

    [Fact]
    public async Task Metrics_tell_cache_and_outcome()
    {
        await using var world = await CacheWorld.Start(more: []);
        world.Add("told", Full);        // its name is of this test alone: the listener hears the caches of all tests that run beside it
        var asked = world.Ask(task: "told");
        (await world.NextRun()).Return("1");
        await asked;
        await world.Ask(task: "told");
        var seen = new Dictionary<string, long>();
        using var listener = new System.Diagnostics.Metrics.MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == CacheMeter.Name) self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var labels = tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value);
            if (Equals(labels["cache"], "told")) seen[$"{instrument.Name} {labels.GetValueOrDefault("outcome")}".Trim()] = value;
        });
        listener.Start();
        listener.RecordObservableInstruments();
        Assert.Equal((1, 1, 1), (seen["actorperf.cache.requests hit"], seen["actorperf.cache.requests miss"], seen["actorperf.cache.entries"]));
    }

    /// <summary>A world with a result "1" of the task "full", so many seconds old.</summary>
    private static async Task<CacheWorld> Lived(Memoization memoize, int seconds)
    {
        var world = await CacheWorld.Start(more: []);
        world.Add("full", memoize);
        var asked = world.Ask(task: "full");
        (await world.NextRun()).Return("1");
        await asked;
        world.Time.Advance(TimeSpan.FromSeconds(seconds));
        return world;
    }
}
