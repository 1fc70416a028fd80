using ActorPerf.Jobs;
using ActorPerf.Storage.Sqlite;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Storage;

/// <summary>The number of a deleted job is never given again, or its history would be another job's.</summary>
public sealed class SqliteDeletedJobTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actorperf-").FullName;

    [Fact]
    public async Task After_a_restart_a_new_job_does_not_take_the_number_of_the_newest_that_was_deleted()
    {
        var first = await SubmitAsync(delete: true);
        var second = await SubmitAsync(delete: false);
        Assert.Equal(first.Row.Seq + 1, second.Row.Seq);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<Job> SubmitAsync(bool delete)
    {
        using var storage = SqliteStorage.Open($"Data Source={Path.Combine(_folder, "jobs.db")}", TimeProvider.System, new Random(1), _ => { });
        var row = new JobRow { Id = new JobId(Guid.CreateVersion7()), Namespace = Namespace.Default, Task = "noop", Queue = "default" };
        var submit = new JobWrite.Submit([new NewJob(row, "{}"u8.ToArray(), null)]);
        await PostAsync(storage, submit);
        var job = Assert.IsType<SubmitOutcome.Accepted>(submit.Outcomes[0]).Job;
        if (delete)
        {
            await PostAsync(storage, new JobWrite.Change(row.Namespace, row.Id, new JobCommand.Cancel()));
            await PostAsync(storage, new JobWrite.Delete(row.Namespace, row.Id));
        }
        Assert.Empty((await storage.VerifyAsync(CancellationToken.None)).Violations);
        return job;
    }

    private static async Task PostAsync(SqliteStorage storage, JobWrite write)
    {
        var reported = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        storage.Jobs.Reported = _ => reported.TrySetResult();
        Assert.True(storage.Jobs.TryPost(write));
        await reported.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Null(write.Failure);
    }
}
