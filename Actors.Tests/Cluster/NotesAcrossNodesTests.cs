using System.Collections.Concurrent;
using ActorPerf.Jobs;
using ActorPerf.Storage.Sqlite;
using ActorPerf.Tasks;
using ActorPerf.Tests.Node;
using ActorPerf.Tests.Storage.PostgreSql;

namespace ActorPerf.Tests.Cluster;

/// <summary>What a run says is seen on the other nodes while it runs, and followers there miss no line.</summary>
public sealed class NotesAcrossNodesTests
{
    [Fact]
    public async Task In_memory()
    {
        await using var world = new NodesWorld();
        await SaysAsync(world);
    }

    [FullFact]
    public async Task Over_a_file()
    {
        using var folder = new TestFolder();
        await using var world = new NodesWorld(time => SqliteStorage.Open($"Data Source={folder.Path("node.db")}", time, new Random(1), _ => { }, shared: true));
        await SaysAsync(world);
    }

    [PostgresFact]
    public async Task Over_a_server()
    {
        var database = await PostgresServer.NewMigratedAsync();
        await using var world = new NodesWorld(time => PostgresStores.Open(database, time));
        await SaysAsync(world);
    }

    private static async Task SaysAsync(NodesWorld world)
    {
        var front = await world.StartAsync("front", computes: false);
        var worker = await world.StartAsync("worker");
        var job = await world.SubmitAsync(front);
        await world.UntilAsync(() => world.Runs.Count == 1, "it runs");
        var run = world.Runs.Single();
        run.Context.Log("before");
        await world.UntilAsync(() => Lines(front, job).Length == 1, "its first line is read");

        var told = new ConcurrentQueue<JobEvent>();
        var following = Task.Run(async () =>
        {
            await foreach (var happened in front.Runtime.Jobs.FollowAsync(Namespace.Default, job, null, default)) told.Enqueue(happened);
        });
        await world.UntilAsync(() => !told.IsEmpty, "it is followed");
        run.Context.Progress(40, "nearly half");
        run.Context.Log("one");
        run.Context.Log("two");
        await world.UntilAsync(() => Get(front, job).Progress is { Percent: 40, Message: "nearly half" }, "its progress is read");
        Assert.Equal(["before", "one", "two"], Lines(front, job));
        Assert.Equal(["before", "one", "two"], Lines(worker, job));
        Assert.Equal(40, Assert.Single((await front.Runtime.Jobs.ListAsync(new JobQuery { Namespace = Namespace.Default }, default)).Rows).Progress?.Percent);
        await world.UntilAsync(() => told.OfType<JobEvent.Log>().Count() == 2 && told.OfType<JobEvent.Progress>().Any(), "it is told");

        run.Context.Log("at the end");
        run.End.SetResult("1");
        await world.UntilAsync(() => following.IsCompleted, "it has ended");
        await following;
        Assert.Equal(["one", "two", "at the end"], told.OfType<JobEvent.Log>().Select(log => log.Line.Text));
        Assert.IsType<JobEvent.Done>(told.Last());
        Assert.Equal(["before", "one", "two", "at the end"], Lines(front, job));
        Assert.Null(Get(front, job).Progress);
    }

    private static Job Get(NodesWorld.WorldNode node, JobId id) => node.Runtime.Jobs.GetAsync(Namespace.Default, id, default).AsTask().GetAwaiter().GetResult()!;

    private static string[] Lines(NodesWorld.WorldNode node, JobId id) =>
        [.. node.Runtime.Jobs.HistoryAsync(Namespace.Default, id, default).AsTask().GetAwaiter().GetResult()!.Attempts.SelectMany(attempt => attempt.Lines).Select(line => line.Text)];
}
