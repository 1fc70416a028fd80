using ActorPerf.Jobs;
using ActorPerf.Storage;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Storage;

/// <content>Unique keys: who gets one, what others are answered, and when it is free again.</content>
public abstract partial class JobStoreConformance
{
    [Fact]
    public async Task Every_submitted_member_is_read_back()
    {
        var row = Row() with
        {
            UniqueKey = "k", UniquePolicy = UniquePolicy.Replace, UniqueUntil = UniqueUntil.Started, LimitKey = "eu", Callback = "https://example.com/hook",
            RerunOf = new JobId(Guid.CreateVersion7()), Workflow = "w", Schedule = "s",
        };
        await SubmitAsync(row);
        var read = (await ReadAsync(row.Id))!.Row;
        Assert.Equal(
            (row.UniqueKey, row.UniquePolicy, row.UniqueUntil, row.LimitKey, row.Callback, row.RerunOf, row.Workflow, row.Schedule),
            (read.UniqueKey, read.UniquePolicy, read.UniqueUntil, read.LimitKey, read.Callback, read.RerunOf, read.Workflow, read.Schedule));
    }

    [Fact]
    public async Task A_second_job_with_the_key_is_answered_with_the_first_until_that_is_final()
    {
        var first = Unique("k");
        await SubmitAsync(first);
        Assert.Equal(first.Id, Assert.IsType<SubmitOutcome.Deduplicated>(await SubmitAsync(Unique("k"))).Job.Row.Id);
        var run = Assert.Single((await ClaimAsync(2)).Taken);
        Assert.Equal(first.Id, Assert.IsType<SubmitOutcome.Deduplicated>(await SubmitAsync(Unique("k"))).Job.Row.Id);
        await ChangeAsync(run, new JobCommand.Finish(run.Row.Run!.Value, false), "1");
        Assert.IsType<SubmitOutcome.Accepted>(await SubmitAsync(Unique("k")));
        await CleanAsync();
    }

    [Fact]
    public async Task Another_key_or_namespace_is_no_conflict()
    {
        await SubmitAsync(Unique("k"));
        Assert.IsType<SubmitOutcome.Accepted>(await SubmitAsync(Unique("K")));
        Assert.IsType<SubmitOutcome.Accepted>(await SubmitAsync(Unique("k") with { Namespace = Other }));
        Assert.IsType<SubmitOutcome.Accepted>(await SubmitAsync(Row()));
        await CleanAsync();
    }

    [Fact]
    public async Task A_key_that_refuses_names_the_job_that_holds_it()
    {
        var first = Unique("k");
        await SubmitAsync(first);
        var refused = Assert.IsType<SubmitOutcome.Refused>(await SubmitAsync(Unique("k", UniquePolicy.Reject))).Refusal;
        Assert.Equal("unique-conflict", refused.Code);
        Assert.Contains(first.Id.ToString(), refused.Detail, StringComparison.Ordinal);
        Assert.Equal(1, (await Store.CountAsync(null, default)).Sum(count => count.Count));
        await CleanAsync();
    }

    [Fact]
    public async Task A_newer_job_replaces_one_that_waits_and_everybody_hears_of_it()
    {
        var first = Unique("k") with { RunAt = _time.GetUtcNow().AddHours(1) };
        await SubmitAsync(first);
        var second = Unique("k", UniquePolicy.Replace);
        var write = new JobWrite.Submit([New(second)]);
        await PostAsync(write);

        Assert.Equal(second.Id, Assert.IsType<SubmitOutcome.Accepted>(write.Outcomes[0]).Job.Row.Id);
        var (followed, from) = Assert.Single(write.Followed);
        Assert.Equal((first.Id, JobState.Scheduled, JobState.Cancelled), (followed.Row.Id, from, followed.Row.State));
        var history = (await Store.ReadHistoryAsync(Namespace.Default, first.Id, default))!.Rows;
        Assert.Equal($"replaced by job {second.Id}", history[^1].Detail);
        Assert.Equal(JobState.Cancelled, (await ReadAsync(first.Id))!.Row.State);
        Assert.Equal(second.Id, Assert.IsType<SubmitOutcome.Deduplicated>(await SubmitAsync(Unique("k"))).Job.Row.Id);
        await CleanAsync();
    }

    [Fact]
    public async Task A_job_that_runs_is_not_replaced()
    {
        await SubmitAsync(Unique("k"));
        var run = Assert.Single((await ClaimAsync(1)).Taken);
        Assert.Equal(run.Row.Id, Assert.IsType<SubmitOutcome.Deduplicated>(await SubmitAsync(Unique("k", UniquePolicy.Replace))).Job.Row.Id);
        await ChangeAsync(run.Row.Id, new JobCommand.Cancel());
        Assert.Equal(run.Row.Id, Assert.IsType<SubmitOutcome.Deduplicated>(await SubmitAsync(Unique("k", UniquePolicy.Replace))).Job.Row.Id);
        await CleanAsync();
    }

    [Fact]
    public async Task A_key_until_started_is_free_from_the_first_run_on()
    {
        await SubmitAsync(Unique("k") with { UniqueUntil = UniqueUntil.Started });
        Assert.IsType<SubmitOutcome.Deduplicated>(await SubmitAsync(Unique("k")));
        var first = Assert.Single((await ClaimAsync(1)).Taken);
        var second = Unique("k");
        Assert.IsType<SubmitOutcome.Accepted>(await SubmitAsync(second));
        // The first waits for another attempt: it does not take the key back, and its end does not free the second's.
        await ChangeAsync(first.Row.Id, new JobCommand.Fail(first.Row.Run!.Value, new TaskError("x", "y"), 1));
        await CleanAsync();
        await ChangeAsync(first.Row.Id, new JobCommand.Cancel());
        Assert.Equal(second.Id, Assert.IsType<SubmitOutcome.Deduplicated>(await SubmitAsync(Unique("k"))).Job.Row.Id);
        await CleanAsync();
    }

    [Theory]
    [InlineData("cancel")]
    [InlineData("fail")]
    [InlineData("expire")]
    [InlineData("expired-claim")]
    [InlineData("lose")]
    public async Task Every_way_to_a_final_state_frees_the_key(string end)
    {
        var row = Unique("k") with { MaxAttempts = 1, WhenLost = WhenLost.Fail, ExpiresAt = end.StartsWith("expire", StringComparison.Ordinal) ? _time.GetUtcNow().AddSeconds(1) : null };
        await SubmitAsync(row);
        switch (end)
        {
            case "cancel": await ChangeAsync(row.Id, new JobCommand.Cancel()); break;
            case "fail":
                var run = Assert.Single((await ClaimAsync(1)).Taken).Row.Run!.Value;
                await ChangeAsync(row.Id, new JobCommand.Fail(run, new TaskError("x", "y"), 1));
                break;
            case "lose":
                await ClaimAsync(1);
                await PostAsync(new JobWrite.Reap([NodeB], 10));
                break;
            case "expire":
                _time.Advance(TimeSpan.FromSeconds(2));
                await PostAsync(new JobWrite.Sweep(10));
                break;
            default:
                _time.Advance(TimeSpan.FromSeconds(2));
                await ClaimAsync(1);
                break;
        }
        Assert.True((await ReadAsync(row.Id))!.Row.State.IsFinal);
        await CleanAsync();
        Assert.IsType<SubmitOutcome.Accepted>(await SubmitAsync(Unique("k", UniquePolicy.Reject)));
    }

    [Fact]
    public async Task Time_alone_frees_no_key()
    {
        var first = Unique("k") with { RunAt = _time.GetUtcNow().AddDays(300) };
        await SubmitAsync(first);
        _time.Advance(TimeSpan.FromDays(299));
        Assert.Equal(first.Id, Assert.IsType<SubmitOutcome.Deduplicated>(await SubmitAsync(Unique("k"))).Job.Row.Id);
    }

    [Fact]
    public async Task Within_a_batch_the_first_takes_the_key_and_the_others_meet_it()
    {
        var (first, replacing) = (Unique("k"), Unique("k", UniquePolicy.Replace));
        var write = new JobWrite.Submit([New(first), New(Unique("k")), New(Unique("k", UniquePolicy.Reject)), New(replacing), New(Unique("other"))]);
        await PostAsync(write);
        Assert.IsType<SubmitOutcome.Accepted>(write.Outcomes[0]);
        Assert.Equal(first.Id, Assert.IsType<SubmitOutcome.Deduplicated>(write.Outcomes[1]).Job.Row.Id);
        Assert.Equal("unique-conflict", Assert.IsType<SubmitOutcome.Refused>(write.Outcomes[2]).Refusal.Code);
        Assert.Equal(replacing.Id, Assert.IsType<SubmitOutcome.Accepted>(write.Outcomes[3]).Job.Row.Id);
        Assert.IsType<SubmitOutcome.Accepted>(write.Outcomes[4]);
        Assert.Equal(first.Id, Assert.Single(write.Followed).Job.Row.Id);
        await CleanAsync();
    }

    [Fact]
    public async Task An_atomic_batch_that_is_refused_replaces_nobody_and_takes_no_key()
    {
        var waiting = Unique("k");
        await SubmitAsync(waiting);
        await SubmitAsync(Unique("taken"));
        var write = new JobWrite.Submit(
            [
                New(Unique("k", UniquePolicy.Replace)), New(Unique("k", UniquePolicy.Replace)), New(Unique("free")),
                New(Unique("k"), key: "kept"), New(Unique("taken", UniquePolicy.Reject)),
            ], atomic: true);
        await PostAsync(write);
        Assert.Equal(
            ["batch-refused", "batch-refused", "batch-refused", "batch-refused", "unique-conflict"],
            write.Outcomes.Select(outcome => Assert.IsType<SubmitOutcome.Refused>(outcome).Refusal.Code));
        Assert.Empty(write.Followed);
        await CleanAsync();
        Assert.Equal((JobState.Queued, 1L), ((await ReadAsync(waiting.Id))!.Row.State, (await ReadAsync(waiting.Id))!.Row.Version));
        Assert.Single((await Store.ReadHistoryAsync(Namespace.Default, waiting.Id, default))!.Rows);
        Assert.IsType<SubmitOutcome.Accepted>(await SubmitAsync(Unique("free", UniquePolicy.Reject)));
        Assert.IsType<SubmitOutcome.Accepted>(await SubmitAsync(Row(), key: "kept"));
        Assert.Equal(waiting.Id, Assert.IsType<SubmitOutcome.Deduplicated>(await SubmitAsync(Unique("k"))).Job.Row.Id);
    }

    [Fact]
    public async Task A_job_started_at_once_holds_its_key_while_it_runs_or_not_at_all()
    {
        var (finished, started) = (Unique("f"), Unique("s") with { UniqueUntil = UniqueUntil.Started });
        var write = await SubmitAtOnceAsync(3, atomic: false, finished, started, started with { Id = new JobId(Guid.CreateVersion7()) });
        Assert.Equal(3, write.AtOnce!.Taken.Count);
        Assert.IsType<SubmitOutcome.Deduplicated>(await SubmitAsync(Unique("f", UniquePolicy.Replace)));
        Assert.IsType<SubmitOutcome.Accepted>(await SubmitAsync(Unique("s", UniquePolicy.Reject)));
        await CleanAsync();
    }

    [Fact]
    public async Task Id_and_idempotency_key_speak_before_the_unique_key()
    {
        var first = Unique("k", UniquePolicy.Reject);
        await SubmitAsync(first, key: "i");
        // The same id and body is the same job, though its key is taken, by itself.
        Assert.IsType<SubmitOutcome.Deduplicated>(await SubmitAsync(first));
        Assert.Equal("id-conflict", Assert.IsType<SubmitOutcome.Refused>(await SubmitAsync(first with { Digest = Guid.NewGuid() })).Refusal.Code);
        Assert.IsType<SubmitOutcome.Replayed>(await SubmitAsync(Unique("k", UniquePolicy.Reject) with { Digest = first.Digest }, key: "i"));
        Assert.Equal("idempotency-mismatch", Assert.IsType<SubmitOutcome.Refused>(await SubmitAsync(Unique("k", UniquePolicy.Replace), key: "i")).Refusal.Code);
        await CleanAsync();
    }

    [Fact]
    public async Task A_submission_that_met_a_holder_is_answered_with_it_for_a_day()
    {
        var first = Unique("k");
        await SubmitAsync(first);
        var second = Unique("k");
        await SubmitAsync(second, key: "i");
        await ChangeAsync(first.Id, new JobCommand.Cancel());
        Assert.Equal(first.Id, Assert.IsType<SubmitOutcome.Replayed>(await SubmitAsync(second with { Id = new JobId(Guid.CreateVersion7()) }, key: "i")).Job.Row.Id);
    }

    [Fact]
    public async Task A_random_walk_leaves_no_key_behind()
    {
        var random = new Random(5);
        for (var step = 0; step < 400; step++)
        {
            switch (random.Next(8))
            {
                case 0 or 1 or 2:
                    await SubmitAsync(Unique($"k{random.Next(4)}", (UniquePolicy)random.Next(3)) with
                    {
                        UniqueUntil = (UniqueUntil)random.Next(2), MaxAttempts = 2, RunAt = random.Next(3) == 0 ? _time.GetUtcNow().AddSeconds(random.Next(20)) : default,
                        ExpiresAt = random.Next(4) == 0 ? _time.GetUtcNow().AddSeconds(10) : null,
                    });
                    break;
                case 3: await ClaimAsync(1, random.Next(2) == 0 ? NodeA : NodeB); break;
                case 4:
                    foreach (var job in (await Store.ReadRunningAsync(NodeA, default)).Take(2))
                        await ChangeAsync(job, random.Next(2) == 0 ? new JobCommand.Finish(job.Row.Run!.Value, false) : new JobCommand.Fail(job.Row.Run!.Value, new TaskError("x", "y"), 0), "1");
                    break;
                case 5: await PostAsync(new JobWrite.Reap([NodeA], 10)); break;
                case 6:
                    _time.Advance(TimeSpan.FromSeconds(random.Next(8)));
                    await PostAsync(new JobWrite.Sweep(10));
                    break;
                default:
                    if ((await Store.ListAsync(new JobQuery { Namespace = Namespace.Default, Limit = 5 }, default)).Rows is { Count: > 0 } recent)
                        await ChangeAsync(recent[random.Next(recent.Count)].Row.Id, new JobCommand.Cancel());
                    break;
            }
            if (step % 20 == 0) await CleanAsync();
        }
        await CleanAsync();
    }

    private static JobRow Unique(string key, UniquePolicy policy = UniquePolicy.Return) => Row() with { UniqueKey = key, UniquePolicy = policy };
}
