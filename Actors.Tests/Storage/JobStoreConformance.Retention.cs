using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Storage;

/// <content>What retention deletes, and what it leaves.</content>
public abstract partial class JobStoreConformance
{
    [Fact]
    public async Task Each_final_state_is_kept_its_own_time()
    {
        var rules = Rules(new RetentionOptions
        {
            Succeeded = TimeSpan.FromDays(1), Failed = TimeSpan.FromDays(2), Cancelled = TimeSpan.FromDays(3), Expired = TimeSpan.FromDays(4),
        });
        var succeeded = await EndedAsync(run => new JobCommand.Finish(run, false));
        var failed = await EndedAsync(run => new JobCommand.Fail(run, new TaskError("x", "y", Retryable: false), 0));
        var cancelled = await CancelledAsync(Row());
        var expired = (await SubmitAsync(Row() with { ExpiresAt = _time.GetUtcNow().AddMilliseconds(1) }) as SubmitOutcome.Accepted)!.Job.Row.Id;
        _time.Advance(TimeSpan.FromSeconds(1));
        await PostAsync(new JobWrite.Sweep(10));
        await SubmitAsync(Row());
        _time.Advance(TimeSpan.FromSeconds(1));
        JobId[] left = [succeeded, failed, cancelled, expired];
        for (; left.Length > 0; left = left[1..])
        {
            await PruneAllAsync(rules, limit: 2);
            foreach (var id in left) Assert.NotNull(await ReadAsync(id));
            _time.Advance(TimeSpan.FromDays(1));
            await PruneAllAsync(rules, limit: 2);
            Assert.Null(await ReadAsync(left[0]));
        }
        await CleanAsync();
    }

    [Fact]
    public async Task A_tasks_time_goes_before_its_queues_and_that_before_the_nodes()
    {
        var rules = Rules(
            new RetentionOptions(), queue: ("brief", new RetentionPolicy { Cancelled = TimeSpan.FromMinutes(1) }), task: ("dear", new RetentionPolicy { Cancelled = TimeSpan.FromDays(900) }));
        var plain = await CancelledAsync(Row());
        var brief = await CancelledAsync(Row() with { Queue = "brief" });
        var dear = await CancelledAsync(Row() with { Queue = "brief", Task = "dear" });
        await SubmitAsync(Row());
        _time.Advance(TimeSpan.FromMinutes(2));
        await PruneAllAsync(rules);
        await KeptAsync((plain, true), (brief, false), (dear, true));
        _time.Advance(TimeSpan.FromDays(31));
        await PruneAllAsync(rules);
        await KeptAsync((plain, false), (brief, false), (dear, true));
        _time.Advance(TimeSpan.FromDays(900));
        await PruneAllAsync(rules);
        Assert.Null(await ReadAsync(dear));
        await CleanAsync();
    }

    [Fact]
    public async Task A_job_stays_while_an_idempotency_key_answers_with_it()
    {
        var rules = Rules(new RetentionOptions { Cancelled = TimeSpan.FromMinutes(1) });
        var digest = Guid.NewGuid();
        var id = (await SubmitAsync(Row() with { Digest = digest }, key: "k") as SubmitOutcome.Accepted)!.Job.Row.Id;
        await ChangeAsync(id, new JobCommand.Cancel());
        await SubmitAsync(Row());
        _time.Advance(TimeSpan.FromHours(23));
        await PruneAllAsync(rules);
        Assert.Equal(id, Assert.IsType<SubmitOutcome.Replayed>(await SubmitAsync(Row() with { Digest = digest }, key: "k")).Job.Row.Id);
        _time.Advance(TimeSpan.FromHours(2));
        await PruneAllAsync(rules);
        await PruneAllAsync(rules);
        Assert.Null(await ReadAsync(id));
        await CleanAsync();
    }

    [Fact]
    public async Task What_succeeded_in_a_workflow_stays_while_the_rest_can_be_run_again()
    {
        var rules = Rules(new RetentionOptions { Succeeded = TimeSpan.FromDays(1), Failed = TimeSpan.FromDays(3) });
        JobId[] broken = await WorkflowAsync("w", true);
        JobId[] whole = await WorkflowAsync("v", false);
        await SubmitAsync(Row());
        _time.Advance(TimeSpan.FromDays(2));
        await PruneAllAsync(rules, limit: 2);
        await KeptAsync((broken[0], true), (broken[1], true), (whole[0], false), (whole[1], false));
        _time.Advance(TimeSpan.FromDays(2));
        await PruneAllAsync(rules);
        await PruneAllAsync(rules);
        await KeptAsync((broken[0], false), (broken[1], false));
        await CleanAsync();

        async Task<JobId[]> WorkflowAsync(string name, bool fails)
        {
            var id = new WorkflowId(Guid.CreateVersion7());
            var (a, b) = (Row() with { Workflow = id.ToString() }, Row() with { Workflow = id.ToString() });
            await PostAsync(new JobWrite.Submit([New(a), New(b)], atomic: true)
            {
                Workflow = new NewWorkflow(id, Namespace.Default, name, OnFailure.Continue, [new("a", a.Id, default), new("b", b.Id, default)]),
            });
            await EndAsync(a.Id, "1");
            if (fails) await FailAsync(b.Id);
            else await EndAsync(b.Id, "2");
            return [a.Id, b.Id];
        }
    }

    [Fact]
    public async Task A_waiting_job_outlives_its_history()
    {
        var waits = Row() with { RunAt = _time.GetUtcNow().AddDays(200) };
        await SubmitAsync(waits);
        for (var i = 0; i < 5; i++) await SubmitAsync(Row());
        _time.Advance(TimeSpan.FromDays(100));
        await SubmitAsync(Row());
        await PruneAllAsync(Rules(new RetentionOptions()));
        Assert.NotNull(await ReadAsync(waits.Id));
        Assert.True((await Store.ReadHistoryAsync(Namespace.Default, waits.Id, default))!.Pruned);
        await CleanAsync();
        await ChangeAsync(waits.Id, new JobCommand.Cancel());
        await CleanAsync();
    }

    /// <summary>A job keeps so many days whatever its state, and history 30.</summary>
    private static RetentionRules Keeps(int days)
    {
        var time = TimeSpan.FromDays(days);
        return Rules(new RetentionOptions { Succeeded = time, Failed = time, Cancelled = time, Expired = time });
    }

    private static RetentionRules Rules(RetentionOptions node, (string Name, RetentionPolicy Keep)? queue = null, (string Name, RetentionPolicy Keep)? task = null) => new(
        node, name => name == queue?.Name ? queue?.Keep : null, name => name == task?.Name ? task?.Keep : null,
        new[] { queue?.Keep, task?.Keep }.OfType<RetentionPolicy>());

    private async Task PruneAllAsync(RetentionRules rules, int limit = 100)
    {
        var prune = new JobWrite.Prune(rules, limit);
        do
        {
            prune = new JobWrite.Prune(rules, limit) { Cursor = prune.Cursor };
            await PostAsync(prune);
        }
        while (prune.Cursor > 0);
    }

    private async Task<JobId> CancelledAsync(JobRow row)
    {
        await SubmitAsync(row);
        await ChangeAsync(row.Id, new JobCommand.Cancel());
        return row.Id;
    }

    private async Task<JobId> EndedAsync(Func<Run, JobCommand> end)
    {
        var job = await RunningAsync();
        await ChangeAsync(job, end(job.Row.Run!.Value), "1");
        return job.Row.Id;
    }

    private async Task KeptAsync(params (JobId Id, bool Kept)[] expected)
    {
        foreach (var (id, kept) in expected) Assert.Equal(kept, await ReadAsync(id) is not null);
    }
}
