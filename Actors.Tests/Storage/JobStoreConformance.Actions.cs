using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Storage;

/// <content>What clients do to one job: run it now, change it, delete it.</content>
public abstract partial class JobStoreConformance
{
    [Fact]
    public async Task A_job_that_is_run_now_is_first_of_those_that_are_due()
    {
        var (later, due) = (Row() with { RunAt = _time.GetUtcNow().AddHours(1) }, Row());
        await SubmitAsync(later);
        var change = await ChangeAsync(later.Id, new JobCommand.RunNow());
        Assert.Equal((JobState.Scheduled, JobState.Queued), (change.Was!.State, change.Now!.Row.State));
        Assert.Equal("asked to run now", ((JobDecision.Moved)change.Decision!).Detail);
        Assert.IsType<JobDecision.Unchanged>((await ChangeAsync(later.Id, new JobCommand.RunNow())).Decision);
        _time.Advance(TimeSpan.FromSeconds(1));
        await SubmitAsync(due);
        Assert.Equal([later.Id, due.Id], (await ClaimAsync(5)).Taken.Select(job => job.Row.Id));
        await CleanAsync();
    }

    [Fact]
    public async Task A_retry_that_is_run_now_keeps_its_counts()
    {
        var run = await RunningAsync();
        await ChangeAsync(run.Row.Id, new JobCommand.Fail(run.Row.Run!.Value, new TaskError("x", "y"), 1));
        var now = (await ChangeAsync(run.Row.Id, new JobCommand.RunNow())).Now!.Row;
        Assert.Equal((JobState.Queued, 1, 0), (now.State, now.Attempt, now.Excused));
        Assert.Equal(2, Assert.Single((await ClaimAsync(1)).Taken).Row.Attempt);
        await CleanAsync();
    }

    [Fact]
    public async Task An_edited_job_stands_where_its_new_members_say()
    {
        var row = Row() with { Tags = ["a", "b"] };
        await SubmitAsync(row);
        var edited = (await ChangeAsync(row.Id, new JobCommand.Edit(9, "other", null, ["b", "c"]))).Now!.Row;
        Assert.Equal((9, "other", 2L, JobState.Queued), (edited.Priority, edited.Queue, edited.Version, edited.State));

        var read = (await ReadAsync(row.Id))!.Row;
        Assert.True(Same(edited, read));
        Assert.Equal(["b", "c"], read.Tags);
        Assert.Empty((await ClaimAsync(1)).Taken);
        Assert.Empty(await PagesAsync(new JobQuery { Namespace = Namespace.Default, Tag = "a", Limit = 5 }));
        Assert.Equal([row.Id], await PagesAsync(new JobQuery { Namespace = Namespace.Default, Tag = "c", Limit = 5 }));
        Assert.Equal([("other", 1L)], (await Store.CountAsync(null, default)).Where(count => count.Count > 0).Select(count => (count.Queue, count.Count)));
        await CleanAsync();
    }

    [Fact]
    public async Task A_new_time_puts_a_queued_job_aside_and_brings_a_scheduled_one_back()
    {
        var row = Row();
        await SubmitAsync(row);
        var later = await ChangeAsync(row.Id, new JobCommand.Edit(null, null, _time.GetUtcNow().AddMinutes(5), null));
        Assert.Equal(JobState.Scheduled, later.Now!.Row.State);
        Assert.Empty((await ClaimAsync(1)).Taken);
        Assert.Equal(JobState.Queued, (await ChangeAsync(row.Id, new JobCommand.Edit(null, null, _time.GetUtcNow(), null))).Now!.Row.State);
        Assert.Single((await ClaimAsync(1)).Taken);
        await CleanAsync();
    }

    [Fact]
    public async Task An_edit_that_changes_nothing_writes_nothing_and_one_of_another_version_is_refused()
    {
        var row = Row() with { Tags = ["a"] };
        await SubmitAsync(row);
        Assert.IsType<JobDecision.Unchanged>((await ChangeAsync(row.Id, new JobCommand.Edit(5, "default", null, ["a"]))).Decision);
        var refused = await ChangeAsync(row.Id, new JobCommand.Edit(6, null, null, null) { IfVersion = [2, 3] });
        Assert.Equal("precondition-failed", Assert.IsType<JobDecision.Refused>(refused.Decision).Refusal.Code);
        Assert.IsType<JobDecision.Moved>((await ChangeAsync(row.Id, new JobCommand.Edit(6, null, null, null) { IfVersion = [1] })).Decision);
        Assert.Equal(2, (await ReadAsync(row.Id))!.Row.Version);
        await CleanAsync();
    }

    [Fact]
    public async Task A_job_that_runs_or_is_final_cannot_be_edited_and_is_told_what_can_be_done()
    {
        var run = await RunningAsync();
        var refused = Assert.IsType<JobDecision.Refused>((await ChangeAsync(run.Row.Id, new JobCommand.Edit(6, null, null, null))).Decision).Refusal;
        Assert.Equal(("state-conflict", "cancel"), (refused.Code, Assert.Single(refused.Allowed)));
        await ChangeAsync(run, new JobCommand.Finish(run.Row.Run!.Value, false), "1");
        refused = Assert.IsType<JobDecision.Refused>((await ChangeAsync(run.Row.Id, new JobCommand.RunNow())).Decision).Refusal;
        Assert.Equal(["rerun", "delete"], refused.Allowed);
        Assert.Contains("Allowed now: rerun, delete.", refused.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deleted_job_is_gone_with_all_that_is_its_own()
    {
        var row = Row() with { Tags = ["a"] };
        await SubmitAsync(row);
        var early = new JobWrite.Delete(Namespace.Default, row.Id);
        await PostAsync(early);
        Assert.Equal("state-conflict", early.Refusal!.Code);
        Assert.Equal(["cancel", "edit"], early.Refusal.Allowed);

        await ChangeAsync(row.Id, new JobCommand.Cancel());
        var elsewhere = new JobWrite.Delete(Other, row.Id);
        await PostAsync(elsewhere);
        Assert.Equal((null, null), (elsewhere.Deleted, elsewhere.Refusal));
        var delete = new JobWrite.Delete(Namespace.Default, row.Id);
        await PostAsync(delete);
        Assert.Equal(row.Id, delete.Deleted!.Row.Id);
        Assert.Null(await ReadAsync(row.Id));
        Assert.Null(await Store.ReadHistoryAsync(Namespace.Default, row.Id, default));
        Assert.Empty(await PagesAsync(new JobQuery { Namespace = Namespace.Default, Tag = "a", Limit = 5 }));
        Assert.Equal(0, (await Store.CountAsync(null, default)).Sum(count => count.Count));
        Assert.All((await _storage.Feed.ReadAsync(FeedPlace.Start, null, 10, default)).Rows, told => Assert.Null(told.Job));
        await CleanAsync();

        var again = new JobWrite.Delete(Namespace.Default, row.Id);
        await PostAsync(again);
        Assert.Equal((null, null), (again.Deleted, again.Refusal));
        Assert.IsType<SubmitOutcome.Accepted>(await SubmitAsync(row));
        Assert.Single((await Store.ReadHistoryAsync(Namespace.Default, row.Id, default))!.Rows);
        await CleanAsync();
    }
}
