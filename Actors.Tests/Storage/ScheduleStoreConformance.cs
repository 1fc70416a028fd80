using ActorPerf.Jobs;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Storage;
using ActorPerf.Storage.Memory;
using ActorPerf.Storage.Sqlite;
using ActorPerf.Tasks;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Storage;

public sealed class MemoryScheduleStoreTests : ScheduleStoreConformance
{
    protected override Task<INodeStorage> OpenAsync() => Task.FromResult<INodeStorage>(new MemoryStorage(new ManualTime(), new Random(1)));
}

public sealed class SqliteScheduleStoreTests : ScheduleStoreConformance
{
    protected override Task<INodeStorage> OpenAsync() =>
        Task.FromResult<INodeStorage>(SqliteStorage.Open($"Data Source={Path.Combine(Folder, "jobs.db")}", new ManualTime(), new Random(1), _ => { }));
}

/// <summary>What every store of schedules does. Each store runs all of it.</summary>
public abstract class ScheduleStoreConformance : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private INodeStorage _storage = null!;

    protected string Folder { get; } = Directory.CreateTempSubdirectory("actorperf-").FullName;

    private IScheduleStore Store => _storage.Schedules;

    protected abstract Task<INodeStorage> OpenAsync();

    public async ValueTask InitializeAsync() => _storage = await OpenAsync();

    [Fact]
    public async Task A_schedule_is_read_back_whole()
    {
        var row = Row("s") with
        {
            Definition = new ScheduleDefinition
            {
                Cron = "0 2 * * *", TimeZone = "Europe/Berlin", Task = "t", Args = "{ \"n\": 9007199254740993 }"u8.ToArray(), Queue = "q", Priority = 7, ExpiresIn = TimeSpan.FromHours(1),
                Timeout = TimeSpan.FromSeconds(9), MaxAttempts = 3, Tags = ["a", "ü"], Meta = "{\"x\":1}"u8.ToArray(), Overlap = ScheduleOverlap.Cancel,
                Misfire = ScheduleMisfire.All, MisfireLimit = 7, Jitter = TimeSpan.FromMinutes(3), Paused = true,
            },
        };
        await Store.PutAsync(row, default);
        var read = await OneAsync();
        Assert.Equal(row with { Definition = null }, read with { Definition = null });
        var (was, now) = (row.Definition!, read.Definition!);
        Assert.Equal(was.Args.ToArray(), now.Args.ToArray());
        Assert.Equal(was.Meta.ToArray(), now.Meta.ToArray());
        Assert.Equal(was.Tags, now.Tags);
        Assert.Equal(was with { Args = default, Meta = default, Tags = [] }, now with { Args = default, Meta = default, Tags = [] });
    }

    [Fact]
    public async Task A_row_of_the_configuration_has_no_definition()
    {
        await Store.PutAsync(Row("s"), default);
        Assert.Null((await OneAsync()).Definition);
    }

    [Fact]
    public async Task The_history_keeps_the_newest_and_the_row_the_last_of_them()
    {
        await Store.PutAsync(Row("s"), default);
        for (var i = 0; i < 40; i++) await Store.AdvanceAsync([Step("s", 3 * i, Tick(3 * i), Tick(3 * i + 1), Tick(3 * i + 2))], default);
        var history = await Store.ReadHistoryAsync(Namespace.Default, "s", default);
        Assert.Equal(Enumerable.Range(70, 50).Reverse().Select(i => Tick(i)), history);
        var row = await OneAsync();
        Assert.Equal((120, Tick(119), Noon.AddMinutes(117)), (row.Ticks, row.Last, row.Cursor));
        Assert.Empty((await _storage.VerifyAsync(default)).Violations);
    }

    [Fact]
    public async Task A_cursor_never_goes_back()
    {
        await Store.PutAsync(Row("s"), default);
        await Store.AdvanceAsync([Step("s", 10, Tick(10))], default);
        await Store.AdvanceAsync([Step("s", 5) with { LastJob = null }], default);
        await Store.PutAsync(Row("s") with { Version = 2 }, default);
        var row = await OneAsync();
        Assert.Equal((Noon.AddMinutes(10), Job(10), 2, 1), (row.Cursor, row.LastJob, row.Version, row.Ticks));
    }

    [Fact]
    public async Task Another_shape_begins_at_its_own_cursor()
    {
        await Store.PutAsync(Row("s"), default);
        await Store.AdvanceAsync([Step("s", 10, Tick(10))], default);
        await Store.PutAsync(Row("s") with { Shape = "other", Cursor = Noon.AddMinutes(3) }, default);
        Assert.Equal(Noon.AddMinutes(3), (await OneAsync()).Cursor);
    }

    [Fact]
    public async Task A_deleted_schedule_is_gone_with_its_history_and_alone()
    {
        await Store.PutAsync(Row("s"), default);
        await Store.PutAsync(Row("s") with { Namespace = Namespace.Parse("other") }, default);
        await Store.AdvanceAsync([Step("s", 1, Tick(1)), Step("s", 2, Tick(2)) with { Namespace = Namespace.Parse("other") }, Step("none", 3, Tick(3))], default);
        await Store.DeleteAsync(Namespace.Default, "s", default);
        await Store.DeleteAsync(Namespace.Default, "s", default);
        Assert.Equal(Namespace.Parse("other"), (await OneAsync()).Namespace);
        Assert.Empty(await Store.ReadHistoryAsync(Namespace.Default, "s", default));
        Assert.Empty(await Store.ReadHistoryAsync(Namespace.Default, "none", default));
        Assert.Equal([Tick(2)], await Store.ReadHistoryAsync(Namespace.Parse("other"), "s", default));
    }

    [Fact]
    public async Task Of_one_step_with_more_lines_than_are_kept_the_newest_stay()
    {
        await Store.PutAsync(Row("s"), default);
        await Store.AdvanceAsync([Step("s", 60, [.. Enumerable.Range(0, 61).Select(Tick)])], default);
        Assert.Equal(Enumerable.Range(11, 50).Reverse().Select(Tick), await Store.ReadHistoryAsync(Namespace.Default, "s", default));
        Assert.Equal((61, Tick(60)), ((await OneAsync()).Ticks, (await OneAsync()).Last));
    }

    public ValueTask DisposeAsync()
    {
        _storage?.Dispose();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private async Task<ScheduleRow> OneAsync() => Assert.Single(await Store.ReadAllAsync(default));

    private static ScheduleRow Row(string name) => new() { Namespace = Namespace.Default, Name = name, Shape = "shape", Cursor = Noon, CreatedAt = Noon, UpdatedAt = Noon, Version = 1 };

    private static ScheduleStep Step(string name, int minute, params IReadOnlyList<ScheduleTick> ticks) =>
        new(Namespace.Default, name, Noon.AddMinutes(minute), ticks.Count > 0 ? ticks[^1].Job : null, ticks);

    private static ScheduleTick Tick(int minute) => minute % 2 == 0
        ? new(Noon.AddMinutes(minute), ScheduleOutcome.Submitted, Job(minute), null, Noon)
        : new(Noon.AddMinutes(minute), ScheduleOutcome.Skipped, null, "why", Noon);

    private static JobId Job(int number) => new(new Guid(number + 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
}
