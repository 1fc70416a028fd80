using ActorPerf.Caching;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Tracing;

namespace ActorPerf.Setup;

/// <summary>Reads once per slot what the node counts anyway, and answers those who ask how it was. What it notes, by scope:
/// a namespace has <c>cache.hits</c>, <c>cache.stale</c>, <c>cache.joined</c>, <c>cache.computed</c>, <c>cache.failed</c> and <c>cache.evicted</c>;
/// the node has <c>queue.oldest:NAME</c> (seconds), and for <c>data.reads</c> and <c>data.writes</c> <c>.keys</c>, <c>.statements</c>, <c>.batch</c> (keys in a batch) and <c>.wait</c> (95th percentile, seconds).</summary>
internal sealed class TimelineActor : ReceiveActor, IWithTimers
{
    private readonly TimelineBook _book = new();
    private readonly TimelineSources _sources;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, PipelineSnapshot> _before = new(StringComparer.Ordinal);
    private bool _asking;

    public TimelineActor(TimelineSources sources, TimeProvider time)
    {
        (_sources, _time) = (sources, time);
        Receive<Tick>(_ => Note());
        Receive<Oldest>(oldest => Note(oldest));
        Receive<Status.Failure>(_ => _asking = false);          // the store is away: asked again with the next slot
        Receive<Ask>(ask => ask.Reply.TrySetResult(_book.Read(ask.Scope, _time.GetUtcNow())));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer(Tick.Instance, Tick.Instance, TimeSpan.FromSeconds(TimeSlots.Seconds));

    private void Note()
    {
        var slot = TimeSlots.Of(_time.GetUtcNow());
        foreach (var (ns, totals) in _sources.Cache()) Note(ns, totals, slot);
        var data = _sources.Data();
        Note("data.reads", data.Reads, slot);
        Note("data.writes", data.Writes, slot);
        _book.Prune(slot);
        if (_asking) return;
        _asking = true;
        _ = _sources.Oldest().PipeTo(Self, success: since => new Oldest(since));
    }

    private void Note(string ns, CacheTotals totals, long slot)
    {
        _book.Total(ns, "cache.hits", totals.Hits, slot);
        _book.Total(ns, "cache.stale", totals.Stale, slot);
        _book.Total(ns, "cache.joined", totals.Joined, slot);
        _book.Total(ns, "cache.computed", totals.Misses, slot);
        _book.Total(ns, "cache.failed", totals.Failures, slot);
        _book.Total(ns, "cache.evicted", totals.Evictions, slot);
    }

    private void Note(string name, PipelineSnapshot now, long slot)
    {
        _book.Total(Timelines.Node, name + ".keys", now.Calls, slot);
        _book.Total(Timelines.Node, name + ".statements", now.Statements, slot);
        if (_before.TryGetValue(name, out var before) && now.BatchesSince(before) is > 0 and var batches)
        {
            _book.Value(Timelines.Node, name + ".batch", (double)(now.Sent - before.Sent) / batches, slot);
            _book.Value(Timelines.Node, name + ".wait", now.WaitSince(before, 0.95).TotalSeconds, slot);
        }
        _before[name] = now;
    }

    private void Note(Oldest oldest)
    {
        _asking = false;
        var now = _time.GetUtcNow();
        foreach (var (queue, since) in oldest.Since)
            if (now > since) _book.Value(Timelines.Node, "queue.oldest:" + queue, (now - since).TotalSeconds, TimeSlots.Of(now));
    }

    /// <summary>Somebody looks.</summary>
    internal sealed record Ask(string Scope, TaskCompletionSource<Timelines> Reply);

    private sealed record Oldest(IReadOnlyDictionary<string, DateTimeOffset> Since);

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }
}

/// <summary>What is read once per slot; each is cheap and may be called from any thread.</summary>
/// <param name="Cache">Totals by namespace.</param>
/// <param name="Oldest">Since when the oldest job waits, by queue.</param>
internal sealed record TimelineSources(
    Func<IEnumerable<(string Namespace, CacheTotals Totals)>> Cache, Func<DataStatistics> Data, Func<Task<IReadOnlyDictionary<string, DateTimeOffset>>> Oldest);

/// <summary><see cref="ITimelines"/> over its actor.</summary>
internal sealed class NodeTimelines(IActorRef keeper, TimeProvider time) : ITimelines
{
    /// <summary>An actor that is gone answers nobody.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public IActorRef Keeper => keeper;

    public async ValueTask<Timelines> ReadAsync(string scope, CancellationToken ct)
    {
        var reply = new TaskCompletionSource<Timelines>(TaskCreationOptions.RunContinuationsAsynchronously);
        keeper.Tell(new TimelineActor.Ask(scope, reply));
        try
        {
            return await reply.Task.WaitAsync(Patience, time, ct);
        }
        catch (TimeoutException)
        {
            return new Timelines(time.GetUtcNow(), new Dictionary<string, IReadOnlyList<double>>());
        }
    }

    public static NodeTimelines Start(ActorSystem system, ComputeService compute, NodeData data, IJobStore jobs, TimeProvider time)
    {
        var sources = new TimelineSources(() => compute.Totals, () => data.Service.Statistics, async () => await jobs.OldestWaitingAsync(null, CancellationToken.None));
        return new NodeTimelines(system.ActorOf(Props.Create(() => new TimelineActor(sources, time)), "timelines"), time);
    }
}
