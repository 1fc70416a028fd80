using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Jobs;

/// <summary>No job waits because a claim looked at the line a moment before it was there.</summary>
[Trait("Kind", "Simulation")]
public sealed class ClaimNewsTests
{
    [Fact]
    public void A_claim_that_overtakes_its_submit_in_another_line_is_made_again() => Run(world =>
    {
        world.Store.IsInOrder = false;
        _ = world.Submit(limitKey: "eu");
        world.Store.Commit(only: write => write is JobWrite.Claim);
        world.Settle();
        world.End(Assert.Single(world.Runs));
        world.Settle();
        world.AssertPermitsAreBack();
    });

    [Fact]
    public void A_job_whose_coming_nobody_told_is_found_by_the_next_count() => Run(world =>
    {
        _ = world.Submit(limitKey: "eu");
        world.Store.Commit(only: write => write is JobWrite.Claim);     // passes it over, as one does that another transaction holds
        world.Settle();
        Assert.Empty(world.Runs);
        world.Tracker.Tell(new TrackerCommand.Counted([new JobCount("default", "held", JobState.Queued, 1)]));
        world.Settle();
        world.End(Assert.Single(world.Runs));
        world.Settle();
        world.AssertPermitsAreBack();
    });

    private static void Run(Action<JobWorld> test) => ActorSimulation.ForEachSeed(1, 5, simulation => test(new JobWorld(simulation)), JobWorld.Config);
}
