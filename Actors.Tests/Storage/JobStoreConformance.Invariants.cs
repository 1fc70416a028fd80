using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Storage;

/// <content>Invariants of submissions and rows, each under its number.</content>
public abstract partial class JobStoreConformance
{
    [Fact]
    public async Task INV_02_a_refused_submission_leaves_no_job()
    {
        var taken = Unique("k");
        await SubmitAsync(taken, key: "i");
        var before = await RowsAsync();
        foreach (var (row, key) in new (JobRow, string?)[]
        {
            (taken with { Digest = Guid.NewGuid() }, null), (Row(), "i"), (Unique("k", UniquePolicy.Reject), null), (Unique("k", UniquePolicy.Reject), "new"),
        })
        {
            Assert.IsType<SubmitOutcome.Refused>(await SubmitAsync(row, key: key));
            var batch = new JobWrite.Submit([New(Row()), New(row, key: key), New(Row())], atomic: true);
            await PostAsync(batch);
            Assert.All(batch.Outcomes, outcome => Assert.IsType<SubmitOutcome.Refused>(outcome));
        }
        Assert.Equal(before, await RowsAsync());
        await CleanAsync();
    }

    [Fact]
    public async Task INV_03_a_key_and_body_name_one_job_however_many_send_them_at_once()
    {
        var digest = Guid.NewGuid();
        var writes = Enumerable.Range(0, 100).Select(_ => new JobWrite.Submit([New(Row() with { Digest = digest }, key: "k")])).ToArray();
        await Task.WhenAll(writes.Select(PostAsync));
        var jobs = writes.Select(write => write.Outcomes[0]).Select(outcome => outcome switch
        {
            SubmitOutcome.Accepted accepted => accepted.Job,
            SubmitOutcome.Replayed replayed => replayed.Job,
            _ => throw new InvalidOperationException($"{outcome}"),
        }).Select(job => job.Row.Id).Distinct();
        Assert.Single(jobs);
        Assert.Single(writes, write => write.Outcomes[0] is SubmitOutcome.Accepted);
        var before = await RowsAsync();
        var other = Assert.IsType<SubmitOutcome.Refused>(await SubmitAsync(Row(), key: "k"));
        Assert.Equal("idempotency-mismatch", other.Refusal.Code);
        Assert.Equal(before, await RowsAsync());
    }

    [Fact]
    public async Task INV_03_a_key_that_a_deleted_job_freed_names_one_job_again()
    {
        var digest = Guid.NewGuid();
        string[] keys = [.. Enumerable.Range(0, 8).Select(i => $"k{i}")];
        foreach (var key in keys)
        {
            var old = Assert.IsType<SubmitOutcome.Accepted>(await SubmitAsync(Row() with { Digest = digest }, key: key)).Job.Row.Id;
            await ChangeAsync(old, new JobCommand.Cancel());
            await PostAsync(new JobWrite.Delete(Namespace.Default, old));
            Assert.Null(await ReadAsync(old));
        }
        var writes = keys.SelectMany(key => Enumerable.Range(0, 6).Select(_ => (Key: key, Write: new JobWrite.Submit([New(Row() with { Digest = digest }, key: key)])))).ToArray();
        await Task.WhenAll(writes.Select(write => PostAsync(write.Write)));
        foreach (var of in writes.GroupBy(write => write.Key, write => write.Write.Outcomes[0])) Assert.Single(of, outcome => outcome is SubmitOutcome.Accepted);
        Assert.All(writes, write => Assert.True(write.Write.Outcomes[0] is SubmitOutcome.Accepted or SubmitOutcome.Replayed, $"{write.Write.Outcomes[0]}"));
    }

    [Fact]
    public async Task INV_04_a_final_state_stands_whatever_is_asked()
    {
        foreach (var final in JobStates.All.Where(state => state.IsFinal))
        {
            var (id, run) = await FinalAsync(final);
            var before = (await ReadAsync(id))!;
            Assert.Equal(final, before.Row.State);
            foreach (var command in AnyCommand(run)) await ChangeAsync(id, command);
            _time.Advance(TimeSpan.FromDays(1));
            await PostAsync(new JobWrite.Sweep(100));
            await PostAsync(new JobWrite.Reap([], 100));
            Assert.DoesNotContain(id, (await ClaimAsync(100)).Taken.Select(job => job.Row.Id));
            Assert.True(Same(before.Row, (await ReadAsync(id))!.Row));
            Assert.Single((await Store.ReadHistoryAsync(Namespace.Default, id, default))!.Rows, row => row.To.IsFinal);
        }
        await CleanAsync();
    }

    [Fact]
    public async Task INV_06_a_row_and_its_newest_history_row_agree_and_no_version_is_missing()
    {
        var random = new Random(11);
        var ids = new List<JobId>();
        for (var step = 0; step < FullRun.Of(300, 120); step++)
        {
            if (step % 4 == 0) ids.Add(Assert.IsType<SubmitOutcome.Accepted>(await SubmitAsync(Row() with { MaxAttempts = 2 })).Job.Row.Id);
            if (step % 5 == 0) await ClaimAsync(1);
            var id = ids[random.Next(ids.Count)];
            var commands = AnyCommand((await ReadAsync(id))!.Row.Run ?? default).ToArray();
            await PostAsync(new JobWrite.Change(Namespace.Default, id, commands[random.Next(commands.Length)]) { Result = "1"u8.ToArray() });
            if (step % 7 == 0) _time.Advance(TimeSpan.FromSeconds(1));
            if (step % 9 == 0) await PostAsync(new JobWrite.Sweep(10));
        }
        foreach (var id in ids)
        {
            var (row, history) = ((await ReadAsync(id))!.Row, (await Store.ReadHistoryAsync(Namespace.Default, id, default))!.Rows);
            Assert.Equal((row.State, row.Version, row.HistorySeq), (history[^1].To, history[^1].Version, history[^1].Seq));
            Assert.Equal(Enumerable.Range(1, history.Count).Select(version => (long)version), history.Select(entry => entry.Version));
            Assert.All(history.Zip(history.Skip(1)), pair => Assert.Equal(pair.First.To, pair.Second.From));
        }
        await CleanAsync();
    }

    [Fact]
    public async Task INV_07_a_batch_is_all_or_nothing_or_answers_item_by_item()
    {
        var taken = Row();
        await SubmitAsync(taken);
        NewJob[] Batch() => [.. Enumerable.Range(0, 1_000).Select(i => New(i == 500 ? taken with { Digest = Guid.NewGuid() } : Row()))];

        var atomic = new JobWrite.Submit(Batch(), atomic: true);
        await PostAsync(atomic);
        Assert.All(atomic.Outcomes, outcome => Assert.IsType<SubmitOutcome.Refused>(outcome));
        Assert.Equal(1, (await Store.CountAsync(null, default)).Sum(count => count.Count));

        var each = new JobWrite.Submit(Batch());
        await PostAsync(each);
        Assert.Equal([500], each.Outcomes.Index().Where(outcome => outcome.Item is SubmitOutcome.Refused).Select(outcome => outcome.Index));
        Assert.Equal(1_000, (await Store.CountAsync(null, default)).Sum(count => count.Count));
        await CleanAsync();
    }

    [Fact]
    public async Task INV_27_a_delayed_job_never_starts_early_and_has_no_owner_while_it_waits()
    {
        var row = Row() with { RunAt = _time.GetUtcNow().AddMinutes(10) };
        await SubmitAsync(row);
        for (var minute = 0; minute < 10; minute++)
        {
            await PostAsync(new JobWrite.Sweep(10));
            Assert.Empty((await ClaimAsync(10)).Taken);
            var waiting = (await ReadAsync(row.Id))!.Row;
            Assert.Equal((JobState.Scheduled, 0, null, null), (waiting.State, waiting.Attempt, waiting.Run, waiting.Node));
            _time.Advance(TimeSpan.FromMinutes(1) - TimeSpan.FromMilliseconds(minute == 9 ? 1 : 0));
        }
        await PostAsync(new JobWrite.Sweep(10));
        Assert.Empty((await ClaimAsync(10)).Taken);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await PostAsync(new JobWrite.Sweep(10));
        var started = Assert.Single((await ClaimAsync(10)).Taken).Row;
        Assert.True(started.StartedAt >= row.RunAt);
        await CleanAsync();
    }

    [Fact]
    public async Task An_expired_job_frees_its_key_and_tells_of_its_end_once()
    {
        var row = Unique("k") with { ExpiresAt = _time.GetUtcNow().AddSeconds(5), RunAt = _time.GetUtcNow().AddHours(1) };
        await SubmitAsync(row);
        _time.Advance(TimeSpan.FromSeconds(5));
        var sweep = new JobWrite.Sweep(10);
        await PostAsync(sweep);
        Assert.Equal([(row.Id, JobState.Expired)], sweep.Moved.Select(job => (job.Row.Id, job.Row.State)));
        await PostAsync(sweep = new JobWrite.Sweep(10));
        Assert.Empty(sweep.Moved);
        Assert.IsType<SubmitOutcome.Accepted>(await SubmitAsync(Unique("k", UniquePolicy.Reject)));
        await CleanAsync();
    }

    /// <summary>One command of each kind, the reports for a given run.</summary>
    private static IEnumerable<JobCommand> AnyCommand(Run run) =>
    [
        new JobCommand.Finish(run, false), new JobCommand.Fail(run, new TaskError("x", "y"), 1), new JobCommand.Snooze(run, TimeSpan.FromSeconds(1)),
        new JobCommand.Stop(run), new JobCommand.HandBack(run), new JobCommand.Lose(run, 0), new JobCommand.Cancel(), new JobCommand.RunNow(),
        new JobCommand.Edit(7, null, null, null), new JobCommand.Unhold(JobState.Queued, null), new JobCommand.Supersede(new JobId(Guid.CreateVersion7())),
        new JobCommand.Release(), new JobCommand.Expire(),
    ];

    private async Task<(JobId Id, Run Run)> FinalAsync(JobState state)
    {
        var row = Row() with { MaxAttempts = 1, ExpiresAt = _time.GetUtcNow().AddSeconds(1) };
        await SubmitAsync(row);
        if (state == JobState.Expired)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await PostAsync(new JobWrite.Sweep(10));
            return (row.Id, default);
        }
        var job = Assert.Single((await ClaimAsync(1)).Taken);
        var run = job.Row.Run!.Value;
        if (state == JobState.Succeeded) await ChangeAsync(job, new JobCommand.Finish(run, false), "1");
        else if (state == JobState.Failed) await ChangeAsync(row.Id, new JobCommand.Fail(run, new TaskError("x", "y"), 1));
        else
        {
            await ChangeAsync(row.Id, new JobCommand.Cancel());
            await ChangeAsync(row.Id, new JobCommand.Stop(run));
        }
        return (row.Id, run);
    }

    /// <summary>Every job's id and version.</summary>
    private async Task<List<(JobId Id, long Version)>> RowsAsync() =>
        [.. (await Store.ListAsync(new JobQuery { Namespace = Namespace.Default, Limit = 500 }, default)).Rows.Select(job => (job.Row.Id, job.Row.Version))];
}
