using System.Text;
using ActorPerf.Load;

namespace ActorPerf.Tests.Load.Simulation;

/// <summary>The target's own side, seen from outside.</summary>
public sealed class TargetQueuesTests
{
    private const string Two = """
        {"items": [{"name": "default", "counts": {"queued": 7, "running": 2, "succeeded": 900}, "running": 2, "routees": 4, "busy": 3},
                   {"name": "io", "counts": {}, "running": 1, "routees": 2, "busy": 1}], "next": null}
        """;

    [Fact]
    public void Queues_are_summed_up() => Assert.Equal(new TargetQueues(Waiting: 7, Running: 3, Busy: 4, Routees: 6), TargetQueues.Read(Encoding.UTF8.GetBytes(Two)));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("\"queues\"")]
    [InlineData("""{"items": [{"name": "default"}]}""")]
    [InlineData("""{"items": [{"counts": 1, "running": 1, "routees": 4, "busy": 3}]}""")]
    public void What_is_no_list_of_queues_is_none(string body) => Assert.Null(TargetQueues.Read(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void A_run_that_is_told_to_looks_once_a_second_and_counts_it_nowhere()
    {
        using var world = new LoadWorld(LoadWorld.Scenario("constant(1s)"));
        world.Server.Body = Two;
        var run = world.Whole(LoadWorld.Plan(new LoadModel.Closed(1, 1), TimeSpan.FromSeconds(10)) with { WatchTarget = true }).Final;
        Assert.All(run.History.Take(9), point => Assert.Equal(new TargetQueues(7, 3, 4, 6), point.Target));
        Assert.InRange(world.Server.Asked - run.Total.Count, 9, 11);
        Assert.Null(run.TargetFault);
        Assert.All(run.Requests, row => Assert.Equal("/", row.Name));
    }

    [Fact]
    public void A_target_that_does_not_tell_is_left_alone_after_a_while()
    {
        using var world = new LoadWorld(LoadWorld.Scenario("constant(1s)"));
        var run = world.Whole(LoadWorld.Plan(new LoadModel.Closed(1, 1), TimeSpan.FromSeconds(20)) with { WatchTarget = true }).Final;
        Assert.Equal(5, world.Server.Asked - run.Total.Count);
        Assert.StartsWith("The target's queues were not read: the answer is no list of queues.", run.TargetFault, StringComparison.Ordinal);
        Assert.All(run.History, point => Assert.Null(point.Target));
    }

    [Fact]
    public void Other_servers_are_not_asked()
    {
        using var world = new LoadWorld(LoadWorld.Scenario("constant(1s)"));
        var run = world.Whole(LoadWorld.Plan(new LoadModel.Closed(1, 1), TimeSpan.FromSeconds(5))).Final;
        Assert.Equal(run.Total.Count, world.Server.Asked);
    }
}
