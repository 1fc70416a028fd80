using ActorPerf.Jobs;
using ActorPerf.Setup;
using ActorPerf.Storage.Memory;
using ActorPerf.Tasks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Setup;

public sealed class NodeStartTests
{
    /// <summary>A job of an earlier life is there before the node is: its code may ask for a front door at once, and must find it.</summary>
    [Fact]
    public async Task No_work_begins_before_the_front_doors_stand()
    {
        var storage = new MemoryStorage(TimeProvider.System, new Random(1), shared: true);
        await using var before = await StartAsync(storage, "before", ["web"], A.Lambda((_, _) => Task.FromResult("1"), "first"), static _ => { });
        var accepted = Assert.IsType<SubmitOutcome.Accepted>(await before.Jobs.SubmitAsync(new Submission { Namespace = Namespace.Default, Task = "first", MaxAttempts = 1 }, default));

        NodeRuntime? doors = null;
        var ranEarly = false;
        using var ran = new ManualResetEventSlim();
        var task = A.Lambda((_, _) =>
        {
            ran.Set();
            return doors is null ? throw new InvalidOperationException("no doors") : Task.FromResult("1");
        }, "first");
        await using var node = await StartAsync((MemoryStorage)storage.Another(), "node", ["web", "compute"], task, stands =>
        {
            ranEarly = ran.Wait(TimeSpan.FromMilliseconds(100));
            doors = stands;
        });
        await Eventually.Is(async () => (await storage.Jobs.ReadManyAsync(Namespace.Default, [accepted.Job.Row.Id], default))[0]!.Row.State.IsFinal, "the job ends");
        var row = (await storage.Jobs.ReadManyAsync(Namespace.Default, [accepted.Job.Row.Id], default))[0]!.Row;
        Assert.Equal((JobState.Succeeded, 1, false), (row.State, row.Attempt, ranEarly));
        Assert.Same(node, doors);
    }

    private static Task<NodeRuntime> StartAsync(MemoryStorage storage, string name, string[] roles, TaskDescriptor task, Action<NodeRuntime> stands)
    {
        var options = new ActorPerfOptions();
        (options.Node.Name, options.Node.Roles) = (name, [.. roles]);
        return NodeRuntime.StartAsync(
            new NodeStart
            {
                Options = options, Configuration = new ConfigurationBuilder().Build(), Tasks = new TaskCatalog([task]), Logs = NullLoggerFactory.Instance,
                Address = $"http://{name}", Storage = storage, Stands = stands,
            },
            default);
    }
}
