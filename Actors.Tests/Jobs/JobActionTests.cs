using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Jobs;

/// <summary>What the tracker makes of unique keys and of clients' commands: who hears of them, and what starts.</summary>
[Trait("Kind", "Simulation")]
public sealed class JobActionTests
{
    [Fact]
    public void Who_waits_for_a_replaced_job_hears_of_its_end() => Under(world =>
    {
        var first = Accepted(world, new() { Namespace = Namespace.Default, Task = "held", UniqueKey = "k", Delay = TimeSpan.FromHours(1) });
        var waiting = world.Jobs.WaitFinishedAsync(Namespace.Default, first.Row.Id, TimeSpan.FromHours(2), CancellationToken.None).AsTask();
        world.Settle();
        Assert.Equal(1, world.Parts.Waiting["default"]);
        var second = Accepted(world, new() { Namespace = Namespace.Default, Task = "held", UniqueKey = "k", UniquePolicy = UniquePolicy.Replace });
        Assert.Equal(JobState.Cancelled, JobWorld.Of(waiting)!.Row.State);
        Assert.Equal(0, world.Parts.Waiting["default"]);
        Assert.Equal(JobState.Running, world.Read(second.Row.Id).Row.State);
        world.EndAll();
        world.AssertPermitsAreBack();
    });

    [Fact]
    public void A_submission_that_meets_a_holder_gives_its_permit_back() => Under(world =>
    {
        var first = Accepted(world, new() { Namespace = Namespace.Default, Task = "held", UniqueKey = "k" });
        var second = Submit(world, new() { Namespace = Namespace.Default, Task = "held", UniqueKey = "k" });
        Assert.Equal(first.Row.Id, Assert.IsType<SubmitOutcome.Deduplicated>(second).Job.Row.Id);
        Assert.Equal("unique-conflict", Assert.IsType<SubmitOutcome.Refused>(
            Submit(world, new() { Namespace = Namespace.Default, Task = "held", UniqueKey = "k", UniquePolicy = UniquePolicy.Reject })).Refusal.Code);
        world.EndAll();
        world.AssertPermitsAreBack();
    });

    [Fact]
    public void A_job_that_is_run_now_starts_without_its_time_having_come() => Under(world =>
    {
        var job = Accepted(world, new() { Namespace = Namespace.Default, Task = "held", Delay = TimeSpan.FromHours(1) });
        Assert.Empty(world.Runs);
        Done(world, world.Jobs.RunNowAsync(Namespace.Default, job.Row.Id, CancellationToken.None));
        Assert.Single(world.Runs);
        Done(world, world.Jobs.RunNowAsync(Namespace.Default, job.Row.Id, CancellationToken.None));
        world.EndAll();
        Assert.Equal([JobState.Scheduled, JobState.Queued, JobState.Running, JobState.Succeeded], world.States(job.Row.Id));
        world.AssertPermitsAreBack();
    });

    [Fact]
    public void A_job_of_another_queue_is_counted_there_and_no_longer_here() => Under(world =>
    {
        var job = Accepted(world, new() { Namespace = Namespace.Default, Task = "held", Delay = TimeSpan.FromHours(1) });
        Done(world, world.Jobs.EditAsync(Namespace.Default, job.Row.Id, new JobCommand.Edit(null, "other", null, null), CancellationToken.None));
        Assert.Equal((0, 1), (world.Parts.Waiting["default"], world.Parts.Waiting["other"]));
        // Back, and due: it starts, for its pool hears of it.
        Done(world, world.Jobs.EditAsync(Namespace.Default, job.Row.Id, new JobCommand.Edit(null, "default", DateTimeOffset.UnixEpoch.AddYears(40), null), CancellationToken.None));
        Assert.Single(world.Runs);
        world.EndAll();
        Assert.Equal((0, 0), (world.Parts.Waiting["default"], world.Parts.Waiting["other"]));
        world.AssertPermitsAreBack();
    });

    [Fact]
    public void A_change_that_cannot_be_is_refused_before_it_is_sent() => Under(world =>
    {
        var job = Accepted(world, new() { Namespace = Namespace.Default, Task = "held", Delay = TimeSpan.FromHours(1) });
        var refused = JobWorld.Of(world.Jobs.EditAsync(Namespace.Default, job.Row.Id, new JobCommand.Edit(10, "A", null, [""]), CancellationToken.None).AsTask());
        Assert.Equal(["/queue", "/priority", "/tags/0"], Assert.IsType<JobOutcome.Refused>(refused).Refusal.Faults.Select(fault => fault.Pointer));
        Assert.Null(JobWorld.Of(world.Jobs.EditAsync(Namespace.Parse("other"), job.Row.Id, new JobCommand.Edit(10, null, null, null), CancellationToken.None).AsTask()));
    });

    [Fact]
    public void A_finished_job_runs_again_as_another_and_holds_the_key_that_the_first_held() => Under(world =>
    {
        var first = Accepted(world, new() { Namespace = Namespace.Default, Task = "held", UniqueKey = "k", Args = "{\"a\":1}"u8.ToArray() });
        Assert.Equal("state-conflict", Assert.IsType<SubmitOutcome.Refused>(Rerun(world, first)).Refusal.Code);
        world.EndAll();
        var again = Assert.IsType<SubmitOutcome.Accepted>(Rerun(world, first)).Job;
        Assert.Equal((first.Row.Id, "k"), (again.Row.RerunOf, again.Row.UniqueKey));
        Assert.Equal("{\"a\":1}", System.Text.Encoding.UTF8.GetString(again.Args.Span));
        var held = Assert.IsType<SubmitOutcome.Refused>(Rerun(world, first)).Refusal;
        Assert.Equal("unique-conflict", held.Code);
        Assert.Contains(again.Row.Id.ToString(), held.Detail, StringComparison.Ordinal);
        world.EndAll();
        Done(world, world.Jobs.DeleteAsync(Namespace.Default, first.Row.Id, CancellationToken.None));
        Assert.Null(JobWorld.Of(world.Jobs.GetAsync(Namespace.Default, first.Row.Id, CancellationToken.None).AsTask()));
        world.AssertPermitsAreBack();
    });

    [Fact]
    public void A_command_whose_commit_failed_is_told_so_and_changed_nothing() => Under(world =>
    {
        var job = Accepted(world, new() { Namespace = Namespace.Default, Task = "held", Delay = TimeSpan.FromHours(1) });
        var asked = world.Jobs.RunNowAsync(Namespace.Default, job.Row.Id, CancellationToken.None).AsTask();
        world.Pump();
        world.Store.Commit(write => write is JobWrite.Change);
        world.Settle();
        Assert.Throws<ActorPerf.Cluster.StoreUnavailableException>(() => JobWorld.Of(asked));
        Assert.Equal(1, world.Read(job.Row.Id).Row.Version);
    });

    private static void Under(Action<JobWorld> test)
    {
        using var simulation = new ActorSimulation(7, JobWorld.Config);
        test(new JobWorld(simulation));
    }

    private static SubmitOutcome Submit(JobWorld world, Submission submission)
    {
        var submitting = world.Jobs.SubmitAsync(submission, CancellationToken.None).AsTask();
        world.Settle();
        return JobWorld.Of(submitting);
    }

    private static Job Accepted(JobWorld world, Submission submission) => Assert.IsType<SubmitOutcome.Accepted>(Submit(world, submission)).Job;

    private static void Done(JobWorld world, ValueTask<JobOutcome?> asking)
    {
        var asked = asking.AsTask();
        world.Settle();
        Assert.IsType<JobOutcome.Done>(JobWorld.Of(asked));
        world.Settle();
    }

    private static SubmitOutcome? Rerun(JobWorld world, Job job)
    {
        var asked = world.Jobs.RerunAsync(Namespace.Default, job.Row.Id, new Rerun(), CancellationToken.None).AsTask();
        world.Settle();
        return JobWorld.Of(asked);
    }
}
