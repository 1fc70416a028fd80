using System.Collections.Concurrent;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Storage;
using ActorPerf.Storage.Memory;
using ActorPerf.Storage.Sqlite;
using ActorPerf.Tasks;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Storage;

/// <summary>Jobs that are submitted in the transaction of entities: both take place or neither.</summary>
public sealed class AttachedWritesTests : IDisposable
{
    private static readonly Key Account = Key.Of(Namespace.Default, "Account", 1);

    private readonly string _folder = Directory.CreateTempSubdirectory("actorperf-").FullName;
    private readonly ConcurrentQueue<JobWrite> _reported = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("sqlite")]
    [InlineData("memory")]
    public async Task Entities_and_jobs_of_one_commit_take_place_together(string provider)
    {
        using var storage = Open(provider);
        var submit = Submit(NewId());

        var outcome = await storage.Entities.CommitAsync(Namespace.Default, Commit(submit, ifVersion: 0), default);

        Assert.True(outcome.Committed);
        Assert.IsType<SubmitOutcome.Accepted>(submit.Outcomes[0]);
        await Eventually.Is(() => !_reported.IsEmpty, "the store reports the submission");
        Assert.Same(submit, Assert.Single(_reported));
        Assert.NotNull((await storage.Jobs.ReadManyAsync(Namespace.Default, [submit.Jobs[0].Row.Id], default))[0]);
        Assert.NotNull((await storage.Entities.ReadManyAsync(Namespace.Default, [Account], default))[0]);
        if (provider == "sqlite") Assert.Empty((await storage.VerifyAsync(default)).Violations);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("memory")]
    public async Task Where_entities_stand_in_the_way_no_job_is_submitted(string provider)
    {
        using var storage = Open(provider);
        var submit = Submit(NewId());

        var outcome = await storage.Entities.CommitAsync(Namespace.Default, Commit(submit, ifVersion: 7), default);

        Assert.Equal([Account], outcome.Conflicts);
        Assert.Empty(_reported);
        Assert.Null((await storage.Jobs.ReadManyAsync(Namespace.Default, [submit.Jobs[0].Row.Id], default))[0]);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("memory")]
    public async Task Where_a_job_is_refused_no_entity_is_written(string provider)
    {
        using var storage = Open(provider);
        var taken = NewId();
        await storage.Entities.CommitAsync(Namespace.Default, Commit(Submit(taken), ifVersion: 0), default);
        var refused = Submit(taken, digest: Guid.NewGuid());

        await Assert.ThrowsAsync<AttachedWriteRefusedException>(async () => await storage.Entities.CommitAsync(Namespace.Default, Commit(refused, ifVersion: 1), default));

        Assert.IsType<SubmitOutcome.Refused>(refused.Outcomes[0]);
        Assert.Equal(1, (await storage.Entities.ReadManyAsync(Namespace.Default, [Account], default))[0]!.Version);
        if (provider == "sqlite") Assert.Empty((await storage.VerifyAsync(default)).Violations);
    }

    [Fact]
    public async Task A_refused_group_does_not_fail_what_was_to_be_committed_with_it()
    {
        using var storage = Open("sqlite");
        var taken = NewId();
        await storage.Entities.CommitAsync(Namespace.Default, Commit(Submit(taken), ifVersion: 0), default);

        var bystanders = Enumerable.Range(2, 50).Select(id => storage.Entities.WriteManyAsync(
            Namespace.Default, [new EntityWrite.Insert(Key.Of(Namespace.Default, "Account", id), "{}"u8.ToArray())], default).AsTask()).ToArray();
        var refused = storage.Entities.CommitAsync(Namespace.Default, Commit(Submit(taken, digest: Guid.NewGuid()), ifVersion: 1), default).AsTask();

        await Assert.ThrowsAsync<AttachedWriteRefusedException>(() => refused);
        Assert.All(await Task.WhenAll(bystanders), outcomes => Assert.Equal(WriteStatus.Written, outcomes[0].Status));
        Assert.Equal([new KindSize("Account", 51, 102)], await storage.Entities.KindsAsync(Namespace.Default, default));
        Assert.Empty((await storage.VerifyAsync(default)).Violations);
    }

    private static JobId NewId() => new(Guid.CreateVersion7());

    private INodeStorage Open(string provider)
    {
        var time = new ManualTime();
        INodeStorage storage = provider == "memory"
            ? new MemoryStorage(time, new Random(1))
            : SqliteStorage.Open($"Data Source={Path.Combine(_folder, "node.db")}", time, new Random(1), _ => { });
        storage.Jobs.Reported = writes =>
        {
            foreach (var write in writes) _reported.Enqueue(write);
        };
        return storage;
    }

    private static EntityCommit Commit(JobWrite.Submit submit, long ifVersion) =>
        new(Guid.NewGuid(), [], [new EntityWrite.Put(Account, "{}"u8.ToArray()) { IfVersion = ifVersion }]) { Attached = [submit] };

    private static JobWrite.Submit Submit(JobId id, Guid digest = default) => new(
        [
            new NewJob(
                new JobRow { Id = id, Namespace = Namespace.Default, Task = "noop", Queue = "noop", Digest = digest == default ? new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) : digest },
                "{}"u8.ToArray(), null),
        ],
        atomic: true);
}
