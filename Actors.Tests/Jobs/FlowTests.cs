using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Jobs;

[Trait("Kind", "Simulation")]
public sealed class FlowTests
{
    [Fact]
    public void A_paused_queue_starts_nothing_until_it_is_resumed() => Under(world =>
    {
        Set(world, new QueueChange { Paused = new Setting<bool>(true) });
        var job = world.Accepted();
        Assert.Empty(world.Runs);
        Assert.Equal("queue default is paused", world.Read(job.Row.Id).Reason);
        Assert.Null(world.Read(job.Row.Id).EstimatedStart);
        Set(world, new QueueChange { Paused = new Setting<bool>(false) });
        Assert.Single(world.Runs);
        world.EndAll();
        world.AssertPermitsAreBack();
    });

    [Theory]
    [InlineData(null)]
    [InlineData("eu")]
    public void The_age_of_the_oldest_job_is_that_of_the_namespaces_own(string? limitKey) => ActorSimulation.ForEachSeed(1, 1, simulation =>
    {
        var world = new JobWorld(simulation);
        var (bank, shop) = (Namespace.Parse("bank"), Namespace.Parse("shop"));
        Set(world, new QueueChange { Paused = new Setting<bool>(true) });
        Submit(bank);
        simulation.RunFor(TimeSpan.FromMinutes(5));
        Submit(shop);
        simulation.RunFor(TimeSpan.FromSeconds(30));
        Assert.InRange(Age(bank)!.Value, TimeSpan.FromSeconds(329), TimeSpan.FromSeconds(332));
        Assert.InRange(Age(shop)!.Value, TimeSpan.FromSeconds(29), TimeSpan.FromSeconds(32));
        Assert.Null(Age(Namespace.Default));

        void Submit(Namespace ns)
        {
            var submitting = world.Jobs.SubmitAsync(new Submission
            {
                Namespace = ns, Task = "held", Args = "{}"u8.ToArray(), LimitKey = limitKey, Digest = new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
            }, CancellationToken.None).AsTask();
            world.Settle();
            Assert.IsType<SubmitOutcome.Accepted>(JobWorld.Of(submitting));
        }

        TimeSpan? Age(Namespace ns) => JobWorld.Of(world.Queues.GetAsync(ns, "default", CancellationToken.None).AsTask()).OldestWaiting;
    }, JobWorld.Config);

    [Fact]
    public void A_freed_place_of_a_queue_and_of_a_key_is_taken_by_the_next() => Under(world =>
    {
        var jobs = Enumerable.Range(0, 4).Select(_ => world.Accepted(limitKey: "eu")).ToArray();
        Assert.Equal(2, world.Runs.Count);
        Assert.Equal("limit key eu: 2 of 2 running", world.Read(jobs[3].Row.Id).Reason);
        world.End(world.Runs[0]);
        world.Settle();
        Assert.Equal(2, world.Runs.Count);
        world.EndAll();
        Assert.All(jobs, job => Assert.Equal(JobState.Succeeded, world.Read(job.Row.Id).Row.State));
        world.AssertPermitsAreBack();
    }, new QueueOptions { KeyConcurrency = 2 });

    [Fact]
    public void A_reason_names_the_queue_that_is_full() => Under(world =>
    {
        var jobs = Enumerable.Range(0, 3).Select(_ => world.Accepted()).ToArray();
        Assert.Equal("queue default: 1 of 1 running", world.Read(jobs[1].Row.Id).Reason);
        Assert.Equal([1, 2], jobs.Skip(1).Select(job => world.Read(job.Row.Id).Position!.Value));
        Assert.Null(world.Read(jobs[0].Row.Id).Position);
        world.EndAll();
        world.AssertPermitsAreBack();
    }, new QueueOptions { Concurrency = 1 });

    [Fact]
    public void A_rate_lets_the_next_start_when_its_time_comes_without_anything_else_happening() => ActorSimulation.ForEachSeed(1, 3, simulation =>
    {
        var world = new JobWorld(simulation, new QueueOptions { Rate = new RateOptions { Limit = 1, Per = TimeSpan.FromSeconds(10) } });
        var (first, second) = (world.Accepted(), world.Accepted());
        world.EndAll();
        Assert.Equal(JobState.Succeeded, world.Read(first.Row.Id).Row.State);
        Assert.StartsWith("queue default: rate 1 per 10 s used up until ", world.Read(second.Row.Id).Reason, StringComparison.Ordinal);
        simulation.RunFor(TimeSpan.FromSeconds(9));
        world.Settle();
        Assert.Empty(world.Runs);
        simulation.RunFor(TimeSpan.FromSeconds(2));
        world.Settle();
        Assert.Single(world.Runs);
        world.EndAll();
    }, JobWorld.Config);

    [Fact]
    public void The_start_is_estimated_from_the_pace_of_the_queue() => ActorSimulation.ForEachSeed(1, 3, simulation =>
    {
        var world = new JobWorld(simulation, new QueueOptions { Concurrency = 1 });
        for (var i = 0; i < 10; i++)
        {
            world.Accepted();
            world.EndAll();
            simulation.RunFor(TimeSpan.FromSeconds(5));
            world.Settle();
        }
        world.Accepted();
        var jobs = Enumerable.Range(0, 4).Select(_ => world.Accepted()).ToArray();
        var fourth = world.Read(jobs[3].Row.Id);
        Assert.Equal(4, fourth.Position);
        // Ten ended in 50 to 60 seconds.
        Assert.InRange((fourth.EstimatedStart!.Value - simulation.Time.GetUtcNow()).TotalSeconds, 20, 24);
        world.EndAll();
    }, JobWorld.Config);

    [Fact]
    public void Whatever_the_limits_no_job_waits_for_ever_and_none_is_exceeded() => ActorSimulation.ForEachSeed(1, FullRun.Of(40, 12), simulation =>
    {
        var random = new Random(simulation.Seed);
        var (concurrency, ofKey) = (random.Next(3), random.Next(1, 3));
        var world = new JobWorld(simulation, new QueueOptions { Concurrency = concurrency, KeyConcurrency = ofKey });
        var jobs = new List<(JobId Id, string? Key)>();
        for (var i = 0; i < 20; i++)
        {
            var key = random.Next(3) == 0 ? null : $"k{random.Next(3)}";
            jobs.Add((world.Accepted(limitKey: key).Row.Id, key));
            if (random.Next(2) == 0 && world.Runs.Count > 0) world.End(world.Runs[random.Next(world.Runs.Count)]);
            if (random.Next(4) == 0) world.Crash();
            if (random.Next(4) == 0) _ = world.Jobs.CancelAsync(Namespace.Default, jobs[random.Next(jobs.Count)].Id, CancellationToken.None).AsTask();
            world.Settle();
            AssertHeld(world, jobs, concurrency, ofKey);
        }
        world.EndAll();
        Assert.All(jobs, job => Assert.True(world.Read(job.Id).Row.State.IsFinal, $"seed {simulation.Seed}: {job.Id} is {world.Read(job.Id).Row.State}"));
        world.AssertPermitsAreBack();
    }, JobWorld.Config);

    private static void AssertHeld(JobWorld world, List<(JobId Id, string? Key)> jobs, int concurrency, int ofKey)
    {
        var active = jobs.Where(job => world.Read(job.Id).Row.State.IsActive).ToArray();
        if (concurrency > 0) Assert.InRange(active.Length, 0, concurrency);
        foreach (var key in active.Where(job => job.Key is not null).GroupBy(job => job.Key)) Assert.InRange(key.Count(), 0, ofKey);
    }

    private static void Set(JobWorld world, QueueChange change)
    {
        var setting = world.Queues.SetAsync(Namespace.Default, "default", change, CancellationToken.None).AsTask();
        world.Settle();
        var done = Assert.IsType<QueueOutcome.Done>(JobWorld.Of(setting));
        Assert.True(done.Queue.IsOverridden);
        Assert.Equal(change.Paused!.Value.Value, done.Queue.Paused);
    }

    private static void Under(Action<JobWorld> scenario, QueueOptions? queue = null) =>
        ActorSimulation.ForEachSeed(1, 3, simulation => scenario(new JobWorld(simulation, queue)), JobWorld.Config);
}
