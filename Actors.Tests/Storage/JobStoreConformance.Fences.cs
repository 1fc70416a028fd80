using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Storage;

/// <content>Whose word counts about a run: invariants 10 to 14, each under its number.</content>
public abstract partial class JobStoreConformance
{
    [Fact]
    public async Task INV_10_a_report_that_names_another_owner_lease_or_attempt_changes_nothing()
    {
        var job = await RunningAsync();
        var run = job.Row.Run!.Value;
        foreach (var other in new[] { run with { Owner = NodeB }, run with { Lease = Guid.NewGuid() }, run with { Attempt = 2 }, run with { Attempt = 0 } })
            foreach (var report in Reports(other))
            {
                // With and without what the sender believes to know.
                foreach (var write in new[] { new JobWrite.Change(job, report), new JobWrite.Change(Namespace.Default, job.Row.Id, report) })
                {
                    await PostAsync(write);
                    Assert.Equal("late-report", Assert.IsType<JobDecision.Refused>(write.Decision).Refusal.Code);
                }
            }
        Assert.True(Same(job.Row, (await ReadAsync(job.Row.Id))!.Row));
        await CleanAsync();
    }

    [Fact]
    public async Task INV_11_a_stale_run_s_report_and_checkpoint_are_refused_while_the_next_one_runs()
    {
        await SubmitAsync(Row() with { Backoff = new BackoffPolicy(TimeSpan.FromMilliseconds(1), 1, TimeSpan.FromMilliseconds(1)) });
        var stale = Assert.Single((await ClaimAsync(1)).Taken);
        await PostAsync(new JobWrite.Reap([NodeB], 10));
        _time.Advance(TimeSpan.FromSeconds(1));
        await PostAsync(new JobWrite.Sweep(10));
        var fresh = Assert.Single((await ClaimAsync(1, NodeB)).Taken);

        foreach (var report in Reports(stale.Row.Run!.Value))
        {
            var write = new JobWrite.Change(stale, report) { Result = "\"stale\""u8.ToArray(), Checkpoint = "1"u8.ToArray() };
            await PostAsync(write);
            Assert.Equal("late-report", Assert.IsType<JobDecision.Refused>(write.Decision).Refusal.Code);
        }
        var save = new JobWrite.Save(stale, stale.Row.Run!.Value, "1"u8.ToArray());
        await PostAsync(save);
        Assert.False(save.Saved);
        Assert.True(Same(fresh.Row, (await ReadAsync(stale.Row.Id))!.Row));
        await ChangeAsync(fresh, new JobCommand.HandBack(fresh.Row.Run!.Value), null);
        Assert.Null(Assert.Single((await ClaimAsync(1)).Taken).Checkpoint);
        await CleanAsync();
    }

    [Fact]
    public async Task INV_12_the_reaper_leaves_alone_what_ended_and_what_lives()
    {
        var (ended, living) = (await RunningAsync(), await RunningAsync());
        var finish = new JobWrite.Change(ended, new JobCommand.Finish(ended.Row.Run!.Value, false)) { Result = "1"u8.ToArray() };
        var reap = new JobWrite.Reap([NodeB], 10);
        await Task.WhenAll(PostAsync(finish), PostAsync(reap));            // one transaction, as often as not
        // Where several connections write, the reaper may be the first; then the report is late.
        var reaped = finish.Decision is JobDecision.Refused;
        Assert.Equal(reaped ? [ended.Row.Id, living.Row.Id] : [living.Row.Id], reap.Moved.Select(job => job.Row.Id));
        Assert.Equal(reaped ? JobState.Retrying : JobState.Succeeded, (await ReadAsync(ended.Row.Id))!.Row.State);

        var alive = await RunningAsync();
        await PostAsync(reap = new JobWrite.Reap([NodeA], 10));
        Assert.Empty(reap.Moved);
        Assert.True(Same(alive.Row, (await ReadAsync(alive.Row.Id))!.Row));
        await CleanAsync();
    }

    [Fact]
    public async Task The_reaper_leaves_alone_what_began_after_it_read_who_lives()
    {
        var old = await RunningAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        var read = _time.GetUtcNow();
        var young = await RunningAsync();
        JobWrite.Reap reap;
        await PostAsync(reap = new JobWrite.Reap([NodeB], 10) { Before = read });
        Assert.Equal([old.Row.Id], reap.Moved.Select(job => job.Row.Id));
        await PostAsync(reap = new JobWrite.Reap([NodeB], 10) { Before = read + TimeSpan.FromSeconds(1) });
        Assert.Equal([young.Row.Id], reap.Moved.Select(job => job.Row.Id));
        await CleanAsync();
    }

    [Fact]
    public async Task INV_13_however_many_claim_at_once_a_job_has_one_run()
    {
        for (var i = 0; i < 40; i++) await SubmitAsync(Row());
        var claims = Enumerable.Range(0, 16).Select(i => new JobWrite.Claim("default", 5, i % 2 == 0 ? NodeA : NodeB, "n")).ToArray();
        await Task.WhenAll(claims.Select(PostAsync));
        var taken = claims.SelectMany(claim => claim.Taken).ToArray();
        Assert.Equal((40, 40, 40), (taken.Length, taken.Select(job => job.Row.Id).Distinct().Count(), taken.Select(job => job.Row.Run!.Value.Lease).Distinct().Count()));
        await CleanAsync();
    }

    [Fact]
    public async Task A_node_that_was_downed_is_given_nothing_even_before_it_knows()
    {
        var self = new Member("a", "http://a", ["compute"], MemberStatus.Joining, false, "1.0.0", NodeA.Value, default, default, 0, 0, 0, ["default"]);
        await _storage.Members.ApplyAsync(new MemberCommand.Join(self, TimeSpan.FromSeconds(30)), default);
        await SubmitAsync(Row());
        Assert.Single((await ClaimAsync(1)).Taken);
        await _storage.Members.ApplyAsync(new MemberCommand.Down("a"), default);

        var submit = await SubmitAtOnceAsync(1, atomic: false, Row());
        Assert.Empty(submit.AtOnce!.Taken);
        Assert.Equal(JobState.Queued, Assert.IsType<SubmitOutcome.Accepted>(submit.Outcomes[0]).Job.Row.State);
        Assert.Empty((await ClaimAsync(1)).Taken);
        await PostAsync(new JobWrite.SetQueue("default", new QueueChange { Concurrency = new Setting<int>(9) }));
        Assert.Empty((await ClaimAsync(1)).Taken);
        Assert.Single((await ClaimAsync(1, NodeB)).Taken);
        await CleanAsync();
    }

    [Fact]
    public async Task INV_14_a_second_run_starts_only_after_the_first_has_ended_or_was_lost()
    {
        var job = await RunningAsync();
        Assert.Empty((await ClaimAsync(5, NodeB)).Taken);
        await PostAsync(new JobWrite.Change(Namespace.Default, job.Row.Id, new JobCommand.RunNow()));
        await PostAsync(new JobWrite.Sweep(10));
        Assert.Empty((await ClaimAsync(5, NodeB)).Taken);
        await PostAsync(new JobWrite.Reap([NodeB], 10));
        _time.Advance(TimeSpan.FromMinutes(1));
        await PostAsync(new JobWrite.Sweep(10));
        Assert.Equal(2, Assert.Single((await ClaimAsync(5, NodeB)).Taken).Row.Attempt);
        var rows = (await Store.ReadHistoryAsync(Namespace.Default, job.Row.Id, default))!.Rows;
        Assert.Equal([JobState.Queued, JobState.Running, JobState.Retrying, JobState.Queued, JobState.Running], rows.Select(row => row.To));
    }

    private static IEnumerable<JobCommand> Reports(Run run) =>
    [
        new JobCommand.Finish(run, false), new JobCommand.Fail(run, new TaskError("x", "y"), 1), new JobCommand.Snooze(run, TimeSpan.FromSeconds(1)),
        new JobCommand.Park(run), new JobCommand.Stop(run), new JobCommand.HandBack(run), new JobCommand.Lose(run, 0),
    ];
}
