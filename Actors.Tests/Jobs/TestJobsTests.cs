using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Jobs;

/// <summary>Jobs for tests: inline, and held until told.</summary>
public sealed class TestJobsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_inline_job_has_run_when_its_submission_returns()
    {
        var jobs = Inline();
        var job = await AcceptedAsync(jobs, "square", """{"n": 12}""");
        Assert.Equal((JobState.Succeeded, 1), (job.Row.State, job.Row.Attempt));
        Assert.Equal("144"u8.ToArray(), job.Result!.Value.ToArray());
        Assert.Equal([JobState.Queued, JobState.Running, JobState.Succeeded], (await jobs.HistoryAsync(Namespace.Default, job.Row.Id, Ct))!.Rows.Select(row => row.To));
    }

    [Fact]
    public async Task An_error_is_a_failed_job_after_all_its_attempts()
    {
        var jobs = Inline();
        var job = await AcceptedAsync(jobs, "fail", """{"message": "no paper"}""");
        Assert.Equal((JobState.Failed, 5, "no paper"), (job.Row.State, job.Row.Attempt, job.Row.Error?.Message));
        Assert.Equal(5, (await jobs.HistoryAsync(Namespace.Default, job.Row.Id, Ct))!.Attempts.Count);
        Assert.Equal((JobState.Succeeded, 3), (await AcceptedAsync(jobs, "fail", """{"times": 2}""")) is var mended ? (mended.Row.State, mended.Row.Attempt) : default);
    }

    [Fact]
    public async Task A_back_off_can_be_kept_and_passes_with_the_clock()
    {
        var jobs = Inline(options => options.RetryAtOnce = false);
        var id = (await AcceptedAsync(jobs, "fail", """{"times": 1}""")).Row.Id;
        Assert.Equal(JobState.Retrying, (await jobs.GetAsync(Namespace.Default, id, Ct))!.Row.State);
        await jobs.AdvanceAsync(TimeSpan.FromSeconds(1), Ct);
        Assert.Equal((JobState.Succeeded, 2), (await jobs.GetAsync(Namespace.Default, id, Ct)) is { } job ? (job.Row.State, job.Row.Attempt) : default);
    }

    [Fact]
    public async Task A_job_with_a_time_waits_for_it_and_one_with_parents_for_them()
    {
        var jobs = Inline();
        var parent = await AcceptedAsync(jobs, Square(2) with { Delay = TimeSpan.FromHours(1) });
        var child = await AcceptedAsync(jobs, Square(3) with { DependsOn = [new JobDependency(parent.Row.Id, DependsOn.Succeeded)] });
        Assert.Equal((JobState.Scheduled, JobState.Held), (parent.Row.State, child.Row.State));
        await jobs.AdvanceAsync(TimeSpan.FromHours(1), Ct);
        Assert.All(await jobs.GetManyAsync(Namespace.Default, [parent.Row.Id, child.Row.Id], Ct), job => Assert.Equal(JobState.Succeeded, job!.Row.State));
    }

    [Fact]
    public async Task Refusals_are_those_of_a_node()
    {
        var jobs = Inline();
        Assert.Equal("unknown-task", Assert.IsType<SubmitOutcome.Refused>(await jobs.SubmitAsync(Of("squaer", "{}"), Ct)).Refusal.Code);
        Assert.Equal("invalid-args", Assert.IsType<SubmitOutcome.Refused>(await jobs.SubmitAsync(Of("square", """{"n": "x"}"""), Ct)).Refusal.Code);
        var batch = await jobs.SubmitManyAsync([Square(1), Square(2) with { Priority = 10 }], atomic: true, Ct);
        Assert.Equal(["batch-refused", "invalid-request"], batch.Select(outcome => Assert.IsType<SubmitOutcome.Refused>(outcome).Refusal.Code));
        Assert.Empty(await jobs.CountsAsync(Namespace.Default, Ct));
    }

    [Fact]
    public async Task Held_jobs_are_looked_at_and_then_run_one_by_one_or_all()
    {
        await using var services = new ServiceCollection().UseHeldJobs().BuildServiceProvider();
        var jobs = services.GetRequiredService<HeldJobs>();
        Assert.Same(jobs, services.GetRequiredService<IJobs>());
        Assert.Same(jobs.Time, services.GetRequiredService<TimeProvider>());
        var low = await AcceptedAsync(jobs, Square(1) with { Priority = 1 });
        var high = await AcceptedAsync(jobs, Square(2) with { Priority = 9 });
        await AcceptedAsync(jobs, Of("fail", """{"times": 1}"""));

        Assert.Equal([low.Row.Id, high.Row.Id], (await jobs.SubmittedAsync()).Take(2).Select(job => job.Row.Id));
        Assert.All(await jobs.SubmittedAsync(), job => Assert.Equal(JobState.Queued, job.Row.State));
        Assert.Equal(high.Row.Id, (await jobs.RunNextAsync(Ct))!.Row.Id);
        Assert.Equal(3, await jobs.DrainAsync(Ct));
        Assert.Null(await jobs.RunNextAsync(Ct));
        Assert.All(await jobs.SubmittedAsync(), job => Assert.Equal(JobState.Succeeded, job.Row.State));
    }

    [Fact]
    public async Task A_held_job_is_followed_cancelled_and_run_again()
    {
        await using var services = new ServiceCollection().UseHeldJobs().BuildServiceProvider();
        var jobs = services.GetRequiredService<HeldJobs>();
        var job = await AcceptedAsync(jobs, Square(4));
        await using var events = jobs.FollowAsync(Namespace.Default, job.Row.Id, null, Ct).GetAsyncEnumerator(Ct);
        Assert.True(await events.MoveNextAsync());
        Assert.IsType<JobOutcome.Done>(await jobs.CancelAsync(Namespace.Default, job.Row.Id, Ct));
        Assert.True(await events.MoveNextAsync());
        Assert.Equal(JobState.Cancelled, Assert.IsType<JobEvent.Done>(events.Current).Now.Row.State);
        Assert.False(await events.MoveNextAsync());

        var again = Assert.IsType<SubmitOutcome.Accepted>(await jobs.RerunAsync(Namespace.Default, job.Row.Id, new Rerun(), Ct)).Job;
        Assert.Equal(1, await jobs.DrainAsync(Ct));
        Assert.Equal(JobState.Succeeded, (await jobs.WaitFinishedAsync(Namespace.Default, again.Row.Id, TimeSpan.Zero, Ct))!.Row.State);
        Assert.IsType<JobOutcome.Done>(await jobs.DeleteAsync(Namespace.Default, job.Row.Id, Ct));
    }

    [Fact]
    public async Task Jobs_that_repeat_themselves_without_end_are_noticed()
    {
        var jobs = Inline(options => options.MaxRuns = 3);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await jobs.SubmitAsync(Of("fail", "{}"), Ct));
    }

    private static InlineJobs Inline(Action<TestJobOptions>? configure = null) =>
        new ServiceCollection().UseInlineJobs(configure).BuildServiceProvider().GetRequiredService<InlineJobs>();

    private static Submission Of(string task, string args) => new() { Namespace = Namespace.Default, Task = task, Args = System.Text.Encoding.UTF8.GetBytes(args) };

    private static Submission Square(int n) => Of("square", $$"""{"n": {{n}}}""");

    private static Task<Job> AcceptedAsync(IJobs jobs, string task, string args) => AcceptedAsync(jobs, Of(task, args));

    private static async Task<Job> AcceptedAsync(IJobs jobs, Submission submission) => Assert.IsType<SubmitOutcome.Accepted>(await jobs.SubmitAsync(submission, Ct)).Job;
}
