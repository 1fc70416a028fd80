using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Storage;
using ActorPerf.Storage.Memory;
using ActorPerf.Storage.Sqlite;
using ActorPerf.Tasks;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Storage;

public sealed class MemoryFeedStoreTests : FeedStoreConformance
{
    protected override INodeStorage Open(bool shared) => new MemoryStorage(new ManualTime(), new Random(1), shared);
}

public sealed class SqliteFeedStoreTests : FeedStoreConformance
{
    protected override INodeStorage Open(bool shared) =>
        SqliteStorage.Open($"Data Source={Path.Combine(Folder, "jobs.db")}", new ManualTime(), new Random(1), _ => { }, shared);
}

/// <summary>What every feed does. Each store runs all of it.</summary>
public abstract class FeedStoreConformance : IDisposable
{
    private static readonly Incarnation Owner = new(Guid.CreateVersion7());

    protected string Folder { get; } = Directory.CreateTempSubdirectory("actorperf-").FullName;

    protected abstract INodeStorage Open(bool shared);

    /// <summary>Whether it can know that no other node comes.</summary>
    protected virtual bool MayBeAlone => true;

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_node_reads_the_moves_of_another_and_can_leave_out_its_own()
    {
        using var one = Open(shared: true);
        using var two = one.Another();
        var end = await two.Feed.EndAsync(default);
        var first = await SubmitAsync(one, Row() with { LimitKey = "k" });
        var claim = await PostAsync(one, new JobWrite.Claim("default", 1, Owner, "one"));
        var second = await SubmitAsync(two, Row());

        var others = await two.Feed.ReadAsync(end, two.Feed.Origin, 100, default);
        var all = await two.Feed.ReadAsync(end, null, 100, default);

        Assert.True(one.Feed.IsShared && one.Feed.Origin != two.Feed.Origin);
        Assert.Equal([(null, (int?)JobState.Queued), ((int?)JobState.Queued, (int?)JobState.Running)], others.Rows.Select(row => (row.From, row.To)));
        var taken = others.Rows[1];
        Assert.Equal((first.Id.Value, "default", true), (taken.Job!.Value.Id, taken.Job.Value.Queue, taken.Job.Value.Limited));
        Assert.Equal((Owner.Value, "one", 1, one.Feed.Origin), (taken.Incarnation!.Value, taken.Node, taken.Attempt, taken.Origin!.Value));
        Assert.Equal(claim.Taken[0].Row.Seq, taken.Subject);
        Assert.Equal(second.Id.Value, all.Rows[^1].Job!.Value.Id);
        Assert.Equal(3, all.Rows.Count);
        Assert.Equal(all.Rows.Select(row => row.Place).Order(), all.Rows.Select(row => row.Place));
        Assert.True(!all.More && !all.Pruned && all.Complete == all.Horizon);
        // Where other transactions of the server are under way the horizon follows when they end.
        Assert.True(all.Horizon >= all.Rows[^1].Place || !MayBeAlone);
    }

    [Fact]
    public async Task A_slice_that_the_limit_cut_goes_on_behind_its_last_row()
    {
        using var one = Open(shared: true);
        using var two = one.Another();
        for (var i = 0; i < 5; i++) await SubmitAsync(one, Row());
        var last = (await two.Feed.ReadAsync(FeedPlace.Start, null, 100, default)).Rows[^1].Place;
        // Transactions of a server's other databases hold the end for a while.
        await Eventually.Is(async () => await two.Feed.EndAsync(default) >= last, "the rows are decided");

        var read = new List<FeedRow>();
        var slice = await two.Feed.ReadAsync(FeedPlace.Start, null, 2, default);
        for (read.AddRange(slice.Rows); slice.More; read.AddRange(slice.Rows))
        {
            Assert.Equal(slice.Rows[^1].Place, slice.Complete);
            slice = await two.Feed.ReadAsync(slice.Rows[^1].Place, null, 2, default);
        }

        Assert.Equal(5, read.DistinctBy(row => row.Place).Count());
    }

    [Fact]
    public async Task Queues_schedules_and_notes_stand_in_the_feed()
    {
        using var one = Open(shared: true);
        using var two = one.Another();
        var ns = Namespace.Parse("shop");
        await PostAsync(one, new JobWrite.SetQueue("mail", new QueueChange { Paused = new Setting<bool>(true) }));
        await one.Schedules.DeleteAsync(ns, "nightly", default);
        await one.Feed.AppendAsync(new FeedNote(FeedKind.Cache, "shop", "all"), default);

        var rows = (await two.Feed.ReadAsync(FeedPlace.Start, two.Feed.Origin, 100, default)).Rows;

        Assert.Equal([FeedKind.Queue, FeedKind.Schedule, FeedKind.Cache], rows.Select(row => row.Kind));
        Assert.Equal(["", "shop", "shop"], rows.Select(row => row.Namespace));
        Assert.Equal("""{"queue":"mail","paused":true}""", rows[0].Detail);
        Assert.Equal("nightly", rows[1].Detail);
        Assert.All(rows, row => Assert.True(row is { Job: null, From: null, To: null, Subject: 0 }));
    }

    [Fact]
    public async Task A_commit_is_a_hint_to_the_others_and_not_to_its_own_node()
    {
        using var one = Open(shared: true);
        using var two = one.Another();
        var (own, others) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        one.Feed.Changed = () => Interlocked.Increment(ref own);
        two.Feed.Changed = () => others.TrySetResult();

        // A hint may be lost, where whoever is to hear it has only begun to listen.
        do await SubmitAsync(one, Row());
        while (await Task.WhenAny(others.Task, Task.Delay(TimeSpan.FromMilliseconds(500))) != others.Task);

        Assert.Equal(0, own);
    }

    [Fact]
    public async Task Each_node_is_told_of_its_own_writes()
    {
        using var one = Open(shared: true);
        using var two = one.Another();
        var job = await SubmitAsync(one, Row());
        two.Jobs.Reported = writes => Assert.DoesNotContain(writes, write => write is JobWrite.Submit);

        var claim = await PostAsync(two, new JobWrite.Claim("default", 1, Owner, "two"), keep: true);

        Assert.Equal(job.Id, claim.Taken[0].Row.Id);
    }

    [Fact]
    public async Task The_last_node_to_leave_closes_the_storage_and_one_alone_has_no_company()
    {
        var one = Open(shared: true);
        var two = one.Another();
        one.Dispose();
        await SubmitAsync(two, Row());
        two.Dispose();
        if (!MayBeAlone) return;

        using var alone = Open(shared: false);
        await SubmitAsync(alone, Row());
        Assert.False(alone.Feed.IsShared);
        Assert.Throws<InvalidOperationException>(alone.Another);
        Assert.Null((await alone.Feed.ReadAsync(FeedPlace.Start, null, 10, default)).Rows[^1].Origin);
    }

    private static JobRow Row() => new()
    {
        Id = new JobId(Guid.CreateVersion7()), Namespace = Namespace.Default, Task = "noop", Queue = "default", Digest = Guid.NewGuid(),
    };

    private static async Task<JobRow> SubmitAsync(INodeStorage storage, JobRow row)
    {
        var write = await PostAsync(storage, new JobWrite.Submit([new NewJob(row, "{}"u8.ToArray(), null)]));
        return Assert.IsType<SubmitOutcome.Accepted>(write.Outcomes[0]).Job.Row;
    }

    private static async Task<T> PostAsync<T>(INodeStorage storage, T write, bool keep = false) where T : JobWrite
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Action<IReadOnlyList<JobWrite>> heard = writes =>
        {
            if (writes.Contains(write)) done.TrySetResult();
        };
        storage.Jobs.Reported = keep ? storage.Jobs.Reported + heard : heard;
        Assert.True(storage.Jobs.TryPost(write));
        await done.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Null(write.Failure);
        return write;
    }
}
