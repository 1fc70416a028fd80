using System.Text;
using ActorPerf.Compute;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Jobs;

[Trait("Kind", "Simulation")]
public sealed class CheckpointTests
{
    [Fact]
    public void The_next_attempt_receives_what_the_last_one_saved() => Run((world, _) =>
    {
        var job = world.Accepted();
        Assert.Null(world.Runs[0].Context.Checkpoint);
        world.Runs[0].Context.SaveCheckpoint("{\"row\":41}"u8.ToArray());
        world.Runs[0].Context.SaveCheckpoint("{\"row\":42}"u8.ToArray());
        world.Throw(world.Runs[0], new IOException("gone"));
        world.Pass(TimeSpan.FromSeconds(2));

        var second = Assert.Single(world.Runs);
        Assert.Equal("{\"row\":42}", Text(second.Context.Checkpoint));
        world.EndAll();
        Assert.Equal((JobState.Succeeded, null), (world.Read(job.Row.Id).Row.State, world.Read(job.Row.Id).Checkpoint));
    });

    [Fact]
    public void It_is_written_while_the_run_goes_on_at_most_once_a_second() => Run((world, simulation) =>
    {
        var job = world.Accepted();
        var before = world.Read(job.Row.Id).Row;
        for (var i = 0; i < 40; i++)
        {
            world.Runs[0].Context.SaveCheckpoint(Encoding.UTF8.GetBytes($"{i}"));
            simulation.RunFor(TimeSpan.FromMilliseconds(100));
            world.Settle();
        }
        world.Pass(TimeSpan.FromSeconds(1));

        var saves = world.Store.Committed.OfType<JobWrite.Save>().ToArray();
        Assert.InRange(saves.Length, 4, 5);
        Assert.All(saves, save => Assert.True(save.Saved));
        Assert.Equal("39", Text(saves[^1].Checkpoint));
        // Row, version and history are as they were.
        Assert.Equal((before.Version, before.HistorySeq), (world.Read(job.Row.Id).Row.Version, world.Read(job.Row.Id).Row.HistorySeq));
        world.EndAll();
    });

    [Fact]
    public void A_tracker_that_restarts_forgets_no_checkpoint() => Run((world, simulation) =>
    {
        world.Accepted();
        world.Runs[0].Context.SaveCheckpoint("1"u8.ToArray());
        simulation.RunFor(TimeSpan.FromMilliseconds(100));
        world.Runs[0].Context.SaveCheckpoint("2"u8.ToArray());      // waits for its second
        simulation.RunUntilIdle();
        world.Crash();
        world.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal("2", Text(world.Store.Committed.OfType<JobWrite.Save>().Last().Checkpoint));
        world.EndAll();
    });

    [Fact]
    public void A_run_that_has_lost_its_job_writes_nothing() => Run((world, _) =>
    {
        var job = world.Accepted();
        var stale = world.Runs[0];
        var lost = world.Read(job.Row.Id);
        world.Store.TryPost(new JobWrite.Change(lost, new JobCommand.Lose(lost.Row.Run!.Value, 0)));
        world.Settle();
        stale.Context.SaveCheckpoint("\"stale\""u8.ToArray());
        world.Settle();

        var save = Assert.Single(world.Store.Committed.OfType<JobWrite.Save>());
        Assert.False(save.Saved);
        Assert.Null(world.Read(job.Row.Id).Checkpoint);
        world.EndAll();
        world.EndAll();
    });

    [Fact]
    public void A_trace_reaches_the_running_code() => Run((world, _) =>
    {
        var submitting = world.Jobs.SubmitAsync(
            new Submission { Namespace = Namespace.Default, Task = "held", TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" }, default).AsTask();
        world.Settle();
        JobWorld.Of(submitting);
        Assert.Equal("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", world.Runs[0].Context.TraceParent);
        world.EndAll();
    });

    private static string Text(ReadOnlyMemory<byte>? json) => Encoding.UTF8.GetString(json!.Value.Span);

    private static void Run(Action<JobWorld, ActorSimulation> test)
    {
        using var simulation = new ActorSimulation(20261122, JobWorld.Config);
        test(new JobWorld(simulation), simulation);
    }
}
