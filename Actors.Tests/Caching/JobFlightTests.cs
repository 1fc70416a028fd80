using System.Text;
using ActorPerf.Caching;
using ActorPerf.Compute;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Caching;

public sealed class JobFlightTests
{
    [Fact]
    public async Task A_hit_answers_a_job_and_gives_its_permit_back()
    {
        await using var world = await CacheWorld.Start(routees: 1);
        var asked = world.Ask();
        (await world.NextRun()).Return("7");
        await asked;
        var dispatcher = await Dispatcher(world, permits: 1);
        Run(world, dispatcher, "job");
        var ended = await dispatcher.Next<CacheReply.Ended>();
        Assert.Equal((CacheSource.Hit, "7", "job"), (ended.Source, Text(ended), (string)ended.Attempt.Ticket));
        world.Pool.Gate.Tell(new GateCommand.Want(1), dispatcher.Ref);
        Assert.Equal(1, (await dispatcher.Next<GateReply.Granted>()).Count); // its only permit is free again
    }

    [Fact]
    public async Task A_job_that_joins_a_flight_gives_its_permit_back()
    {
        await using var world = await CacheWorld.Start(routees: 2);
        var asked = world.Ask();
        var run = await world.NextRun();
        var dispatcher = await Dispatcher(world, permits: 1);
        Run(world, dispatcher, "job");
        world.Pool.Gate.Tell(new GateCommand.Want(1), dispatcher.Ref);
        Assert.Equal(1, (await dispatcher.Next<GateReply.Granted>()).Count);
        run.Return("7");
        await asked;
        var ended = await dispatcher.Next<CacheReply.Ended>();
        Assert.Equal((CacheSource.Collapsed, "7"), (ended.Source, Text(ended)));
        Assert.Equal(1, world.Started);
    }

    [Fact]
    public async Task A_jobs_value_is_stored_once_its_finish_has_committed()
    {
        await using var world = await CacheWorld.Start();
        var (dispatcher, joined) = await Landed(world);
        Assert.Equal((CacheSource.Collapsed, null), (CacheWorld.Found(joined).Source, CacheWorld.Found(joined).Result.ExpiresAt));
        Assert.Equal(0, world.Totals.Entries);
        Assert.Equal(CacheSource.Collapsed, CacheWorld.Found(await world.Ask()).Source); // landed, not committed: no second computation
        world.Time.Advance(TimeSpan.FromSeconds(5));
        Settle(world, committed: true);
        await Eventually.Is(() => world.Totals.Entries == 1, "stored");
        Assert.Equal(CacheSource.Hit, CacheWorld.Found(await world.Ask()).Source);
        world.Time.Advance(CacheWorld.Life - TimeSpan.FromSeconds(5)); // its life counts from the landing
        Assert.Equal("not-cached", CacheWorld.Refused(await world.Ask(directive: new CacheDirective(OnlyIfCached: true))));
        Assert.True(dispatcher.IsEmpty);
        Assert.Equal(1, world.Started);
    }

    [Fact]
    public async Task A_refused_finish_stores_nothing()
    {
        await using var world = await CacheWorld.Start();
        await Landed(world);
        Settle(world, committed: false);
        var again = world.Ask();
        (await world.NextRun()).Return("8");
        Assert.Equal("8", CacheWorld.Text(await again));
    }

    [Fact]
    public async Task A_finish_that_nobody_settles_stores_nothing()
    {
        await using var world = await CacheWorld.Start();
        await Landed(world);
        world.Time.Advance(TimeSpan.FromMinutes(2));
        Settle(world, committed: true);
        var again = world.Ask();
        (await world.NextRun()).Return("8");
        Assert.Equal("8", CacheWorld.Text(await again));
    }

    [Fact]
    public async Task What_landed_and_is_not_committed_is_answered_no_longer_than_an_entry_would_be()
    {
        await using var world = await CacheWorld.Start(new CacheOptions { Shards = 1, SettleWithin = TimeSpan.FromHours(1) });
        await Landed(world);
        world.Time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(CacheSource.Collapsed, CacheWorld.Found(await world.Ask(directive: new CacheDirective(MaxAge: TimeSpan.FromSeconds(20)))).Source);
        var asked = world.Ask(directive: new CacheDirective(MaxAge: TimeSpan.FromSeconds(19)));
        (await world.NextRun()).Return("8");
        Assert.Equal("8", CacheWorld.Text(await asked));
        await world.Compute.InvalidateAsync(new Invalidation(Namespace.Default, "held"), default);
    }

    [Fact]
    public async Task What_landed_and_is_not_committed_answers_nobody_behind_its_life()
    {
        await using var world = await CacheWorld.Start(new CacheOptions { Shards = 1, SettleWithin = TimeSpan.FromHours(1) });
        await Landed(world);
        world.Time.Advance(CacheWorld.Life);
        var asked = world.Ask();
        (await world.NextRun()).Return("8");
        Assert.Equal("8", CacheWorld.Text(await asked));
    }

    [Fact]
    public async Task An_invalidation_between_landing_and_commit_wins()
    {
        await using var world = await CacheWorld.Start();
        await Landed(world);
        await world.Compute.InvalidateAsync(new Invalidation(Namespace.Default, "held"), default);
        Settle(world, committed: true);
        var again = world.Ask();
        (await world.NextRun()).Return("8");
        Assert.Equal("8", CacheWorld.Text(await again));
    }

    [Fact]
    public async Task A_job_that_is_cancelled_leaves_its_flight_to_others_and_stores_nothing()
    {
        await using var world = await CacheWorld.Start();
        var dispatcher = await Dispatcher(world, permits: 1);
        using var cancellation = new CancellationTokenSource();
        Run(world, dispatcher, "job", ct: cancellation.Token);
        var run = await world.NextRun();
        var joined = world.Ask();
        await Eventually.Is(() => world.Totals.Joined == 1, "a caller has joined");
        await cancellation.CancelAsync();
        Assert.IsType<AttemptOutcome.Cancelled>((await dispatcher.Next<CacheReply.Ended>()).Attempt.Outcome);
        run.Return("7");
        Assert.Equal("7", CacheWorld.Text(await joined));
        Assert.Equal(0, world.Totals.Entries);
    }

    [Fact]
    public async Task A_job_alone_in_its_flight_takes_it_along()
    {
        await using var world = await CacheWorld.Start();
        var dispatcher = await Dispatcher(world, permits: 1);
        using var cancellation = new CancellationTokenSource();
        Run(world, dispatcher, "job", ct: cancellation.Token);
        var run = await world.NextRun();
        await cancellation.CancelAsync();
        Assert.IsType<AttemptOutcome.Cancelled>((await dispatcher.Next<CacheReply.Ended>()).Attempt.Outcome);
        await run.Cancelled.Task;
        run.FollowToken();
        await Eventually.Is(() => world.Pool.Meter.Read().Busy == 0, "the routee is free");
    }

    [Fact]
    public async Task A_job_that_started_the_flight_is_told_its_failure_with_all_others()
    {
        await using var world = await CacheWorld.Start();
        var dispatcher = await Dispatcher(world, permits: 2);
        Run(world, dispatcher, "one");
        var run = await world.NextRun();
        Run(world, dispatcher, "two");
        var asked = world.Ask();
        await Eventually.Is(() => world.Totals.Joined == 2, "all have joined");
        run.Throw(new NonRetryableException("no"));
        for (var i = 0; i < 2; i++)
        {
            var ended = await dispatcher.Next<CacheReply.Ended>();
            Assert.Equal(new TaskError("NonRetryableException", "no", Retryable: false), Assert.IsType<AttemptOutcome.Failed>(ended.Attempt.Outcome).Error);
        }
        Assert.IsType<ComputeOutcome.Failed>(await asked);
    }

    [Fact]
    public async Task A_job_that_waited_for_others_and_cannot_go_on_comes_again_at_no_cost()
    {
        await using var world = await CacheWorld.Start();
        var dispatcher = await Dispatcher(world, permits: 2);
        Run(world, dispatcher, "one", task: "lost-queue");
        var run = await world.NextRun();
        await world.Compute.InvalidateAsync(new Invalidation(Namespace.Default, "lost-queue"), default);
        Run(world, dispatcher, "two", task: "lost-queue");
        run.Return("1");
        Assert.IsType<AttemptOutcome.Succeeded>((await dispatcher.Next<CacheReply.Ended>()).Attempt.Outcome);
        Assert.IsType<AttemptOutcome.Snoozed>((await dispatcher.Next<CacheReply.Ended>()).Attempt.Outcome);
    }

    [Fact]
    public async Task A_job_alone_sees_its_own_id_and_attempt()
    {
        await using var world = await CacheWorld.Start();
        var dispatcher = await Dispatcher(world, permits: 1);
        var id = Guid.NewGuid();
        Run(world, dispatcher, "job", new AttemptContext(id, 3, Namespace.Default, "held", world.Time));
        var run = await world.NextRun();
        Assert.Equal((id, 3), (run.Context.JobId, run.Context.Attempt));
        run.Return("1");
        await dispatcher.Next<CacheReply.Ended>();
    }

    private static async Task<(Probe Dispatcher, ComputeOutcome Joined)> Landed(CacheWorld world)
    {
        var dispatcher = await Dispatcher(world, permits: 1);
        Run(world, dispatcher, "job");
        var run = await world.NextRun();
        var joined = world.Ask();
        await Eventually.Is(() => world.Totals.Joined == 1, "a caller has joined");
        run.Return("7");
        var ended = await dispatcher.Next<CacheReply.Ended>();
        Assert.Equal((CacheSource.Miss, "7"), (ended.Source, Text(ended)));
        return (dispatcher, await joined);
    }

    internal static async Task<Probe> Dispatcher(CacheWorld world, int permits)
    {
        var dispatcher = new Probe(world.System);
        world.Pool.Gate.Tell(new GateCommand.Want(permits), dispatcher.Ref);
        for (var granted = 0; granted < permits;) granted += (await dispatcher.Next<GateReply.Granted>()).Count;
        return dispatcher;
    }

    internal static void Run(CacheWorld world, Probe dispatcher, object ticket, TaskContext? context = null, string task = "held", CancellationToken ct = default)
    {
        Assert.True(world.Tasks.TryGet(task, out var found));
        var (key, attempt) = (world.Key(task: task), new Attempt(found, "{}"u8.ToArray(), context ?? A.Context(task), ticket, ct));
        world.Shards.ActorOf(key).Tell(new CacheCommand.RunJob(key, attempt, world.Pool.Gate, dispatcher.Ref), dispatcher.Ref);
    }

    private static void Settle(CacheWorld world, bool committed) =>
        world.Shards.ActorOf(world.Key()).Tell(new CacheCommand.Settled(world.Key(), "job", committed), ActorRefs.NoSender);

    private static string Text(CacheReply.Ended ended) => Encoding.UTF8.GetString(Assert.IsType<AttemptOutcome.Succeeded>(ended.Attempt.Outcome).Result.Span);
}
