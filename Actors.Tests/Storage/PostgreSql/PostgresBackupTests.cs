using ActorPerf.Jobs;
using ActorPerf.Storage;
using ActorPerf.Storage.PostgreSql;
using ActorPerf.Tasks;
using Npgsql;

namespace ActorPerf.Tests.Storage.PostgreSql;

/// <summary>Backup and restore as docs/postgresql.md tells them.</summary>
public sealed class PostgresBackupTests
{
    [Fact]
    public async Task A_dump_that_was_made_under_load_is_restored_whole_and_has_all_that_was_acknowledged_before_it()
    {
        var connectionString = await PostgresServer.NewDatabaseAsync();
        using var storage = await PostgresStores.OpenAsync(connectionString, TimeProvider.System);
        using var load = new Load(storage);
        await load.SubmitAsync(50);
        var before = load.Acknowledged;
        var working = load.WorkAsync();

        var file = Path.GetTempFileName();
        try
        {
            await PostgresServer.RunAsync("pg_dump", connectionString, ["--format=custom", "--schema=actorperf", $"--file={file}"]);
            load.Stop();
            await working;
            var copy = await PostgresServer.NewDatabaseAsync();
            await PostgresServer.RunAsync("pg_restore", copy, ["--exit-on-error", "--single-transaction", "--no-owner", $"--dbname={new NpgsqlConnectionStringBuilder(copy).Database}", file]);

            Assert.Empty((await PostgresStorage.VerifyDatabaseAsync(copy, default)).Violations);
            using var restored = await PostgresStores.OpenAsync(copy, TimeProvider.System);
            Assert.DoesNotContain(null, await restored.Jobs.ReadManyAsync(Namespace.Default, before, default));
            // Numbers go on behind those of the copy.
            using var more = new Load(restored);
            await more.SubmitAsync(3);
            Assert.Empty((await restored.VerifyAsync(default)).Violations);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task The_programs_own_backup_says_what_to_use_instead()
    {
        using var storage = await PostgresStores.OpenAsync();
        var refused = await Assert.ThrowsAsync<NotSupportedException>(() => storage.BackupAsync("copy.db", default));
        Assert.Contains("pg_dump", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Submits, runs and ends jobs until it is stopped.</summary>
    private sealed class Load : IDisposable
    {
        private static readonly Incarnation Owner = new(Guid.CreateVersion7());

        private readonly INodeStorage _storage;
        private readonly CancellationTokenSource _stop = new();
        private readonly System.Collections.Concurrent.ConcurrentDictionary<JobWrite, TaskCompletionSource> _posted = new();

        public Load(INodeStorage storage)
        {
            _storage = storage;
            storage.Jobs.Reported = writes =>
            {
                foreach (var write in writes) _posted[write].TrySetResult();
            };
        }

        public List<JobId> Acknowledged { get; private set; } = [];

        public void Stop() => _stop.Cancel();

        public async Task WorkAsync()
        {
            while (!_stop.IsCancellationRequested)
            {
                await SubmitAsync(20);
                var claim = await PostAsync(new JobWrite.Claim("default", 15, Owner, "a"));
                await Task.WhenAll(claim.Taken.Select(job => PostAsync(new JobWrite.Change(job, new JobCommand.Finish(job.Row.Run!.Value, false)) { Result = "1"u8.ToArray() })));
            }
        }

        public async Task SubmitAsync(int count)
        {
            var rows = Enumerable.Range(0, count).Select(_ => new JobRow
            {
                Id = new JobId(Guid.CreateVersion7()), Namespace = Namespace.Default, Task = "noop", Queue = "default", Digest = Guid.NewGuid(), Tags = ["a", "b"],
            }).ToArray();
            await PostAsync(new JobWrite.Submit([.. rows.Select(row => new NewJob(row, "{}"u8.ToArray(), null))]));
            Acknowledged = [.. Acknowledged, .. rows.Select(row => row.Id)];
        }

        public void Dispose() => _stop.Dispose();

        private async Task<T> PostAsync<T>(T write) where T : JobWrite
        {
            var done = _posted[write] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Assert.True(_storage.Jobs.TryPost(write));
            await done.Task.WaitAsync(TimeSpan.FromSeconds(60));
            Assert.Null(write.Failure);
            return write;
        }
    }
}
