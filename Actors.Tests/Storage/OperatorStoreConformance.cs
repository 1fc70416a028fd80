using ActorPerf.Jobs.Operations;
using ActorPerf.Storage;
using ActorPerf.Storage.Memory;
using ActorPerf.Storage.Sqlite;
using ActorPerf.Tasks;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Storage;

public sealed class MemoryOperatorStoreTests : OperatorStoreConformance
{
    protected override Task<INodeStorage> OpenAsync() => Task.FromResult<INodeStorage>(new MemoryStorage(new ManualTime(), new Random(1)));
}

public sealed class SqliteOperatorStoreTests : OperatorStoreConformance
{
    protected override Task<INodeStorage> OpenAsync() =>
        Task.FromResult<INodeStorage>(SqliteStorage.Open($"Data Source={Path.Combine(Folder, "jobs.db")}", new ManualTime(), new Random(1), _ => { }));
}

/// <summary>What every store of what operators leave behind does. Each store runs all of it.</summary>
public abstract class OperatorStoreConformance : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Namespace Other = Namespace.Parse("other");
    private INodeStorage _storage = null!;

    protected string Folder { get; } = Directory.CreateTempSubdirectory("actorperf-").FullName;

    private IOperatorStore Store => _storage.Operators;

    protected abstract Task<INodeStorage> OpenAsync();

    public async ValueTask InitializeAsync() => _storage = await OpenAsync();

    [Fact]
    public async Task What_was_done_is_listed_newest_first_in_its_namespace_and_in_pages()
    {
        for (var i = 0; i < 5; i++) await Store.RecordAsync(Entry(i), default);
        await Store.RecordAsync(Entry(9) with { Namespace = Other }, default);
        var first = await Store.ListAuditAsync(Namespace.Default, null, 3, default);
        Assert.Equal([Entry(4), Entry(3), Entry(2)], first.Select(row => row.Entry));
        Assert.Equal([Entry(1), Entry(0)], (await Store.ListAuditAsync(Namespace.Default, first[^1].Seq, 3, default)).Select(row => row.Entry));
        Assert.Equal(Entry(9) with { Namespace = Other }, Assert.Single(await Store.ListAuditAsync(Other, null, 500, default)).Entry);
    }

    [Fact]
    public async Task What_is_not_told_is_read_back_as_not_told()
    {
        var entry = new AuditEntry(Namespace.Default, Noon, "ü", null, "pauseQueue", "", null, "a\tb");
        await Store.RecordAsync(entry, default);
        Assert.Equal(entry, Assert.Single(await Store.ListAuditAsync(Namespace.Default, null, 1, default)).Entry);
    }

    [Fact]
    public async Task A_view_is_put_replaced_and_deleted_in_its_namespace()
    {
        var view = new SavedView(Namespace.Default, "late", "state:failed ran>2s", "-finishedAt", ["id", "ran"], Noon);
        Assert.True(await Store.PutViewAsync(view, default));
        Assert.True(await Store.PutViewAsync(view with { Namespace = Other, Columns = [] }, default));
        AssertSame(view, await Store.GetViewAsync(Namespace.Default, "late", default));
        Assert.True(await Store.PutViewAsync(view with { Q = "", UpdatedAt = Noon.AddDays(1) }, default));
        AssertSame(view with { Q = "", UpdatedAt = Noon.AddDays(1) }, await Store.GetViewAsync(Namespace.Default, "late", default));
        Assert.True(await Store.PutViewAsync(view with { Name = "early" }, default));
        Assert.Equal(["early", "late"], (await Store.ListViewsAsync(Namespace.Default, default)).Select(one => one.Name));
        Assert.True(await Store.DeleteViewAsync(Namespace.Default, "late", default));
        Assert.False(await Store.DeleteViewAsync(Namespace.Default, "late", default));
        Assert.Null(await Store.GetViewAsync(Namespace.Default, "late", default));
        Assert.Empty((await Store.GetViewAsync(Other, "late", default))!.Columns);
    }

    [Fact]
    public async Task A_namespace_has_a_bounded_number_of_views_and_those_it_has_can_still_change()
    {
        SavedView View(int number) => new(Namespace.Default, $"v{number:000}", "", "", [], Noon);
        for (var i = 0; i < IViews.MaxViews; i++) Assert.True(await Store.PutViewAsync(View(i), default));
        Assert.False(await Store.PutViewAsync(View(IViews.MaxViews), default));
        Assert.True(await Store.PutViewAsync(View(0) with { Q = "state:failed" }, default));
        Assert.True(await Store.PutViewAsync(View(0) with { Namespace = Other }, default));
        Assert.Equal(IViews.MaxViews, (await Store.ListViewsAsync(Namespace.Default, default)).Count);
    }

    public ValueTask DisposeAsync()
    {
        _storage?.Dispose();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private static AuditEntry Entry(int number) => new(Namespace.Default, Noon.AddMinutes(number), "ann", "10.0.0.1", "cancelJob", $"job {number}", "queued", "cancelled");

    private static void AssertSame(SavedView wanted, SavedView? found)
    {
        Assert.NotNull(found);
        Assert.Equal(wanted.Columns, found.Columns);
        Assert.Equal(wanted with { Columns = [] }, found with { Columns = [] });
    }
}
