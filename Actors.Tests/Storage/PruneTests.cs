using ActorPerf.Jobs;
using ActorPerf.Storage.Sqlite;
using ActorPerf.Tasks;
using ActorPerf.Tests.Node;

namespace ActorPerf.Tests.Storage;

/// <summary>Deleting what is old never keeps the writer's thread for long, and takes nothing that somebody needs.</summary>
public sealed class PruneTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly SteppedTime _time = new();

    [Theory]
    [InlineData(new double[] { 1, 1, 1, 1, 1 }, 2_048)]
    [InlineData(new double[] { 5, 5 }, 128)]
    [InlineData(new double[] { 30, 30, 30, 30, 30 }, 16)]
    [InlineData(new double[] { 1, 1, 30, 5 }, 256)]
    public void The_batch_follows_the_time_that_the_last_ones_took(double[] took, int limit)
    {
        var batch = new PruneBatch();
        foreach (var ms in took) batch.Took(TimeSpan.FromMilliseconds(ms));
        Assert.Equal(limit, batch.Limit);
    }

    [Fact]
    public async Task A_prune_stops_when_its_time_is_over_and_goes_on_where_it_stopped()
    {
        using var storage = Open();
        await PruneWorld.FillAsync(storage.Jobs, 100);
        _time.Shift += TimeSpan.FromDays(31);
        _time.Step = TimeSpan.FromMilliseconds(2);        // so long each look at the clock takes
        var prune = await PruneWorld.PruneAsync(storage.Jobs, 1_000, 0);
        Assert.InRange(prune.Deleted, 5, 15);
        Assert.InRange(prune.Took, PruneBatch.Budget, PruneBatch.Budget + TimeSpan.FromMilliseconds(10));
        _time.Step = TimeSpan.FromTicks(1);               // and this one has all the time it wants
        Assert.Equal(0, (await PruneWorld.PruneAsync(storage.Jobs, 1_000, prune.Cursor)).Cursor);
        Assert.Equal(1, (await storage.Jobs.CountAsync(null, default)).Sum(count => count.Count));      // the newest stays
        Assert.Empty((await storage.VerifyAsync(default)).Violations);
    }

    [Fact]
    public async Task What_an_unfinished_job_depends_on_is_kept()
    {
        using var storage = Open();
        await PruneWorld.KeepsWhatIsNeededAsync(storage, _time);
    }

    [FullFact]
    public async Task Prunes_of_any_size_take_all_that_is_old_one_by_one_and_come_to_an_end()
    {
        using var storage = Open();
        for (var i = 0; i < 10; i++) await PruneWorld.FillAsync(storage.Jobs, 2_000);
        _time.Shift += TimeSpan.FromDays(31);
        var (batch, cursor) = (new PruneBatch(), 0L);
        for (var ended = false; !ended;)
        {
            var prune = await PruneWorld.PruneAsync(storage.Jobs, batch.Limit, cursor);
            batch.Took(prune.Took);
            cursor = prune.Cursor;
            ended = prune.Deleted == 0 && cursor == 0 && prune.Took < PruneBatch.Budget;      // its time may be over before the first row
        }
        Assert.Equal(1, (await storage.Jobs.CountAsync(null, default)).Sum(count => count.Count));      // the newest stays
        Assert.Empty((await storage.VerifyAsync(default)).Violations);
    }

    public void Dispose() => _folder.Dispose();

    private SqliteStorage Open() => SqliteStorage.Open($"Data Source={_folder.Path("node.db")}", _time, new Random(1), _ => { });
}
