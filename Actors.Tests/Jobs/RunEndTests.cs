using System.Text;
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

    private static void Run(Action<JobWorld> test)
    {
        using var simulation = new ActorSimulation(20261122, JobWorld.Config);
        test(new JobWorld(simulation));
    }
}
