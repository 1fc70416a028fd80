using System.Text;
using ActorPerf.Jobs;
using ActorPerf.Kernel;
using ActorPerf.Tasks;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Jobs.Workflows;

/// <summary>Graphs under the tracker: who waits is told, what was held starts, and what runs is stopped.</summary>
[Trait("Kind", "Simulation")]
public sealed class GraphRunTests
{
    [Fact]
    public void A_job_starts_when_its_parent_ends_and_whoever_waits_for_it_is_told() => Run(1, world =>
    {
        var parent = world.Accepted();
        var child = Dependent(world, parent.Row.Id);
        var waiting = world.Jobs.WaitFinishedAsync(Namespace.Default, child, TimeSpan.FromHours(1), CancellationToken.None).AsTask();
        world.Settle();
        Assert.Single(world.Runs);
        world.End(world.Runs[0]);
        world.Settle();
        Assert.Equal(child.Value, Assert.Single(world.Runs).Job);
        world.EndAll();
        Assert.Equal(JobState.Succeeded, JobWorld.Of(waiting)!.Row.State);
        world.AssertPermitsAreBack();
    });

    [Fact]
    public void Whoever_waits_for_a_job_that_fell_with_its_parent_is_told() => Run(1, world =>
    {
        var middle = Dependent(world, world.Accepted().Row.Id);
        var last = Dependent(world, middle);
        var waiting = world.Jobs.WaitFinishedAsync(Namespace.Default, last, TimeSpan.FromHours(1), CancellationToken.None).AsTask();
        world.Settle();
        var cancelling = world.Jobs.CancelAsync(Namespace.Default, middle, CancellationToken.None).AsTask();
        world.Settle();
        Assert.Equal(JobState.Cancelled, Assert.IsType<JobOutcome.Done>(JobWorld.Of(cancelling)).Job.Row.State);
        Assert.Equal(JobState.Cancelled, JobWorld.Of(waiting)!.Row.State);
        world.EndAll();
        world.AssertPermitsAreBack();
    });

    [Fact]
    public void A_run_sees_the_children_it_waited_for_in_the_order_it_named_them() => Simulate(world =>
    {
        var parent = world.Accepted();
        world.Throw(world.Runs[0], new WaitForChildrenException([.. Enumerable.Range(0, 5).Select(i => new ChildJob("held", "{}"u8.ToArray(), $"c{i}"))], "{\"k\":1}"u8.ToArray()));
        Assert.Equal(JobState.Held, world.Read(parent.Row.Id).Row.State);
        var random = new Random(world.Runs.Count);
        for (world.Settle(); world.Runs.TrueForAll(run => run.Job != parent.Row.Id.Value); world.Settle())
        {
            var run = world.Runs[random.Next(world.Runs.Count)];
            if (random.Next(3) == 0) world.Throw(run, new NonRetryableException("no"));
            else world.End(run, "8");
        }
        var again = Assert.Single(world.Runs).Context;
        Assert.Equal((2, "{\"k\":1}"), (again.Attempt, Encoding.UTF8.GetString(again.Checkpoint!.Value.Span)));
        Assert.Equal(["c0", "c1", "c2", "c3", "c4"], again.Children.Select(child => child.Name));
        Assert.All(again.Children, child => Assert.Equal(child.State == "succeeded" ? "8" : null, child.Result is { } result ? Encoding.UTF8.GetString(result.Span) : null));
        world.EndAll();
        Assert.Equal((JobState.Succeeded, 2, 1), (world.Read(parent.Row.Id).Row.State, world.Read(parent.Row.Id).Row.Attempt, world.Read(parent.Row.Id).Row.Excused));
        world.AssertPermitsAreBack();
    });

    [Fact]
    public void Cancelling_a_job_that_waits_for_children_stops_those_that_run() => Run(3, world =>
    {
        var parent = world.Accepted();
        world.Throw(world.Runs[0], new WaitForChildrenException([.. Enumerable.Range(0, 5).Select(_ => new ChildJob("held", "{}"u8.ToArray()))]));
        world.Settle();
        Assert.Equal(JobWorld.JobPermits, world.Runs.Count);

        var cancelling = world.Jobs.CancelAsync(Namespace.Default, parent.Row.Id, CancellationToken.None).AsTask();
        world.Settle();

        Assert.Equal(JobState.Cancelled, Assert.IsType<JobOutcome.Done>(JobWorld.Of(cancelling)).Job.Row.State);
        Assert.True(SpinWait.SpinUntil(() => world.Runs.TrueForAll(run => run.Stopped), TimeSpan.FromSeconds(60)));
        foreach (var run in world.Runs.ToArray()) world.Throw(run, new OperationCanceledException());
        Assert.Empty(world.Runs);
        world.AssertPermitsAreBack();
    });

    private static JobId Dependent(JobWorld world, JobId parent)
    {
        var submitting = world.Jobs.SubmitAsync(
            new Submission { Namespace = Namespace.Default, Task = "held", DependsOn = [new JobDependency(parent, DependsOn.Succeeded)], Digest = Guid.NewGuid() }, CancellationToken.None).AsTask();
        world.Settle();
        var job = Assert.IsType<SubmitOutcome.Accepted>(JobWorld.Of(submitting)).Job;
        Assert.Equal(JobState.Held, job.Row.State);
        return job.Row.Id;
    }

    private static void Simulate(Action<JobWorld> test)
    {
        for (var seed = 1; seed <= 10; seed++) Run(seed, test);
    }

    private static void Run(int seed, Action<JobWorld> test)
    {
        using var simulation = new ActorSimulation(seed, JobWorld.Config);
        test(new JobWorld(simulation));
    }
}
