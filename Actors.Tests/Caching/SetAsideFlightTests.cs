using ActorPerf.Caching;
using ActorPerf.Compute;
using ActorPerf.Tasks;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Caching;

/// <summary>A flight whose task wants to be run again later: jobs can wait for that, callers cannot, and nothing is remembered.</summary>
public sealed class SetAsideFlightTests
{
    [Fact]
    public async Task A_job_that_started_the_flight_snoozes_and_a_caller_who_joined_is_told_why()
    {
        await using var world = await CacheWorld.Start();
        var (run, job, joined) = await Joined(world);
        run.Throw(new SnoozeException(TimeSpan.FromMinutes(5)));

        Assert.Equal(TimeSpan.FromMinutes(5), Assert.IsType<AttemptOutcome.Snoozed>((await job.Next<CacheReply.Ended>()).Attempt.Outcome).Delay);
        var failed = Assert.IsType<ComputeOutcome.Failed>(await joined);
        Assert.Equal(("SnoozeException", "The task wants to be run again in 5m, and only a job can wait. Submit it as a job."), (failed.Error.Type, failed.Error.Message));
        Assert.Equal(0, world.Totals.Entries);
    }

    [Fact]
    public async Task Children_belong_to_the_job_that_started_the_flight()
    {
        await using var world = await CacheWorld.Start();
        var (run, job, joined) = await Joined(world);
        var other = await JobFlightTests.Dispatcher(world, permits: 1);
        JobFlightTests.Run(world, other, "other");
        await Eventually.Is(() => world.Totals.Joined == 2, "another job has joined");
        run.Throw(new WaitForChildrenException([new ChildJob("held", "{}"u8.ToArray())]));

        Assert.Single(Assert.IsType<AttemptOutcome.Parked>((await job.Next<CacheReply.Ended>()).Attempt.Outcome).Children);
        Assert.IsType<AttemptOutcome.Snoozed>((await other.Next<CacheReply.Ended>()).Attempt.Outcome);
        Assert.Equal("WaitForChildrenException", Assert.IsType<ComputeOutcome.Failed>(await joined).Error.Type);
        Assert.Equal(0, world.Totals.Entries);
    }

    [Fact]
    public async Task Under_compute_both_are_failures()
    {
        await using var world = await CacheWorld.Start();
        var asked = world.Ask();
        (await world.NextRun()).Throw(new SnoozeException(TimeSpan.FromSeconds(3)));
        Assert.Equal("SnoozeException", Assert.IsType<ComputeOutcome.Failed>(await asked).Error.Type);

        var plain = world.Ask(task: "plain");
        (await world.NextRun()).Throw(new WaitForChildrenException([new ChildJob("held", "{}"u8.ToArray())]));
        Assert.Equal("WaitForChildrenException", Assert.IsType<ComputeOutcome.Failed>(await plain).Error.Type);
    }

    private static async Task<(CacheWorld.Run Run, Probe Job, Task<ComputeOutcome> Joined)> Joined(CacheWorld world)
    {
        var job = await JobFlightTests.Dispatcher(world, permits: 1);
        JobFlightTests.Run(world, job, "job");
        var run = await world.NextRun();
        var joined = world.Ask();
        await Eventually.Is(() => world.Totals.Joined == 1, "a caller has joined");
        return (run, job, joined);
    }
}
