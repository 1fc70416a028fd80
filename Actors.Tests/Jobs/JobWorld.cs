using System.Diagnostics.CodeAnalysis;
using ActorPerf.Caching;
using ActorPerf.Cluster;
using ActorPerf.Compute;
using ActorPerf.Jobs;
using ActorPerf.Kernel;
using ActorPerf.Storage.Memory;
using ActorPerf.Tasks;
using ActorPerf.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Jobs;

/// <summary>A node's jobs on one thread: pools, caching actors, tracker and dispatcher under a seed, and a store that commits when the test says so.</summary>
internal sealed class JobWorld
{
    public const int Routees = 4;

    /// <summary>Permits that jobs may hold: all but a quarter.</summary>
    public const int JobPermits = 3;

    private readonly ActorSimulation _simulation;
    private readonly Catalog _catalog;

    public JobWorld(ActorSimulation simulation, QueueOptions? queue = null)
    {
        _simulation = simulation;
        var storage = new MemoryStorage(simulation.Time, new Random(simulation.Seed));
        Store = new SteppedStore(storage.Jobs);
        var pools = simulation.RunAtOnce(ComputePools.StartAsync(simulation.System, ["default"], new ComputeOptions(), simulation.Time, NullLogger<ComputePools>.Instance));
        Pool = pools.Find("default")!;
        var caching = simulation.RunAtOnce(CachingShards.StartAsync(
            simulation.System, pools, new CacheOptions { Shards = 1 }, simulation.Time, NullLogger<CachingShards>.Instance));
        _catalog = new Catalog([Task("held", null), Task("memoised", new Memoization(TimeSpan.FromMinutes(5))),
            Task("timed", null) with { Timeout = TimeSpan.FromSeconds(10) }, Task("typed", new Memoization(TimeSpan.FromMinutes(5))) with { ResultType = "text/csv" },
            Task("picky", null) with { Retry = Picky }, Task("shy", null) with { SecretArgs = ["/password"] },
            Guarded(Task("guarded", null)), Guarded(Task("guarded-memoised", new Memoization(TimeSpan.FromMinutes(5))))]);
        Parts = new TrackerParts
        {
            Store = Store, Tasks = _catalog, Options = new JobOptions(), QueueOptions = name => QueueOptions.GetValueOrDefault(name) ?? queue ?? new QueueOptions(),
            Flow = new FlowSettings(_ => queue ?? new QueueOptions(), [], []), Pace = new QueuePace(simulation.Time),
            Incarnation = new Incarnation(Guid.CreateVersion7()), NodeName = "n", Time = simulation.Time, Random = new Random(simulation.Seed),
            Log = NullLogger.Instance, Statistics = new JobStatisticsBoard(simulation.Time), CachingActorOf = caching.ActorOf, Waiting = [], Pools = pools,
        };
        var parts = Parts;
        Tracker = simulation.System.ActorOf(Props.Create(() => new JobTracker(parts)), "jobs");
        var dispatcher = new DispatcherParts("default", Pool.Gate, Tracker, parts.Start);
        parts.Dispatchers = new Dictionary<string, IActorRef> { ["default"] = simulation.System.ActorOf(Props.Create(() => new JobDispatcher(dispatcher)), "dispatcher") };
        Jobs = new JobService(Tracker, Store, storage.Feed, new TaskCatalog(_catalog.All), parts.Options, simulation.Time, parts.Running, parts.Statistics,
            new JobOutlook(Store, parts.Running, pools, parts.Flow, parts.Pace, simulation.Time, new ShownJobs(new TaskCatalog(_catalog.All))), () => false);
        Queues = new QueueService(Tracker, Store, simulation.Time, pools, parts.Flow, () => false);
        Settle();
    }

    private static RetryPolicy Picky { get; } = new(
        new BackoffPolicy(TimeSpan.FromMinutes(1), 1, TimeSpan.FromMinutes(1)), [nameof(InvalidDataException)],
        new Dictionary<string, BackoffPolicy> { [nameof(TimeoutException)] = new(TimeSpan.FromHours(2), 1, TimeSpan.FromHours(2)) });

    public static Config Config => Config.FromPairs([new("akka.actor.deployment./compute/default.nr-of-instances", $"{Routees}"), new("akka.actor.deployment./compute/default.router", "round-robin-pool")]);

    public SteppedStore Store { get; }
    public ComputePool Pool { get; }
    public TrackerParts Parts { get; }
    public IActorRef Tracker { get; }
    public JobService Jobs { get; }
    public QueueService Queues { get; }

    /// <summary>Of queues that are set otherwise than the rest; without limits, which are known from the start.</summary>
    public Dictionary<string, QueueOptions> QueueOptions { get; } = [];

    /// <summary>Runs under way, oldest first.</summary>
    public List<HeldRun> Runs { get; } = [];

    /// <summary>How often the code of an attempt began.</summary>
    public Dictionary<(Guid Job, int Attempt), int> Began { get; } = [];

    /// <summary>Makes the tracker fail so many times while it tells of a job that starts: at its look for the task.</summary>
    public void FailNextStarts(int times) => _catalog.Failures = times;

    /// <summary>Makes the tracker fail on a message that says nothing.</summary>
    public void Crash()
    {
        Tracker.Tell(new AttemptEnded("no attempt of ours", new AttemptOutcome.Cancelled(), TimeSpan.Zero));
        _simulation.RunUntilIdle();
    }

    public Task<SubmitOutcome> Submit(string task = "held", JobId? id = null, string args = "{}", int priority = 5, string? limitKey = null)
    {
        var submitting = Jobs.SubmitAsync(new Submission
        {
            Namespace = Namespace.Default, Task = task, Id = id, Args = System.Text.Encoding.UTF8.GetBytes(args), Priority = priority, LimitKey = limitKey,
            Digest = new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
        }, CancellationToken.None).AsTask();
        _simulation.RunUntilIdle();
        return submitting;
    }

    /// <summary>Submits, commits, and returns the job as accepted.</summary>
    public Job Accepted(string task = "held", string args = "{}", int priority = 5, string? limitKey = null)
    {
        var submitting = Submit(task, args: args, priority: priority, limitKey: limitKey);
        Settle();
        return Assert.IsType<SubmitOutcome.Accepted>(Of(submitting)).Job;
    }

    /// <summary>What an answered task holds. Its continuation comes from another thread, so the answer may be a moment away; time stands still.</summary>
    public static T Of<T>(Task<T> answered)
    {
        Assert.True(SpinWait.SpinUntil(() => answered.IsCompleted, TimeSpan.FromSeconds(60)), "never answered");
        return answered.GetAwaiter().GetResult();
    }

    /// <summary>Commits and runs until nothing moves any more; time stands still.</summary>
    public void Settle()
    {
        do _simulation.RunUntilIdle();
        while (Store.Commit());
    }

    /// <summary>Runs until nothing moves any more, without a commit.</summary>
    public void Pump() => _simulation.RunUntilIdle();

    public void End(HeldRun run, string result = "1")
    {
        Runs.Remove(run);
        run.End.TrySetResult(result);
        _simulation.RunUntilIdle();
    }

    public void Throw(HeldRun run, Exception exception)
    {
        Runs.Remove(run);
        run.End.TrySetException(exception);
        Settle();
    }

    public DateTimeOffset Now => _simulation.Time.GetUtcNow();

    /// <summary>Lets time pass, committing as it does.</summary>
    public void Pass(TimeSpan time)
    {
        var step = TimeSpan.FromMilliseconds(500);
        for (; time > TimeSpan.Zero; time -= step)
        {
            _simulation.RunFor(time < step ? time : step);
            Settle();
        }
    }

    public void EndAll()
    {
        for (Settle(); Runs.Count > 0; Settle()) End(Runs[0]);
    }

    public Job Read(JobId id) => Of(Jobs.GetAsync(Namespace.Default, id, CancellationToken.None).AsTask())!;

    public IReadOnlyList<JobState> States(JobId id) =>
        [.. Of(Jobs.HistoryAsync(Namespace.Default, id, CancellationToken.None).AsTask())!.Rows.Select(row => row.To)];

    /// <summary>Nothing runs, and every permit is back where it was at the start.</summary>
    public void AssertPermitsAreBack()
    {
        // Tokens are cancelled on threads of the pool, whose work may be a moment away; time stands still.
        SpinWait.SpinUntil(
            () =>
            {
                Settle();
                return Pool.Meter.Read() is { Jobs: 0, Computes: 0 } && Pool.Open.Count == JobPermits && Parts.Pending.Count == 0 && Parts.Running.Count == 0;
            },
            TimeSpan.FromSeconds(60));
        Assert.Equal((0, 0, Routees), (Pool.Meter.Read().Jobs, Pool.Meter.Read().Computes, Pool.Meter.Read().Routees));
        Assert.Equal(JobPermits, Pool.Open.Count);
        Assert.Empty(Parts.Pending);
        Assert.Equal(0, Parts.Running.Count);
    }

    private TaskDescriptor Task(string name, Memoization? memoize) => A.Lambda(async (context, ct) =>
    {
        if (context.JobId is { } job) Began[(job, context.Attempt)] = Began.GetValueOrDefault((job, context.Attempt)) + 1;
        // Continued on the thread that ends it, which is the simulation's.
        var run = new HeldRun(context, new TaskCompletionSource<string>());
        Runs.Add(run);
        using var stopped = ct.Register(() => run.Stopped = true);
        return await run.End.Task;
    }, name, memoize: memoize);

    private static TaskDescriptor Guarded(TaskDescriptor task) => task with { Runner = new GuardedRunner(task.Runner) };

    /// <summary>Throws out of a look at arguments that hold the word "bad", as a guard in their constructor would.</summary>
    private sealed class GuardedRunner(ITaskRunner inner) : ITaskRunner
    {
        public Refusal? Check(ReadOnlyMemory<byte> args) => inner.Check(Guarded(args));

        public bool TryCanonicalize(ReadOnlyMemory<byte> args, out ReadOnlyMemory<byte> canonical, out Refusal? refusal) => inner.TryCanonicalize(Guarded(args), out canonical, out refusal);

        public ValueTask<ReadOnlyMemory<byte>> RunAsync(ReadOnlyMemory<byte> args, TaskContext context, CancellationToken ct) => inner.RunAsync(args, context, ct);

        private static ReadOnlyMemory<byte> Guarded(ReadOnlyMemory<byte> args) =>
            args.Span.IndexOf("bad"u8) < 0 ? args : throw new ArgumentOutOfRangeException(nameof(args), "bad is not taken.");
    }

    /// <summary>Code that runs until the test ends it.</summary>
    internal sealed class HeldRun(TaskContext context, TaskCompletionSource<string> end)
    {
        public TaskContext Context { get; } = context;
        public Guid? Job { get; } = context.JobId;
        public TaskCompletionSource<string> End { get; } = end;
        public volatile bool Stopped;
    }

    /// <summary>The tracker's; the front door has one of its own that does not fail.</summary>
    private sealed class Catalog(IEnumerable<TaskDescriptor> tasks) : ITaskCatalog
    {
        private readonly TaskCatalog _inner = new([.. tasks]);

        public int Failures { get; set; }
        public IReadOnlyList<TaskDescriptor> All => _inner.All;

        public bool TryGet(string name, [NotNullWhen(true)] out TaskDescriptor? task)
        {
            if (Failures-- > 0) throw new InvalidOperationException("The catalog fails, as the test wants.");
            return _inner.TryGet(name, out task);
        }

        public Refusal Unknown(string name) => _inner.Unknown(name);
    }
}

/// <summary>A store whose writes wait until the test commits them, urgent ones first, as a write queue's do.</summary>
internal sealed class SteppedStore(IJobStore inner) : IJobStore
{
    private readonly List<JobWrite> _waiting = [];
    private readonly List<JobWrite> _unreported = [];

    public Action<IReadOnlyList<JobWrite>>? Reported { get; set; }

    public bool IsInOrder { get; set; } = true;

    /// <summary>Every write that was committed, in order.</summary>
    public List<JobWrite> Committed { get; } = [];

    /// <summary>No room: writes that are not urgent are turned away.</summary>
    public bool Full { get; set; }

    /// <summary>The store has failed for good: every write is turned away.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Another transaction holds a row that was due long ago: sweeps pass over it and name it.</summary>
    public bool HoldsDue { get; set; }

    /// <summary>Writes that were turned away.</summary>
    public int TurnedAway { get; private set; }

    public bool TryPost(JobWrite write)
    {
        if (HasEnded || (Full && !write.Urgent))
        {
            TurnedAway++;
            return false;
        }
        _waiting.Add(write);
        return true;
    }

    /// <summary>Commits what waits as one transaction; false when nothing did.</summary>
    /// <param name="fails">Writes that do not become durable.</param>
    /// <param name="unknown">Writes that become durable and are reported as failed all the same, as when a commit's answer is lost.</param>
    /// <param name="only">The others go on waiting, as in another line.</param>
    /// <param name="unreported">Told of by <see cref="Report"/>, as from a line that is held up behind its commit.</param>
    public bool Commit(Func<JobWrite, bool>? fails = null, Func<JobWrite, bool>? unknown = null, Func<JobWrite, bool>? only = null, Func<JobWrite, bool>? unreported = null)
    {
        if (_waiting.Count == 0) return false;
        JobWrite[] batch = [.. _waiting.Where(write => only?.Invoke(write) != false).OrderBy(write => write.Urgent ? 0 : 1)];
        _waiting.RemoveAll(write => only?.Invoke(write) != false);
        inner.Reported = _ => { };
        foreach (var write in batch)
        {
            if (fails?.Invoke(write) == true) write.Failure = new StoreUnavailableException();
            else if (inner.TryPost(write)) Committed.Add(write);
            if (HoldsDue && write is JobWrite.Sweep sweep) sweep.NextDue = DateTimeOffset.UnixEpoch;
            if (write.Failure is null && unknown?.Invoke(write) == true) write.Failure = new StoreUnavailableException();
        }
        _unreported.AddRange(batch.Where(write => unreported?.Invoke(write) == true));
        Reported?.Invoke([.. batch.Except(_unreported)]);
        return true;
    }

    /// <summary>Tells of what was committed without a word.</summary>
    public void Report()
    {
        Reported?.Invoke([.. _unreported]);
        _unreported.Clear();
    }

    /// <summary>Somebody else writes to the same database.</summary>
    public void Elsewhere(JobWrite write)
    {
        inner.Reported = _ => { };
        Assert.True(inner.TryPost(write));
    }

    public ValueTask<IReadOnlyList<Job?>> ReadManyAsync(Namespace ns, IReadOnlyList<JobId> ids, CancellationToken ct) => inner.ReadManyAsync(ns, ids, ct);

    public ValueTask<StoredResult?> ReadResultAsync(Namespace ns, JobId id, CancellationToken ct) => inner.ReadResultAsync(ns, id, ct);

    public ValueTask<IReadOnlyDictionary<long, ProgressReport>> ReadProgressAsync(IReadOnlyList<JobRow> running, CancellationToken ct) => inner.ReadProgressAsync(running, ct);

    public ValueTask<RunNotes> ReadNotesAsync(DateTimeOffset? since, int limit, CancellationToken ct) => inner.ReadNotesAsync(since, limit, ct);

    public ValueTask<JobHistory?> ReadHistoryAsync(Namespace ns, JobId id, CancellationToken ct) => inner.ReadHistoryAsync(ns, id, ct);

    public ValueTask<JobPage> ListAsync(JobQuery query, CancellationToken ct) => inner.ListAsync(query, ct);

    public ValueTask<MatchCount> CountMatchingAsync(JobQuery query, CancellationToken ct) => inner.CountMatchingAsync(query, ct);

    public ValueTask<IReadOnlyList<string>> ListTagsAsync(Namespace ns, string prefix, int limit, CancellationToken ct) => inner.ListTagsAsync(ns, prefix, limit, ct);

    public ValueTask<IReadOnlyList<JobCount>> CountAsync(Namespace? ns, CancellationToken ct) => inner.CountAsync(ns, ct);

    public ValueTask<IReadOnlyDictionary<string, DateTimeOffset>> OldestWaitingAsync(Namespace? ns, CancellationToken ct) => inner.OldestWaitingAsync(ns, ct);

    public ValueTask<IReadOnlyList<Job>> ReadRunningAsync(Incarnation owner, CancellationToken ct) => inner.ReadRunningAsync(owner, ct);

    public ValueTask<DateTimeOffset?> NextDueAsync(CancellationToken ct) => inner.NextDueAsync(ct);

    public ValueTask<IReadOnlyDictionary<string, QueueOverrides>> ReadQueueSettingsAsync(CancellationToken ct) => inner.ReadQueueSettingsAsync(ct);

    public ValueTask<FlowUse> ReadFlowAsync(Namespace ns, IReadOnlyCollection<string> queues, IReadOnlyCollection<string> keys, CancellationToken ct) =>
        inner.ReadFlowAsync(ns, queues, keys, ct);

    public ValueTask<int> CountBeforeAsync(JobRow job, int atMost, CancellationToken ct) => inner.CountBeforeAsync(job, atMost, ct);

    public ValueTask<IReadOnlyList<KeyUse>> ListLimitKeysAsync(Namespace ns, string? after, int limit, CancellationToken ct) => inner.ListLimitKeysAsync(ns, after, limit, ct);
}
