using ActorPerf.Streams;
using ActorPerf.Tasks;

namespace ActorPerf.Data;

/// <summary>Joins the reads of all callers into statements: <c>Buffer → Batch → SelectAsync</c>.</summary>
/// <remarks>Natural batching. While a slot is idle a batch waits for company as long as two hops of the scheduler in a row bring some, and, while other statements are under way, until it has its
/// share of all keys on their way; while all slots are busy it gathers, and a statement that ends sends it at once. What is more than such a share, and than a few dozen keys, is left to the next slot.
/// No timers: a lone read pays two hops, and a batch grows exactly with the load.</remarks>
internal sealed class ReadPipeline : IStatement<SharedRead, Entity?>
{
    private readonly ReadKeys _read;
    private readonly PipelineSetup _setup;
    private readonly StatementRunner<SharedRead, Entity?> _runner;
    private readonly StatementSpans<SharedRead, Entity?> _spans;
    private readonly Task _running;

    public ReadPipeline(ReadKeys read, Fence fence, PipelineSetup setup)
    {
        (_read, _setup) = (read, setup);
        _runner = new StatementRunner<SharedRead, Entity?>(this, Counters, setup.Time, setup.Random);
        Line = new ReadLine(setup.MaxQueued, setup.Slots, fence, Counters, setup.Time);
        _spans = new StatementSpans<SharedRead, Entity?>(setup, "read-many", static item => item.Key.Kind, Line.CallsOf, SendAsync);
        using var own = ExecutionContext.SuppressFlow();                  // the loop belongs to nobody's scope
        _running = Line                                                   // Buffer: bounded, a key stands in it once
            .Batch(setup.MaxBatch, settle: 2)                             // Batch: gathers while all slots are busy
            .SelectAsync(setup.Slots, RunAsync, setup.Scheduler);         // SelectAsync: so many statements at once
    }

    public ReadLine Line { get; }

    /// <summary>Keys in a statement at most.</summary>
    public int MaxBatch => _setup.MaxBatch;

    /// <summary>Statements under way at once.</summary>
    public int Slots => _setup.Slots;

    private PipelineCounters Counters { get; } = new();

    public PipelineSnapshot Snapshot() => Counters.Snapshot(Line.Queued);

    /// <summary>Takes nothing more, and ends when what waits has been read.</summary>
    public Task StopAsync()
    {
        Line.Complete();
        return _running;
    }

    private async ValueTask RunAsync(Batch<SharedRead> batch, CancellationToken ct)
    {
        using var _ = batch;
        try
        {
            await _runner.RunAsync(batch.Items, batch.Begin(_setup.StatementTimeout, _setup.Time));
        }
        catch (Exception bug)
        {
            // Nobody may wait for ever, and the pipeline goes on for others.
            _setup.Log.PipelineFailed(bug, "reading", batch.Items.Length);
            foreach (var item in batch.Items) Line.Fail(item, bug);
        }
        Line.Ended(batch);
    }

    ValueTask<IReadOnlyList<Entity?>> IStatement<SharedRead, Entity?>.SendAsync(ArraySegment<SharedRead> items, CancellationToken ct) =>
        _spans.SendAsync(items, ct);

    private ValueTask<IReadOnlyList<Entity?>> SendAsync(ArraySegment<SharedRead> items, CancellationToken ct) => _read(items[0].Id.Namespace, KeysOf(items), ct);

    private static Key[] KeysOf(ArraySegment<SharedRead> items)
    {
        var keys = new Key[items.Count];
        for (var i = 0; i < keys.Length; i++) keys[i] = items[i].Key;
        return keys;
    }

    void IStatement<SharedRead, Entity?>.Settle(ArraySegment<SharedRead> items, IReadOnlyList<Entity?> results) => Line.Settle(items, results);

    void IStatement<SharedRead, Entity?>.Fail(ArraySegment<SharedRead> items, Exception fault)
    {
        foreach (var read in items) Line.Fail(read, fault);
    }
}

/// <summary>One statement of a read pipeline.</summary>
/// <param name="ns">Whose keys they are: a statement is of one namespace.</param>
/// <returns>One item per key in their order, null where there is none.</returns>
internal delegate ValueTask<IReadOnlyList<Entity?>> ReadKeys(Namespace ns, IReadOnlyList<Key> keys, CancellationToken ct);

/// <summary>What a pipeline is made with.</summary>
/// <param name="MaxBatch">Keys in a statement at most.</param>
/// <param name="Slots">Statements under way at once.</param>
/// <param name="Random">Of the jitter of retries; the pipeline locks it.</param>
/// <param name="Scheduler">Where its loop runs.</param>
internal sealed record PipelineSetup(int MaxBatch, int Slots, int MaxQueued, TimeSpan StatementTimeout, TimeProvider Time, Random Random, TaskScheduler Scheduler, ILogger Log);
