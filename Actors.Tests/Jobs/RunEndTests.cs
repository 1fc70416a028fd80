using System.Text;
using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Kernel;
using ActorPerf.Tasks;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Jobs;

/// <summary>What a task may answer besides a result: later, when my children are done, not like this.</summary>
[Trait("Kind", "Simulation")]
public sealed class RunEndTests
{
    [Fact]
    public void A_run_that_snoozes_is_run_again_later_and_costs_no_attempt() => Run(world =>
    {
        var job = world.Accepted();
        world.Throw(world.Runs[0], new SnoozeException(TimeSpan.FromMinutes(5)));

        var aside = world.Read(job.Row.Id).Row;
        Assert.Equal((JobState.Scheduled, 1, 1), (aside.State, aside.Attempt, aside.Excused));
        Assert.Equal(world.Now + TimeSpan.FromMinutes(5), aside.RunAt);

        world.Pass(TimeSpan.FromMinutes(5));
        Assert.Equal(2, world.Read(job.Row.Id).Row.Attempt);
        world.EndAll();
        Assert.Equal(JobState.Succeeded, world.Read(job.Row.Id).Row.State);
        world.AssertPermitsAreBack();
    });

    [Fact]
    public void The_task_chooses_when_its_next_attempt_may_help() => Run(world =>
    {
        var job = world.Accepted();
        world.Throw(world.Runs[0], new RetryAfterException(TimeSpan.FromMinutes(7), "closed until then"));

        var row = world.Read(job.Row.Id).Row;
        Assert.Equal((JobState.Retrying, 0, "RetryAfterException"), (row.State, row.Excused, row.Error!.Type));
        Assert.Equal(world.Now + TimeSpan.FromMinutes(7), row.RunAt);
    });

    [Fact]
    public void A_run_that_waits_for_children_hands_over_jobs_that_were_checked() => Run(world =>
    {
        var job = world.Accepted(priority: 8);
        world.Throw(world.Runs[0], new WaitForChildrenException(
            [new ChildJob("held", "{\"a\":1}"u8.ToArray(), "first"), new ChildJob("memoised", "{}"u8.ToArray(), Queue: "other")], "{\"step\":2}"u8.ToArray()));

        var park = Assert.Single(world.Store.Committed.OfType<JobWrite.Change>(), change => change.Command is JobCommand.Park);
        Assert.Equal(["held", "memoised"], park.Children.Select(child => child.Row.Task));
        Assert.Equal(["first", null], park.Children.Select(child => child.ChildName));
        Assert.Equal(["default", "other"], park.Children.Select(child => child.Row.Queue));
        Assert.All(park.Children, child => Assert.Equal((8, Namespace.Default), (child.Row.Priority, child.Row.Namespace)));
        Assert.Equal("{\"step\":2}", Encoding.UTF8.GetString(park.Checkpoint!.Value.Span));
        Assert.Equal((JobState.Held, 1), (world.Read(job.Row.Id).Row.State, world.Read(job.Row.Id).Row.Excused));
    });

    [Theory]
    [InlineData("nowhere", "{}", null, "Child 1 'b' cannot be submitted: No task is named 'nowhere'")]
    [InlineData("held", "{\"a\":1,\"a\":2}", null, "Child 1 'b' cannot be submitted: its arguments are not JSON, or name a member twice")]
    [InlineData("held", "{}", "Not A Queue", "Child 1 'b' cannot be submitted: /queue")]
    [InlineData("guarded", "[\"bad\"]", null, "Child 1 'b' cannot be submitted: /args cannot be read: bad is not taken.")]
    public void One_child_that_cannot_be_submitted_fails_the_run_for_good(string task, string args, string? queue, string message) => Run(world =>
    {
        var job = world.Accepted();
        world.Throw(world.Runs[0], new WaitForChildrenException(
            [new ChildJob("held", "{}"u8.ToArray(), "a"), new ChildJob(task, Encoding.UTF8.GetBytes(args), "b", queue)]));

        var row = world.Read(job.Row.Id).Row;
        Assert.Equal((JobState.Failed, "invalid-child"), (row.State, row.Error!.Type));
        Assert.StartsWith(message, row.Error.Message, StringComparison.Ordinal);
    });

    [Theory]
    [InlineData(0, "The task waits for 0 children")]
    [InlineData(1001, "The task waits for 1001 children")]
    public void Children_are_bounded(int count, string message) => Run(world =>
    {
        var job = world.Accepted();
        world.Throw(world.Runs[0], new WaitForChildrenException([.. Enumerable.Repeat(new ChildJob("held", "{}"u8.ToArray()), count)]));
        Assert.StartsWith(message, world.Read(job.Row.Id).Row.Error!.Message, StringComparison.Ordinal);
    });

    [Fact]
    public void A_kind_of_error_that_its_task_calls_hopeless_is_not_tried_again() => Run(world =>
    {
        var job = world.Accepted("picky");
        world.Throw(world.Runs[0], new InvalidDataException("never"));
        Assert.Equal((JobState.Failed, 1), (world.Read(job.Row.Id).Row.State, world.Read(job.Row.Id).Row.Attempt));
    });

    [Fact]
    public void A_kind_of_error_waits_a_time_of_its_own_and_others_the_tasks() => Run(world =>
    {
        var job = world.Accepted("picky");
        Assert.Equal(new BackoffPolicy(TimeSpan.FromMinutes(1), 1, TimeSpan.FromMinutes(1)), job.Row.Backoff);
        world.Throw(world.Runs[0], new TimeoutException("busy"));
        Assert.InRange(world.Read(job.Row.Id).Row.RunAt - world.Now, TimeSpan.FromHours(1), TimeSpan.FromHours(2));

        var other = world.Accepted("picky");
        world.Throw(world.Runs[0], new IOException("else"));
        Assert.InRange(world.Read(other.Row.Id).Row.RunAt - world.Now, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1));
    });

    [Fact]
    public void A_run_out_of_time_failed_whatever_its_task_wants() => Run(world =>
    {
        var job = world.Accepted("timed");
        var run = world.Runs[0];
        world.Pass(TimeSpan.FromSeconds(11));
        Assert.True(SpinWait.SpinUntil(() => run.Stopped, TimeSpan.FromSeconds(60)));
        world.Throw(run, new SnoozeException(TimeSpan.FromDays(1)));
        Assert.Equal("timeout", world.Read(job.Row.Id).Row.Error!.Type);
    });

    [Fact]
    public void INV_32_a_result_that_failed_its_job_is_not_remembered() => Run(world =>
    {
        var job = world.Accepted("typed");
        world.End(world.Runs[0]);
        world.Settle();
        Assert.Equal("bad-result", world.Read(job.Row.Id).Row.Error!.Type);
        var again = world.Accepted("typed");
        world.End(Assert.Single(world.Runs), "\"a,b\"");
        world.Settle();
        Assert.Equal(JobState.Succeeded, world.Read(again.Row.Id).Row.State);
    });

    [Theory]
    [InlineData("guarded")]
    [InlineData("guarded-memoised")]
    public void Arguments_that_make_their_task_throw_fail_their_job_and_no_other(string task) => Run(world =>
    {
        Assert.Equal("invalid-args", Assert.IsType<SubmitOutcome.Refused>(Answer(world, world.Submit(task, args: "[\"bad\"]"))).Refusal.Code);

        var parent = world.Accepted();
        var (second, third) = (world.Accepted(), world.Accepted());
        var submitting = world.Jobs.SubmitAsync(
            new Submission
            {
                Namespace = Namespace.Default, Task = task, Priority = 9, DependsOn = [new JobDependency(parent.Row.Id, DependsOn.Succeeded)],
                Args = Encoding.UTF8.GetBytes($$$"""{"x":{"$result":"{{{parent.Row.Id}}}"}}"""),
            }, CancellationToken.None).AsTask();
        var dependant = Assert.IsType<SubmitOutcome.Accepted>(Answer(world, submitting)).Job;
        Job[] waiting = [world.Accepted(), world.Accepted(), world.Accepted()];
        foreach (var job in new[] { second, third }) End(world, job);
        End(world, parent, "\"bad\"");
        world.EndAll();
        Assert.Equal((JobState.Failed, "invalid-args"), (world.Read(dependant.Row.Id).Row.State, world.Read(dependant.Row.Id).Row.Error?.Type));
        Assert.All(waiting, job => Assert.Equal((JobState.Succeeded, 1), (world.Read(job.Row.Id).Row.State, world.Read(job.Row.Id).Row.Attempt)));
        world.AssertPermitsAreBack();
    });

    [Fact]
    public void A_run_whose_row_is_anothers_is_let_go_though_its_code_goes_on() => Run(world =>
    {
        var job = world.Accepted();
        var run = world.Runs[0];
        world.Store.Elsewhere(new JobWrite.Change(Namespace.Default, job.Row.Id, new JobCommand.Finish(world.Read(job.Row.Id).Row.Run!.Value, Cached: false)) { Result = "2"u8.ToArray() });
        world.Pass(TimeSpan.FromSeconds(65));
        Assert.Equal(0, world.Parts.Running.Count);
        Assert.Equal("HandBack", Assert.Single(world.Store.Committed.OfType<JobWrite.Change>()).Command.GetType().Name);
        Assert.Equal(JobState.Succeeded, world.Read(job.Row.Id).Row.State);
        Assert.True(SpinWait.SpinUntil(() => run.Stopped, TimeSpan.FromSeconds(60)));
        world.EndAll();
        world.AssertPermitsAreBack();
    });

    [Fact]
    public void A_store_that_has_ended_is_no_busy_one_and_a_drain_ends_without_it() => Run(world =>
    {
        world.Accepted();
        world.Store.HasEnded = true;
        Assert.Throws<StoreUnavailableException>(() => Answer(world, world.Submit()));
        var done = new TaskCompletionSource();
        world.Tracker.Tell(new TrackerCommand.Drain(TimeSpan.Zero, done));
        world.Settle();
        Assert.True(done.Task.IsCompleted);
    });

    [Fact]
    public void A_cancel_that_is_told_before_the_claim_of_its_run_stops_it_all_the_same() => Run(world =>
    {
        world.Store.IsInOrder = false;
        var job = Assert.IsType<SubmitOutcome.Accepted>(Answered(world, world.Submit(limitKey: "k"))).Job;
        world.Store.Commit(only: write => write is JobWrite.Claim, unreported: _ => true);
        world.Pump();
        Assert.Empty(world.Runs);
        var cancel = world.Jobs.CancelAsync(Namespace.Default, job.Row.Id, CancellationToken.None).AsTask();
        world.Settle();
        Assert.Equal(JobState.Cancelling, Assert.IsType<JobOutcome.Done>(JobWorld.Of(cancel)).Job.Row.State);
        world.Store.Report();
        world.Settle();
        var run = Assert.Single(world.Runs);
        world.Pass(TimeSpan.FromSeconds(45));
        Assert.True(SpinWait.SpinUntil(() => run.Stopped, TimeSpan.FromSeconds(60)));
        Assert.Equal(JobState.Cancelled, world.Read(job.Row.Id).Row.State);
        world.EndAll();
        world.AssertPermitsAreBack();
    });

    private static SubmitOutcome Answer(JobWorld world, Task<SubmitOutcome> submitting)
    {
        world.Settle();
        return JobWorld.Of(submitting);
    }

    /// <summary>Commits the submit alone: its claim goes on waiting.</summary>
    private static SubmitOutcome Answered(JobWorld world, Task<SubmitOutcome> submitting)
    {
        world.Store.Commit(only: write => write is JobWrite.Submit);
        world.Pump();
        return JobWorld.Of(submitting);
    }

    private static void End(JobWorld world, Job job, string result = "1") => world.End(world.Runs.Single(run => run.Job == job.Row.Id.Value), result);

    private static void Run(Action<JobWorld> test)
    {
        using var simulation = new ActorSimulation(20261122, JobWorld.Config);
        test(new JobWorld(simulation));
    }
}
