using System.Collections.Concurrent;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Storage;
using ActorPerf.Storage.Memory;
using ActorPerf.Storage.Sqlite;
using ActorPerf.Tasks;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Storage;

public sealed class MemoryAttachedWritesTests : AttachedWritesConformance
{
    protected override INodeStorage Open(TimeProvider time) => new MemoryStorage(time, new Random(1));
}

public sealed class SqliteAttachedWritesTests : AttachedWritesConformance
{
    protected override INodeStorage Open(TimeProvider time) =>
        SqliteStorage.Open($"Data Source={Path.Combine(Folder, "node.db")}", time, new Random(1), _ => { });

    [Fact]
    public async Task A_refused_group_does_not_fail_what_was_to_be_committed_with_it()
    {
        using var storage = Open();
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
}

/// <summary>Jobs that are submitted in the transaction of entities: both take place or neither. Each store runs all of it.</summary>
public abstract class AttachedWritesConformance : IDisposable
{
    private static readonly Key Account = Key.Of(Namespace.Default, "Account", 1);

    private readonly ConcurrentQueue<JobWrite> _reported = new();

    protected string Folder { get; } = Directory.CreateTempSubdirectory("actorperf-").FullName;

    protected abstract INodeStorage Open(TimeProvider time);

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Entities_and_jobs_of_one_commit_take_place_together()
    {
        using var storage = Open();
        var submit = Submit(NewId());

        var outcome = await storage.Entities.CommitAsync(Namespace.Default, Commit(submit, ifVersion: 0), default);

        Assert.True(outcome.Committed);
        Assert.IsType<SubmitOutcome.Accepted>(submit.Outcomes[0]);
        await Eventually.Is(() => !_reported.IsEmpty, "the store reports the submission");
        Assert.Same(submit, Assert.Single(_reported));
        Assert.NotNull((await storage.Jobs.ReadManyAsync(Namespace.Default, [submit.Jobs[0].Row.Id], default))[0]);
        Assert.NotNull((await storage.Entities.ReadManyAsync(Namespace.Default, [Account], default))[0]);
        Assert.Empty((await storage.VerifyAsync(default)).Violations);
    }

    [Fact]
    public async Task Where_entities_stand_in_the_way_no_job_is_submitted()
    {
        using var storage = Open();
        var submit = Submit(NewId());

        var outcome = await storage.Entities.CommitAsync(Namespace.Default, Commit(submit, ifVersion: 7), default);

        Assert.Equal([Account], outcome.Conflicts);
        Assert.Empty(_reported);
        Assert.Null((await storage.Jobs.ReadManyAsync(Namespace.Default, [submit.Jobs[0].Row.Id], default))[0]);
    }

    [Fact]
    public async Task Where_a_job_is_refused_no_entity_is_written()
    {
        using var storage = Open();
        var taken = NewId();
        await storage.Entities.CommitAsync(Namespace.Default, Commit(Submit(taken), ifVersion: 0), default);
        var refused = Submit(taken, digest: Guid.NewGuid());

        await Assert.ThrowsAsync<AttachedWriteRefusedException>(async () => await storage.Entities.CommitAsync(Namespace.Default, Commit(refused, ifVersion: 1), default));

        Assert.IsType<SubmitOutcome.Refused>(refused.Outcomes[0]);
        Assert.Equal(1, (await storage.Entities.ReadManyAsync(Namespace.Default, [Account], default))[0]!.Version);
        Assert.Empty((await storage.VerifyAsync(default)).Violations);
    }

    [Fact]
    public async Task Of_many_commits_that_insert_one_entity_at_once_one_takes_place_with_its_job()
    {
        using var storage = Open();
        var submits = Enumerable.Range(0, 16).Select(_ => Submit(NewId())).ToArray();

        var outcomes = await Task.WhenAll(submits.Select(submit => storage.Entities.CommitAsync(Namespace.Default, Commit(submit, ifVersion: 0), default).AsTask()));

        Assert.Single(outcomes, outcome => outcome.Committed);
        var jobs = await storage.Jobs.ReadManyAsync(Namespace.Default, [.. submits.Select(submit => submit.Jobs[0].Row.Id)], default);
        Assert.Equal(outcomes.Select(outcome => outcome.Committed), jobs.Select(job => job is not null));
        Assert.Empty((await storage.VerifyAsync(default)).Violations);
    }

    [Fact]
    public async Task Commits_with_and_without_jobs_pass_each_other_and_every_one_counts()
    {
        using var storage = Open();
        var submits = Enumerable.Range(0, 40).Select(_ => Submit(NewId())).ToArray();
        var plain = Enumerable.Range(0, 40).Select(_ => new JobWrite.Submit([Job(NewId(), default)])).ToArray();

        await Task.WhenAll(
        [
            .. submits.Select(async submit => Assert.True((await storage.Entities.CommitAsync(Namespace.Default, Commit(submit, ifVersion: null), default)).Committed)),
            .. submits.Select(async _ => Assert.Equal(WriteStatus.Written, (await storage.Entities.WriteManyAsync(Namespace.Default, [new EntityWrite.Put(Account, "{}"u8.ToArray())], default))[0].Status)),
            .. plain.Select(submit => Task.Run(() => Assert.True(storage.Jobs.TryPost(submit)))),
        ]);

        await Eventually.Is(() => _reported.Count == 80, "the store reports every submission");
        Assert.Equal(80, (await storage.Entities.ReadManyAsync(Namespace.Default, [Account], default))[0]!.Version);
        Assert.All(await storage.Jobs.ReadManyAsync(Namespace.Default, [.. submits.Concat(plain).Select(submit => submit.Jobs[0].Row.Id)], default), Assert.NotNull);
        Assert.Empty((await storage.VerifyAsync(default)).Violations);
    }

    protected INodeStorage Open()
    {
        var storage = Open(new ManualTime());
        storage.Jobs.Reported = writes =>
        {
            foreach (var write in writes) _reported.Enqueue(write);
        };
        return storage;
    }

    protected static JobId NewId() => new(Guid.CreateVersion7());

    protected static EntityCommit Commit(JobWrite.Submit submit, long? ifVersion) =>
        new(Guid.NewGuid(), [], [new EntityWrite.Put(Account, "{}"u8.ToArray()) { IfVersion = ifVersion }]) { Attached = [submit] };

    protected static JobWrite.Submit Submit(JobId id, Guid digest = default) => new([Job(id, digest)], atomic: true);

    private static NewJob Job(JobId id, Guid digest) => new(
        new JobRow { Id = id, Namespace = Namespace.Default, Task = "noop", Queue = "noop", Digest = digest == default ? new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) : digest },
        "{}"u8.ToArray(), null);
}
