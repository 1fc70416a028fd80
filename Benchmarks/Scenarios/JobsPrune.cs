using System.Diagnostics;
using ActorPerf.Benchmarks.Harness;
using ActorPerf.Jobs;
using ActorPerf.Storage.Sqlite;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>How long each delete of old jobs keeps others from writing, its commit included.</summary>
internal sealed class JobsPrune : IScenario
{
    private const int Jobs = 200_000;
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    public string Name => "jobs-prune";

    public string Promises => "200,000 jobs that are too old: 99 of 100 deletes hold the write queue for less than 50 ms";

    public async Task RunAsync(Pace pace, Report report)
    {
        using var folder = new DataFolder();
        var jobs = pace.Scale(Jobs);
        report.Say($"writing {jobs:#,0} finished jobs");
        DeepTable.Fill(NodeFile.Database(folder.Path), jobs, 0);
        using var storage = SqliteStorage.Open($"Data Source={NodeFile.Database(folder.Path)}", new MonthLater(), new Random(1), fault => throw fault);
        var rules = new RetentionRules(new RetentionOptions { Succeeded = Kept }, _ => null, _ => null, []);
        var (batch, held, deleted) = (new PruneBatch(), new List<double>(), 0);
        for (var prune = new JobWrite.Prune(rules, batch.Limit); ; prune = new JobWrite.Prune(rules, batch.Limit) { Cursor = prune.Cursor })
        {
            var posted = Stopwatch.GetTimestamp();
            await PostAsync(storage.Jobs, prune);
            held.Add(Stopwatch.GetElapsedTime(posted).TotalMilliseconds);
            batch.Took(prune.Took);
            deleted += prune.Deleted;
            if (prune.Deleted == 0 && prune.Cursor == 0) break;
        }
        held.Sort();
        report.Say($"{deleted:#,0} rows deleted by {held.Count:#,0} writes");
        report.Add(new Figure("a delete, median", Spread.Of(held), "ms"));
        report.Add(new Figure("99 of 100 within", Spread.Of([held[(int)(held.Count * 0.99)]]), "ms") { Promised = new Promise.Under(50) });
    }

    private static async Task PostAsync(IJobStore store, JobWrite write)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        store.Reported = _ => done.TrySetResult();
        if (!store.TryPost(write)) throw new InvalidOperationException("the store takes no more");
        await done.Task;
        if (write.Failure is { } failure) throw failure;
    }

    private sealed class MonthLater : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Kept + TimeSpan.FromDays(1);
    }
}
