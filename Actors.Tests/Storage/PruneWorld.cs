using ActorPerf.Jobs;
using ActorPerf.Storage;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Storage;

/// <summary>Old jobs, and prunes of them, on any store.</summary>
internal static class PruneWorld
{
    /// <summary>What an unfinished job depends on is kept. On an empty store.</summary>
    public static async Task KeepsWhatIsNeededAsync(INodeStorage storage, SteppedTime time)
    {
        await FillAsync(storage.Jobs, 10);
        var rows = (await storage.Jobs.ListAsync(new JobQuery { Namespace = Namespace.Default, Limit = 50 }, default)).Rows;
        var needed = rows.OrderBy(job => job.Row.Seq).ElementAt(3).Row.Id;
        var open = New(Row());
        await PostAsync(storage.Jobs, new JobWrite.Submit([open]));              // the eleventh is waited for, too
        var waits = New(Row());
        await PostAsync(storage.Jobs, new JobWrite.Submit([waits with { DependsOn = [new(needed, DependsOn.Finished), new(open.Row.Id, DependsOn.Finished)] }]));
        var delete = new JobWrite.Delete(Namespace.Default, needed);
        await PostAsync(storage.Jobs, delete);
        Assert.Equal("state-conflict", delete.Refusal?.Code);
        time.Shift += TimeSpan.FromDays(31);
        time.Step = TimeSpan.FromTicks(1);                                       // the prune has all the time it wants
        await PruneAsync(storage.Jobs, 1_000, 0);
        var left = (await storage.Jobs.ListAsync(new JobQuery { Namespace = Namespace.Default, Limit = 50 }, default)).Rows.Select(job => job.Row.Id);
        Assert.Equal([waits.Row.Id, open.Row.Id, needed], left);
        Assert.Empty((await storage.VerifyAsync(default)).Violations);
    }

    public static JobRow Row() => new()
    {
        Id = new JobId(Guid.CreateVersion7()), Namespace = Namespace.Default, Task = "noop", Queue = "default", Digest = Guid.NewGuid(), Tags = ["t"],
    };

    public static NewJob New(JobRow row) => new(row, "{}"u8.ToArray(), null);

    /// <summary>Jobs that were cancelled.</summary>
    public static async Task FillAsync(IJobStore store, int count)
    {
        var submit = new JobWrite.Submit([.. Enumerable.Range(0, count).Select(_ => New(Row()))]);
        await PostAsync(store, submit);
        await PostAsync(store, [.. submit.Outcomes.Select(outcome => new JobWrite.Change(((SubmitOutcome.Accepted)outcome).Job, new JobCommand.Cancel()))]);
    }

    public static async Task<JobWrite.Prune> PruneAsync(IJobStore store, int limit, long cursor)
    {
        var month = TimeSpan.FromDays(30);
        var rules = new RetentionRules(new RetentionOptions { Succeeded = month }, _ => null, _ => null, []);
        var prune = new JobWrite.Prune(rules, limit) { Cursor = cursor };
        await PostAsync(store, prune);
        return prune;
    }

    public static async Task PostAsync(IJobStore store, params JobWrite[] writes)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = writes.Length;
        store.Reported = reported =>
        {
            if ((left -= reported.Count) == 0) done.TrySetResult();
        };
        foreach (var write in writes) Assert.True(store.TryPost(write));
        await done.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.All(writes, write => Assert.Null(write.Failure));
    }
}

/// <summary>The real clock, moved on by days; its timestamps step by themselves when a test wants that.</summary>
internal sealed class SteppedTime : TimeProvider
{
    private long _steps;

    public TimeSpan Shift { get; set; }

    /// <summary>Zero: timestamps are real.</summary>
    public TimeSpan Step { get; set; }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Shift;

    public override long GetTimestamp() =>
        Step == TimeSpan.Zero ? System.GetTimestamp() : (long)(Interlocked.Increment(ref _steps) * Step.TotalSeconds * System.TimestampFrequency);
}
