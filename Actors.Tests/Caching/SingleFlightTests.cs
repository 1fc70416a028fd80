using ActorPerf.Caching;
using ActorPerf.Compute;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Caching;

/// <summary>One computation for a key, and who waits for it. What holds whatever happens is in <see cref="CacheInvariantTests"/>.</summary>
public sealed class SingleFlightTests
{
    [Fact]
    public async Task A_cancelled_computation_that_ends_well_answers_who_came_meanwhile()
    {
        await using var world = await CacheWorld.Start();
        using var leaving = new CancellationTokenSource();
        var leaver = world.Ask(ct: leaving.Token);
        var run = await world.NextRun();
        await CacheWorld.Leave(leaving, leaver);
        await run.Cancelled.Task;
        var late = world.Ask();
        await Eventually.Is(() => !late.IsCompleted, "the late caller waits");
        run.Return("7");
        Assert.Equal("7", CacheWorld.Text(await late));
        Assert.Equal(1, world.Started);
    }

    [Fact]
    public async Task Patience_ends_a_wait_and_not_the_computation_of_others()
    {
        await using var world = await CacheWorld.Start();
        var patient = world.Ask(patience: TimeSpan.FromMinutes(10));
        var run = await world.NextRun();
        var hasty = world.Ask(patience: TimeSpan.FromSeconds(30));
        await Eventually.Is(() => world.Totals.Joined == 1, "both wait");
        world.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("compute-timeout", CacheWorld.Refused(await hasty));
        run.Return("7");
        Assert.Equal("7", CacheWorld.Text(await patient));
    }

    [Fact]
    public async Task A_task_that_takes_too_long_fails_its_callers_as_timeout()
    {
        await using var world = await CacheWorld.Start();
        var asked = world.Ask(task: "limited");
        var run = await world.NextRun();
        world.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("timeout", Assert.IsType<ComputeOutcome.Failed>(await asked).Error.Type);
        await run.Cancelled.Task;
        run.FollowToken();
    }

    [Fact]
    public async Task A_job_that_joined_has_a_time_of_its_own()
    {
        await using var world = await CacheWorld.Start();
        var dispatcher = new Probe(world.System);
        var asked = world.Ask(task: "limited");
        var run = await world.NextRun();
        JobFlightTests.Run(world, dispatcher, "job", task: "limited");
        await Eventually.Is(() => world.Totals.Joined == 1, "the job has joined");
        world.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("timeout", Assert.IsType<ComputeOutcome.Failed>(await asked).Error.Type);
        Assert.False(run.Token.IsCancellationRequested);
        run.Return("7");
        Assert.IsType<AttemptOutcome.Succeeded>((await dispatcher.Next<CacheReply.Ended>()).Attempt.Outcome);
        Assert.Equal("7", await world.Peek("limited"));
    }

    [Fact]
    public async Task A_computation_that_ignores_its_token_is_given_up()
    {
        await using var world = await CacheWorld.Start(routees: 1);
        using var leaving = new CancellationTokenSource();
        var leaver = world.Ask(ct: leaving.Token);
        var run = await world.NextRun();
        await CacheWorld.Leave(leaving, leaver);
        await run.Cancelled.Task;
        world.Time.Advance(TimeSpan.FromSeconds(30));
        await Eventually.Is(() => world.Pool.Meter.Read() is { Abandoned: 1, Routees: 1 }, "the routee is replaced");
        var next = world.Ask();
        (await world.NextRun()).Return("8");
        Assert.Equal("8", CacheWorld.Text(await next));
        run.Return("7");
    }

    [Fact]
    public async Task A_task_that_asks_for_its_own_key_fails_with_the_cycle()
    {
        ICompute? compute = null;
        var outer = A.Lambda(async (_, ct) => await Inner(compute!, "inner", ct), "outer", memoize: new Memoization(CacheWorld.Life));
        var inner = A.Lambda(async (_, ct) => await Inner(compute!, "outer", ct), "inner", memoize: new Memoization(CacheWorld.Life));
        await using var world = await CacheWorld.Start(more: [outer, inner]);
        compute = world.Compute;
        var error = Assert.IsType<ComputeOutcome.Failed>(await world.Ask(task: "outer")).Error;
        Assert.Contains("outer {} → inner {} → outer {}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_that_holds_the_routee_that_what_it_asks_for_needs_is_told_so()
    {
        ICompute? compute = null;
        var outer = A.Lambda(async (_, ct) => await Inner(compute!, "quick", ct), "outer", memoize: new Memoization(CacheWorld.Life));
        await using var world = await CacheWorld.Start(routees: 1, more: [outer]);
        compute = world.Compute;
        var asked = world.Ask(task: "outer", patience: TimeSpan.FromHours(1));
        await Eventually.Is(() =>
        {
            world.Time.Advance(TimeSpan.FromMilliseconds(50));        // its time begins to count a moment after it asked; the outer one's must not be over by then
            return asked.IsCompleted;
        }, "its patience ends");
        Assert.Contains("held a routee meanwhile: if that is one of queue 'default' too", Assert.IsType<ComputeOutcome.Failed>(await asked).Error.Message, StringComparison.Ordinal);
    }

    private static async Task<string> Inner(ICompute compute, string task, CancellationToken ct) =>
        await compute.ComputeAsync(new ComputeRequest(Namespace.Default, task, "{}"u8.ToArray(), default, TimeSpan.FromSeconds(5)), ct) switch
        {
            ComputeOutcome.Found found => System.Text.Encoding.UTF8.GetString(found.Result.Json.Span),
            ComputeOutcome.Failed failed => throw new InvalidOperationException(failed.Error.Message),
            var other => throw new InvalidOperationException(other.ToString()),
        };

    [Fact]
    public async Task A_stopping_node_refuses_those_who_wait()
    {
        var world = await CacheWorld.Start();
        var asked = world.Ask();
        var run = await world.NextRun();
        var stopping = world.System.Terminate();
        Assert.Equal("draining", CacheWorld.Refused(await asked));
        run.Return("7");
        await stopping;
    }

    [Fact]
    public async Task Progress_reaches_every_attempt_that_joined()
    {
        await using var world = await CacheWorld.Start();
        var dispatcher = new Probe(world.System);
        var asked = world.Ask();
        var run = await world.NextRun();
        var (early, late) = (A.Context("held"), A.Context("held"));
        world.Shards.ActorOf(world.Key()).Tell(RunJob(world, early, dispatcher), dispatcher.Ref);
        await Eventually.Is(() => world.Totals.Joined == 1, "the job has joined");
        run.Context.Progress(40, "forty");
        run.Context.Log("line");
        world.Shards.ActorOf(world.Key()).Tell(RunJob(world, late, dispatcher), dispatcher.Ref);
        await Eventually.Is(() => late.Latest?.Percent == 40, "the late one hears the newest");
        Assert.Equal("forty", early.Latest?.Message);
        Assert.Single(early.Lines);
        Assert.Null(run.Context.JobId);
        run.Return("7");
        Assert.Equal("7", CacheWorld.Text(await asked));
        Assert.Equal(CacheSource.Collapsed, (await dispatcher.Next<CacheReply.Ended>()).Source);
    }

    private static CacheCommand.RunJob RunJob(CacheWorld world, TaskContext context, Probe dispatcher)
    {
        Assert.True(world.Tasks.TryGet("held", out var task));
        return new(world.Key(), new Attempt(task, "{}"u8.ToArray(), context, new object(), default), world.Pool.Gate, dispatcher.Ref);
    }
}
