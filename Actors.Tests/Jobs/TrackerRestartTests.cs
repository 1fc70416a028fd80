using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Jobs;

/// <summary>The tracker fails with runs and waiters under way, and its supervisor restarts it.</summary>
[Trait("Kind", "Simulation")]
public sealed class TrackerRestartTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    [Fact]
    public void Runs_go_on_and_waiters_are_answered() => Under((world, _) =>
    {
        var running = world.Accepted();
        var waiting = Enumerable.Range(0, 4).Select(_ => world.Accepted()).ToArray()[^1];
        var first = Wait(world, running);
        var last = Wait(world, waiting);
        world.Crash();
        Assert.False(first.IsCompleted);
        Assert.Equal(JobWorld.JobPermits, world.Runs.Count);
        world.EndAll();
        Assert.Equal((JobState.Succeeded, 1), (JobWorld.Of(first)!.Row.State, JobWorld.Of(first)!.Row.Attempt));
        Assert.Equal((JobState.Succeeded, 1), (JobWorld.Of(last)!.Row.State, JobWorld.Of(last)!.Row.Attempt));
        Once(world);
    });

    [Fact]
    public void A_submit_whose_commit_comes_after_it_is_answered_and_runs() => Under((world, _) =>
    {
        var submitting = world.Submit();
        world.Crash();
        world.Settle();
        Assert.IsType<SubmitOutcome.Accepted>(JobWorld.Of(submitting));
        world.EndAll();
        Once(world);
    });

    [Fact]
    public void What_it_failed_to_tell_is_told_again_and_nothing_starts_twice() => Under((world, simulation) =>
    {
        var submitting = Enumerable.Range(0, 5).Select(_ => world.Submit()).ToArray();
        world.FailNextStarts(1);
        // Runs end while the second telling is still to come.
        world.Store.Commit();
        simulation.RunUntilIdle();
        world.EndAll();
        foreach (var submitted in submitting)
        {
            var id = Assert.IsType<SubmitOutcome.Accepted>(JobWorld.Of(submitted)).Job.Row.Id;
            Assert.Equal([JobState.Queued, JobState.Running, JobState.Succeeded], world.States(id));
        }
        Once(world);
    }, crashes: 1);

    [Fact]
    public void What_fails_twice_is_given_up_and_its_job_found_lost_and_run_again() => Under((world, simulation) =>
    {
        var submitting = world.Submit();
        world.FailNextStarts(2);
        world.Settle();
        Assert.Throws<StoreUnavailableException>(() => JobWorld.Of(submitting));
        Assert.Empty(world.Runs);
        for (var second = 0; second < 60; second++)
        {
            simulation.RunFor(TimeSpan.FromSeconds(1));
            world.Settle();
        }
        Assert.Single(world.Runs);
        world.EndAll();
        var id = new JobId(world.Began.Keys.Single().Job);
        Assert.Equal([JobState.Queued, JobState.Running, JobState.Retrying, JobState.Queued, JobState.Running, JobState.Succeeded], world.States(id));
        Assert.Equal((2, 1), (world.Read(id).Row.Attempt, world.Read(id).Row.Excused));
        Once(world);
    });

    [Fact]
    public void A_drain_goes_on() => Under((world, simulation) =>
    {
        var job = world.Accepted();
        var done = new TaskCompletionSource();
        world.Tracker.Tell(new TrackerCommand.Drain(TimeSpan.FromSeconds(5), done));
        world.Crash();
        var refused = world.Submit();
        Assert.Equal("draining", Assert.IsType<SubmitOutcome.Refused>(JobWorld.Of(refused)).Refusal.Code);
        simulation.RunFor(TimeSpan.FromSeconds(7));
        world.Settle();
        Assert.True(done.Task.IsCompleted);
        Assert.Equal(JobState.Queued, world.Read(job.Row.Id).Row.State);
    });

    [Fact]
    public void A_job_that_came_due_meanwhile_is_released() => Under((world, simulation) =>
    {
        var submitting = world.Jobs.SubmitAsync(
            new Submission { Namespace = Namespace.Default, Task = "held", Delay = TimeSpan.FromSeconds(3) }, CancellationToken.None).AsTask();
        world.Settle();
        world.Crash();
        for (var second = 0; second < 5; second++)
        {
            simulation.RunFor(TimeSpan.FromSeconds(1));
            world.Settle();
        }
        Assert.Single(world.Runs);
        world.EndAll();
        Assert.Equal(JobState.Succeeded, world.Read(((SubmitOutcome.Accepted)JobWorld.Of(submitting)).Job.Row.Id).Row.State);
        Once(world);
    });

    private static Task<Job?> Wait(JobWorld world, Job job)
    {
        var waiting = world.Jobs.WaitFinishedAsync(Namespace.Default, job.Row.Id, Patience, CancellationToken.None).AsTask();
        world.Settle();
        return waiting;
    }

    private static void Once(JobWorld world)
    {
        Assert.All(world.Began.Values, count => Assert.Equal(1, count));
        world.AssertPermitsAreBack();
    }

    private static void Under(Action<JobWorld, ActorSimulation> scenario, int crashes = 0) =>
        ActorSimulation.ForEachSeed(1, 5 + (crashes * FullRun.Of(25, 8)), simulation => scenario(new JobWorld(simulation), simulation), JobWorld.Config);
}
