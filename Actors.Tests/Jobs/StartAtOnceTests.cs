using ActorPerf.Cluster;
using ActorPerf.Compute;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Jobs;

[Trait("Kind", "Simulation")]
public sealed class StartAtOnceTests
{
    [Fact]
    public void A_job_starts_in_the_transaction_that_stores_it() => Under(world =>
    {
        world.Store.Committed.Clear();
        var job = world.Accepted();
        Assert.Equal(JobState.Queued, job.Row.State);
        Assert.Equal((JobState.Running, 1), (world.Read(job.Row.Id).Row.State, world.Read(job.Row.Id).Row.Attempt));
        world.EndAll();
        Assert.Equal([typeof(JobWrite.Submit), typeof(JobWrite.Change)], world.Store.Committed.Select(write => write.GetType()));
        Assert.Equal([JobState.Queued, JobState.Running, JobState.Succeeded], world.States(job.Row.Id));
        world.AssertPermitsAreBack();
    });

    [Fact]
    public void Nothing_runs_before_the_commit() => Under(world =>
    {
        _ = world.Submit();
        Assert.Empty(world.Runs);
        Assert.Equal(JobWorld.JobPermits - 1, world.Pool.Open.Count);
        world.Settle();
        Assert.Single(world.Runs);
    });

    [Fact]
    public void What_finds_no_open_permit_queues_and_runs_in_its_turn() => Under(world =>
    {
        var jobs = Enumerable.Range(0, 5).Select(_ => world.Accepted()).ToArray();
        Assert.Equal(JobWorld.JobPermits, world.Runs.Count);
        Assert.Equal(JobState.Queued, world.Read(jobs[3].Row.Id).Row.State);
        var late = world.Accepted(priority: 9);
        world.End(world.Runs[0]);
        world.Settle();
        Assert.Equal(JobState.Running, world.Read(late.Row.Id).Row.State);      // the line's order, not the order of arrival
        world.EndAll();
        Assert.All(world.Began.Values, count => Assert.Equal(1, count));
        world.AssertPermitsAreBack();
    });

    [Fact]
    public void A_duplicate_a_refused_submit_and_a_failed_commit_give_their_permits_back() => Under(world =>
    {
        var id = new JobId(Guid.CreateVersion7());
        _ = world.Submit(id: id);
        world.Settle();
        world.EndAll();
        _ = world.Submit(id: id);
        world.Settle();
        world.AssertPermitsAreBack();
        var failing = world.Submit();
        world.Store.Commit(fails: _ => true);
        world.Settle();
        Assert.Throws<StoreUnavailableException>(() => JobWorld.Of(failing));
        world.AssertPermitsAreBack();
        world.Store.Full = true;
        _ = world.Submit();
        world.Settle();
        world.AssertPermitsAreBack();
    });

    [Fact]
    public void A_hit_costs_no_routee_and_returns_the_permit() => Under(world =>
    {
        world.Accepted("memoised");
        world.EndAll();
        world.Settle();
        var hit = world.Accepted("memoised");
        Assert.Empty(world.Runs);
        Assert.Equal((JobState.Succeeded, true), (world.Read(hit.Row.Id).Row.State, world.Read(hit.Row.Id).Row.Cached));
        world.AssertPermitsAreBack();
    });

    [Fact]
    public void A_cancel_before_the_commit_ends_the_job_that_the_commit_starts() => Under(world =>
    {
        var id = new JobId(Guid.CreateVersion7());
        _ = world.Submit(id: id);
        _ = world.Jobs.CancelAsync(Namespace.Default, id, CancellationToken.None).AsTask();
        world.Settle();
        Assert.Empty(world.Began);
        Assert.Equal([JobState.Queued, JobState.Running, JobState.Cancelling, JobState.Cancelled], world.States(id));
        world.AssertPermitsAreBack();
    });

    [Fact]
    public void A_drain_before_the_commit_hands_the_job_back_without_running_it() => Under(world =>
    {
        var id = new JobId(Guid.CreateVersion7());
        _ = world.Submit(id: id);
        var done = new TaskCompletionSource();
        world.Tracker.Tell(new TrackerCommand.Drain(TimeSpan.FromSeconds(30), done));
        world.Settle();
        Assert.True(done.Task.IsCompleted);
        Assert.Empty(world.Began);
        Assert.Equal([JobState.Queued, JobState.Running, JobState.Queued], world.States(id));
        Assert.Equal((1, 1), (world.Read(id).Row.Attempt, world.Read(id).Row.Excused));
        world.AssertPermitsAreBack();
    });

    [Fact]
    public void A_queue_with_a_limit_of_its_own_is_left_to_its_dispatcher() => Under(world =>
    {
        for (var i = 0; i < 3; i++) world.Accepted();
        Assert.Single(world.Runs);
        world.EndAll();
        world.AssertPermitsAreBack();
    }, new QueueOptions { Concurrency = 1 });

    [Fact]
    public void Whatever_comes_between_no_permit_is_lost_and_every_job_ends_once() => ActorSimulation.ForEachSeed(1, FullRun.Of(60, 20), simulation =>
    {
        var world = new JobWorld(simulation);
        var random = simulation.Random;
        var ids = new List<JobId>();
        for (var step = 0; step < 120; step++)
        {
            switch (random.Next(9))
            {
                case 0 or 1 or 2:
                    ids.Add(ids.Count > 0 && random.Next(6) == 0 ? ids[random.Next(ids.Count)] : new JobId(Guid.CreateVersion7()));
                    _ = Quiet(world.Submit(random.Next(3) == 0 ? "memoised" : "held", ids[^1], priority: random.Next(2) == 0 ? 5 : 9));
                    break;
                case 3 when ids.Count > 0:
                    _ = Quiet(world.Jobs.CancelAsync(Namespace.Default, ids[random.Next(ids.Count)], CancellationToken.None).AsTask());
                    break;
                case 4 when world.Runs.Count > 0:
                    world.End(world.Runs[random.Next(world.Runs.Count)]);
                    break;
                case 5:
                    world.Pool.Gate.Tell(new GateCommand.StartCompute(A.Attempt(A.Lambda((_, _) => Task.FromResult("1")), new object()), ActorRefs.Nobody));
                    break;
                case 6:
                    world.Store.Commit(fails: write => write is JobWrite.Submit && random.Next(4) == 0);
                    break;
                case 7 when random.Next(4) == 0:
                    world.Crash();
                    break;
                default:
                    world.Store.Commit();
                    simulation.RunUntilIdle();
                    break;
            }
        }
        world.EndAll();
        world.AssertPermitsAreBack();
        Assert.All(world.Began.Values, count => Assert.Equal(1, count));
        foreach (var id in ids.Distinct())
        {
            // A submit whose commit failed has left no job.
            if (JobWorld.Of(world.Jobs.GetAsync(Namespace.Default, id, CancellationToken.None).AsTask()) is not { } job) continue;
            Assert.True(job.Row.State is JobState.Succeeded or JobState.Cancelled, $"{job.Row.State}: {string.Join(", ", world.States(id))}");
            Assert.Equal(1, world.States(id).Count(state => state.IsFinal));
        }
    }, JobWorld.Config);

    private static async Task Quiet<T>(Task<T> task) => await ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static void Under(Action<JobWorld> scenario, QueueOptions? queue = null) =>
        ActorSimulation.ForEachSeed(1, 5, simulation => scenario(new JobWorld(simulation, queue)), JobWorld.Config);
}
