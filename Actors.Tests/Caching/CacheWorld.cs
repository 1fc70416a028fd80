using System.Collections.Concurrent;
using System.Text;
using ActorPerf.Caching;
using ActorPerf.Compute;
using ActorPerf.Kernel;
using ActorPerf.Tasks;
using ActorPerf.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Caching;

/// <summary>A node's pools and cache, with tasks that end when the test says so.</summary>
internal sealed class CacheWorld : IAsyncDisposable
{
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    private readonly ConcurrentQueue<Run> _runs = [];
    private int _started;
    private CacheOptions _options = new();

    private CacheWorld(ActorSystem system, ManualTime time) => (System, Time) = (system, time);

    public ActorSystem System { get; }
    public ManualTime Time { get; }
    public ComputeService Compute { get; private set; } = null!;
    public CachingShards Shards { get; private set; } = null!;
    public ComputePool Pool { get; private set; } = null!;
    public TaskCatalog Tasks { get; private set; } = null!;

    /// <summary>How often a task's code began.</summary>
    public int Started => Volatile.Read(ref _started);

    public static async Task<CacheWorld> Start(
        CacheOptions? options = null, int routees = 4, ComputeOptions? compute = null, IInvalidationFeed? feed = null, ICacheStore? store = null, params TaskDescriptor[] more)
    {
        var time = new ManualTime();
        var config = Config.FromPairs(
        [
            new("akka.actor.deployment./compute/default.router", "smallest-mailbox-pool"),
            new("akka.actor.deployment./compute/default.nr-of-instances", $"{routees}"),
        ]);
        var world = new CacheWorld(ActorSystem.Create("test", config, new KernelSetup { Time = time }), time);
        var pools = await ComputePools.StartAsync(world.System, ["default"], compute ?? new ComputeOptions(), time, NullLogger<ComputePools>.Instance);
        await Eventually.Is(() => pools.Find("default")?.Meter.Read().Routees == routees, "all routees are there");
        options = (options ?? new CacheOptions { Shards = 2 }) with { Jitter = options is { Jitter: not 0.1 and var jitter } ? jitter : 0 };
        world.Pool = pools.Find("default") ?? throw new InvalidOperationException();
        world.Shards = await CachingShards.StartAsync(world.System, pools, options, time, NullLogger<CachingShards>.Instance,
            feed ?? (store is null ? new LocalInvalidationFeed() : await StoredInvalidationFeed.OpenAsync(store, default)), store, seed: 1);
        world.Tasks = new TaskCatalog(
        [
            world.Held("held", new Memoization(Life)), world.Held("tagged", new Memoization(Life, Tags: ["blue"])), world.Held("plain", null),
            world.Held("limited", new Memoization(Life)) with { Timeout = TimeSpan.FromSeconds(10) },
            world.Held("lost-queue", new Memoization(Life)) with { Queue = "nowhere" },
            A.Lambda((context, _) => Task.FromResult($"\"{new string('x', 1_000)}\""), "quick", memoize: new Memoization(Life)), .. more,
        ]);
        world._options = options;
        world.Compute = new ComputeService(world.Tasks, world.Shards, options, time, NullLogger<ComputeService>.Instance);
        return world;
    }

    /// <summary>One more task that ends when the test says so.</summary>
    public void Add(string name, Memoization memoize, IReadOnlyList<string>? secrets = null)
    {
        Tasks = new TaskCatalog([.. Tasks.All, Held(name, memoize) with { SecretArgs = secrets ?? [] }]);
        Compute = new ComputeService(Tasks, Shards, _options, Time, NullLogger<ComputeService>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var run in _runs) run.End.TrySetResult("0");
        await System.Terminate();
    }

    public Task<ComputeOutcome> Ask(
        string args = "{}", string task = "held", CacheDirective directive = default, TimeSpan? patience = null, Namespace? ns = null, CancellationToken ct = default) =>
        Compute.ComputeAsync(new ComputeRequest(ns ?? Namespace.Default, task, Encoding.UTF8.GetBytes(args), directive, patience ?? TimeSpan.FromSeconds(30)), ct).AsTask();

    /// <summary>The next computation that began.</summary>
    public async Task<Run> NextRun()
    {
        Run? run = null;
        await Eventually.Is(() => _runs.TryDequeue(out run), "a computation begins");
        return run ?? throw new InvalidOperationException();
    }

    /// <summary>So many callers of a key that is not remembered, all of whom wait for the one computation that began.</summary>
    public async Task<(Run Run, Task<ComputeOutcome>[] Asked)> AskTogether(int callers, string args = "{}", CancellationToken ct = default)
    {
        var joined = Totals.Joined;
        var asked = new Task<ComputeOutcome>[callers];
        await Task.WhenAll(Enumerable.Range(0, 4).Select(part => Task.Run(() =>
        {
            for (var i = part; i < callers; i += 4) asked[i] = Ask(args, ct: ct);
        })));
        var run = await NextRun();
        await Eventually.Is(() => Totals.Joined - joined == callers - 1, "all have joined");
        return (run, asked);
    }

    /// <summary>Lets callers go.</summary>
    public static async Task Leave(CancellationTokenSource leaving, params Task[] callers)
    {
        await leaving.CancelAsync();
        foreach (var caller in callers) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => caller);
    }

    /// <summary>What is remembered and fresh; null for nothing. Computes nothing and starts no refresh.</summary>
    public async Task<string?> Peek(string task = "held") =>
        await Ask(task: task, directive: new CacheDirective(OnlyIfCached: true)) is ComputeOutcome.Found { Source: CacheSource.Hit } found ? Text(found) : null;

    public CacheKey Key(string args = "{}", string task = "held") => new(Namespace.Default, task, 1, Encoding.UTF8.GetBytes(args));

    public static string Text(ComputeOutcome outcome) => Encoding.UTF8.GetString(Found(outcome).Result.Json.Span);

    public static ComputeOutcome.Found Found(ComputeOutcome outcome) => Assert.IsType<ComputeOutcome.Found>(outcome);

    public static string Refused(ComputeOutcome outcome) => Assert.IsType<ComputeOutcome.Refused>(outcome).Refusal.Code;

    public CacheTotals Totals => Compute.Statistics(Namespace.Default).Total;

    private TaskDescriptor Held(string name, Memoization? memoize) => A.Lambda(async (context, ct) =>
    {
        Interlocked.Increment(ref _started);
        var run = new Run(context, new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously), ct);
        using var cancelled = ct.Register(() => run.Cancelled.TrySetResult());
        _runs.Enqueue(run);
        return await run.End.Task;
    }, name, memoize: memoize);

    /// <summary>A computation that runs until the test ends it; it does not follow its token by itself.</summary>
    internal sealed record Run(TaskContext Context, TaskCompletionSource<string> End, CancellationToken Token)
    {
        public TaskCompletionSource Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Return(string json) => End.SetResult(json);

        public void Throw(Exception exception) => End.SetException(exception);

        public void FollowToken() => End.SetException(new OperationCanceledException(Token));
    }
}
