using ActorPerf.Jobs;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Jobs;

[Trait("Kind", "Simulation")]
public sealed class SweepTests
{
    [Fact]
    public void A_due_job_that_somebody_else_holds_is_looked_for_again_after_a_breath()
    {
        using var simulation = new ActorSimulation(5, JobWorld.Config);
        var world = new JobWorld(simulation);
        world.Store.HoldsDue = true;
        world.Pass(TimeSpan.FromSeconds(6));
        world.Store.Committed.Clear();
        for (var millisecond = 0; millisecond < 1_000; millisecond += 2)
        {
            simulation.RunFor(TimeSpan.FromMilliseconds(2));
            world.Settle();
        }
        Assert.InRange(world.Store.Committed.OfType<JobWrite.Sweep>().Count(), 5, 60);
    }
}
