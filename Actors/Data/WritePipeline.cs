using ActorPerf.Streams;

namespace ActorPerf.Data;

/// <summary>The twin of <see cref="ReadPipeline"/> for puts, inserts, updates and deletes: each on its own terms, many in one transaction of the store.</summary>
internal sealed class WritePipeline : IStatement<PendingWrite, WriteOutcome>
{
    private readonly IEntityStore _store;
    private readonly PipelineSetup _setup;
    private readonly StatementRunner<PendingWrite, WriteOutcome> _runner;
    private readonly StatementSpans<PendingWrite, WriteOutcome> _spans;
    private readonly Task _running;

    public WritePipeline(IEntityStore store, Fence fence, PipelineSetup setup)
    {
        (_store, _setup) = (store, setup);
        _runner = new StatementRunner<PendingWrite, WriteOutcome>(this, Counters, setup.Time, setup.Random);
        Line = new WriteLine(setup.MaxQueued, fence, Counters, setup.Time);
        _spans = new StatementSpans<PendingWrite, WriteOutcome>(setup, "write-many", static item => item.Write.Key.Kind, CallsOf, SendAsync);
        using var own = ExecutionContext.SuppressFlow();
        _running = Line.Batch(setup.MaxBatch, settle: 2).SelectAsync(setup.Slots, RunAsync, setup.Scheduler);
    }

    public WriteLine Line { get; }

    private PipelineCounters Counters { get; } = new();

    public PipelineSnapshot Snapshot() => Counters.Snapshot(Line.Queued);

    /// <summary>Takes nothing more, and ends when what waits has been written.</summary>
    public Task StopAsync()
    {
        Line.Complete();
        return _running;
    }

    private async ValueTask RunAsync(Batch<PendingWrite> batch, CancellationToken ct)
    {
        using var _ = batch;
        try
        {
            await _runner.RunAsync(batch.Items, batch.Begin(_setup.StatementTimeout, _setup.Time));
        }
        catch (Exception bug)
        {
            // Nobody may wait for ever, and the pipeline goes on for others.
            _setup.Log.PipelineFailed(bug, "writing", batch.Items.Length);
            foreach (var item in batch.Items) Line.Fail(item, bug);
        }
    }

    ValueTask<IReadOnlyList<WriteOutcome>> IStatement<PendingWrite, WriteOutcome>.SendAsync(ArraySegment<PendingWrite> items, CancellationToken ct) =>
        _spans.SendAsync(items, ct);

    private ValueTask<IReadOnlyList<WriteOutcome>> SendAsync(ArraySegment<PendingWrite> items, CancellationToken ct) => _store.WriteManyAsync(items[0].Id.Namespace, WritesOf(items), ct);

    private static StatementCalls CallsOf(ArraySegment<PendingWrite> items)
    {
        var calls = new StatementCalls();
        foreach (var write in items) calls.Add(write.Sink, write.FirstSpan);
        return calls;
    }

    private static EntityWrite[] WritesOf(ArraySegment<PendingWrite> items)
    {
        var writes = new EntityWrite[items.Count];
        for (var i = 0; i < writes.Length; i++) writes[i] = items[i].Write;
        return writes;
    }

    void IStatement<PendingWrite, WriteOutcome>.Settle(ArraySegment<PendingWrite> items, IReadOnlyList<WriteOutcome> results)
    {
        for (var i = 0; i < items.Count; i++) Line.Settle(items[i], results[i]);
    }

    void IStatement<PendingWrite, WriteOutcome>.Fail(ArraySegment<PendingWrite> items, Exception fault)
    {
        // Given up on the way: nobody knows how far it came.
        var told = fault is TimeoutException ? new CommitUnknownException("The store did not answer in time; the write may or may not have taken place.", fault) : fault;
        foreach (var write in items) Line.Fail(write, told);
    }
}
