using System.Collections.Concurrent;
using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Setup;
using ActorPerf.Storage;
using ActorPerf.Storage.Memory;
using ActorPerf.Tasks;
using ActorPerf.TestKit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Cluster;

/// <summary>Whole nodes over one storage, on real threads and a clock that the test moves: never further than those follow that are not cut.</summary>
internal sealed class NodesWorld : IAsyncDisposable
{
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(500);
    private readonly List<WorldNode> _nodes = [];
    private readonly INodeStorage _first;
    private bool _taken;

    /// <param name="open">Null: in memory.</param>
    public NodesWorld(Func<TimeProvider, INodeStorage>? open = null) => _first = open?.Invoke(Time) ?? new MemoryStorage(Time, new Random(1), shared: true);

    public ManualTime Time { get; } = new();

    /// <summary>Runs of the task <c>hold</c>, in the order of their start.</summary>
    public ConcurrentQueue<HeldRun> Runs { get; } = new();

    public ClusterView View => _first.Members.ReadAsync(default).AsTask().GetAwaiter().GetResult();

    public async Task<WorldNode> StartAsync(string name, bool computes = true, ConfiguredSchedule? schedule = null)
    {
        var storage = new CutStorage(_taken ? _first.Another() : _first);
        _taken = true;
        var options = new ActorPerfOptions();
        (options.Node.Name, options.Node.Roles) = (name, computes ? ["web", "compute"] : ["web"]);
        if (schedule is not null) options.AddSchedule(schedule);
        var runtime = await NodeRuntime.StartAsync(
            new NodeStart
            {
                Options = options, Configuration = new ConfigurationBuilder().Build(), Tasks = new TaskCatalog([Hold(name)]), Logs = NullLoggerFactory.Instance,
                Address = $"http://{name}", Time = Time, Storage = storage, Seed = _nodes.Count,
            },
            default);
        _nodes.Add(new WorldNode(runtime, storage));
        await UntilAsync(() => View.Find(name)!.Status == MemberStatus.Up, $"{name} is up");
        return _nodes[^1];
    }

    public async Task<JobId> SubmitAsync(WorldNode node)
    {
        var outcome = await node.Runtime.Jobs.SubmitAsync(new Submission { Namespace = Namespace.Default, Task = "hold" }, default);
        return Assert.IsType<SubmitOutcome.Accepted>(outcome).Job.Row.Id;
    }

    public async Task<Job> ReadAsync(JobId id) => (await _first.Jobs.ReadManyAsync(Namespace.Default, [id], default))[0]!;

    /// <summary>Lets time go by until it is so; at most five minutes of it.</summary>
    /// <param name="latest">Where the clock stops, and what has to come by then is waited for in real time.</param>
    public async Task UntilAsync(Func<bool> condition, string what, DateTimeOffset? latest = null)
    {
        var end = Time.GetUtcNow() + TimeSpan.FromMinutes(5);
        for (var turns = 0; !condition(); turns++)
        {
            await Task.Yield();
            // Real threads first: time goes on only when nothing has come of the last step for a while.
            if (turns % 200 != 199) continue;
            if (Time.GetUtcNow() + Step > latest)
            {
                await Eventually.Is(condition, what);
                return;
            }
            Assert.True(Time.GetUtcNow() < end, $"not within five minutes: {what}");
            await PassAsync(Step);
        }
    }

    public async Task PassAsync(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += Step)
        {
            Time.Advance(Step);
            await SettleAsync();
            // Nothing says how far the clock may go for one that comes back, so it goes slowly.
            if (_nodes.Exists(node => node.ComesBack)) await Task.Delay(TimeSpan.FromMilliseconds(20));
            await Eventually.Is(() => _nodes.TrueForAll(Follows), () => $"""
                every node follows the clock, which says {Time.GetUtcNow():HH:mm:ss.f}
                {string.Join('\n', _nodes.Select(node => $"{node.Cluster.Self.Name}: cut {node.Storage.IsCut}, follows {Follows(node)}, {node.Cluster.Condition}"))}
                {string.Join('\n', View.Members)}
                """);
        }
    }

    /// <summary>Real threads get their time, more of it where many wait for one: else the clock runs ahead of what a step has set going.</summary>
    private static async Task SettleAsync()
    {
        await Task.Delay(TimeSpan.FromMilliseconds(2));
        for (var i = 0; i < 10 && ThreadPool.PendingWorkItemCount > 0; i++) await Task.Delay(TimeSpan.FromMilliseconds(5));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var run in Runs) run.End.TrySetResult("1");
        foreach (var node in _nodes) Heal(node);
        var verified = await _first.VerifyAsync(default);
        foreach (var node in _nodes) await StopAsync(node);
        Assert.Empty(verified.Violations);
    }

    /// <summary>A stop waits for a while for what a cut has swallowed.</summary>
    private async Task StopAsync(WorldNode node)
    {
        var stopping = node.Runtime.DisposeAsync().AsTask();
        while (await Task.WhenAny(stopping, Task.Delay(TimeSpan.FromMilliseconds(20))) != stopping) Time.Advance(Step);
        await stopping;
    }

    /// <summary>Its last renewal is not longer ago than it may be; or, where none can arrive, it has done what it owes: it is fenced, and its code was told to stop.</summary>
    /// <remarks>Otherwise the clock would run ahead of a node whose threads are slow, and what it did in time would look late.</remarks>
    private bool Follows(WorldNode node)
    {
        var now = Time.GetUtcNow();
        if (View.Find(node.Cluster.Self.Name) is not { } row) return true;
        if (node.Storage.IsCut || node.ComesBack)
        {
            return row.LastHeartbeat > now - (Lease * 2 / 3) - Step
                || (!node.Cluster.Condition.Ready && Runs.Where(run => run.Node == row.Name).All(run => run.StoppedAt is not null || run.End.Task.IsCompleted));
        }
        return row.Status == MemberStatus.Down || row.LastHeartbeat > now - (Lease / 3) - (Step * 4);
    }

    /// <summary>What the node sends arrives again.</summary>
    public static void Heal(WorldNode node)
    {
        node.WasCut = true;
        node.Storage.Heal();
    }

    private TaskDescriptor Hold(string node) => A.Lambda(async (context, ct) =>
    {
        var run = new HeldRun(node, new JobId(context.JobId!.Value), context.Attempt, new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously), ct) { Context = context };
        Runs.Enqueue(run);
        using var stopped = ct.Register(() => run.StoppedAt = Time.GetUtcNow());
        return await run.End.Task;
    }, "hold");

    /// <summary>Code that runs until the test ends it, whatever its token says.</summary>
    internal sealed record HeldRun(string Node, JobId Job, int Attempt, TaskCompletionSource<string> End, CancellationToken Token)
    {
        public DateTimeOffset? StoppedAt { get; set; }

        public required TaskContext Context { get; init; }
    }

    internal sealed record WorldNode(NodeRuntime Runtime, CutStorage Storage)
    {
        public ICluster Cluster => Runtime.Cluster;

        public bool WasCut { get; set; }

        /// <summary>Its line is whole again, and it has yet to ask: what was swallowed is asked again when its patience is over, for which the clock has to go on.</summary>
        public bool ComesBack => WasCut && !Storage.IsCut && !Cluster.Condition.Ready;

        public bool Leads(ClusterView view) => view.LeadingMember?.Incarnation == Cluster.Self.Incarnation;
    }
}
