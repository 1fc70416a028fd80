using ActorPerf.Jobs;
using ActorPerf.Storage.Sqlite;
using ActorPerf.Tasks;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Storage;

/// <summary>What limits count outlives the process.</summary>
public sealed class LimitRestartTests : IDisposable
{
    private static readonly Incarnation Node = new(Guid.CreateVersion7());

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("actorperf-");
    private readonly ManualTime _time = new();
    private SqliteStorage _storage;

    public LimitRestartTests() => _storage = Open();

    [Fact]
    public async Task Runs_rates_settings_and_blocked_jobs_are_known_again()
    {
        await PostAsync(new JobWrite.SetQueue("default", new QueueChange { KeyConcurrency = new Setting<int>(2), Rate = new Setting<Rate>(new Rate(3, TimeSpan.FromMinutes(1))) }));
        await PostAsync(new JobWrite.Submit([.. Enumerable.Range(0, 6).Select(_ => Keyed("eu"))]));
        var first = await ClaimAsync();
        Assert.Equal(2, first.Taken.Count);
        Restart();
        Assert.Empty((await ClaimAsync()).Taken);
        foreach (var job in first.Taken)
        {
            var end = new JobWrite.Change(job, new JobCommand.Finish(job.Row.Run!.Value, false)) { Result = "1"u8.ToArray() };
            await PostAsync(end);
            Assert.Equal(["default"], end.Wakes);
        }
        Restart();
        // Two places of the key are free, and one start of the rate: a restart grants no second burst.
        var second = await ClaimAsync();
        Assert.Single(second.Taken);
        Assert.Equal(_time.GetUtcNow().AddMinutes(1), second.LookAgain);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Single((await ClaimAsync()).Taken);
        Assert.Empty((await _storage.VerifyAsync(default)).Violations);
    }

    [Fact]
    public async Task A_failed_transaction_takes_its_counts_back()
    {
        await PostAsync(new JobWrite.Submit([Keyed("eu"), Keyed("eu")]));
        var duplicate = Keyed("eu");
        await PostAsync(new JobWrite.Submit([duplicate]));
        var refused = new JobWrite.Submit([Keyed("eu"), duplicate with { Row = duplicate.Row with { Digest = Guid.NewGuid() } }], atomic: true);
        await PostAsync(refused);
        Assert.IsType<SubmitOutcome.Refused>(refused.Outcomes[0]);
        Assert.Equal(3, (await _storage.Jobs.ReadFlowAsync(Namespace.Default, [], ["eu"], default)).Keys["eu"].Queued);
        Assert.Equal(3, (await ClaimAsync()).Taken.Count);
        Assert.Empty((await _storage.VerifyAsync(default)).Violations);
    }

    public void Dispose()
    {
        _storage.Dispose();
        _folder.Delete(recursive: true);
    }

    private SqliteStorage Open() => SqliteStorage.Open($"Data Source={Path.Combine(_folder.FullName, "jobs.db")}", _time, new Random(1), _ => { });

    private void Restart()
    {
        _storage.Dispose();
        _storage = Open();
    }

    private static NewJob Keyed(string key) => new(
        new JobRow { Id = new JobId(Guid.CreateVersion7()), Namespace = Namespace.Default, Task = "noop", Queue = "default", Digest = Guid.NewGuid(), LimitKey = key }, "{}"u8.ToArray(), null);

    private async Task<JobWrite.Claim> ClaimAsync()
    {
        var claim = new JobWrite.Claim("default", 10, Node, "a");
        await PostAsync(claim);
        return claim;
    }

    private async Task PostAsync(JobWrite write)
    {
        var reported = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _storage.Jobs.Reported = _ => reported.TrySetResult();
        Assert.True(_storage.Jobs.TryPost(write));
        await reported.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Null(write.Failure);
    }
}
