using ActorPerf.Tasks;

namespace ActorPerf.Data;

/// <summary>Numbers for new entities, handed out from blocks that were set aside in the store. What is left of a block when the process ends is lost, and nobody minds.</summary>
/// <remarks>Whoever finds a block empty waits for the one statement that fills it. That is nobody's own: no caller's token ends it, it is given up after the statement's time, and tried again where the
/// store was away for a moment. When it fails, each who waits gets an exception of their own, and the next caller asks anew.</remarks>
internal sealed class IdBlocks : IStatement<IdBlocks.Fill, long>
{
    private const int MaxKinds = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(Namespace Namespace, string Kind), Block> _blocks = [];
    private readonly IEntityStore _store;
    private readonly int _size;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly StatementRunner<Fill, long> _runner;

    /// <param name="size">Numbers in a block.</param>
    /// <param name="timeout">A statement that takes longer is given up.</param>
    /// <param name="random">Of the jitter of retries; locked while it is used.</param>
    public IdBlocks(IEntityStore store, int size, TimeSpan timeout, TimeProvider time, Random random)
    {
        (_store, _size, _timeout, _time) = (store, size, timeout, time);
        _runner = new StatementRunner<Fill, long>(this, new PipelineCounters(), time, random);
    }

    /// <summary>The first of <paramref name="count"/> numbers in a row, where the block has as many; null where the store has to be asked.</summary>
    public long? TryTake(Namespace ns, string kind, int count)
    {
        lock (_gate) return _blocks.TryGetValue((ns, kind), out var block) ? block.TryTake(count) : null;
    }

    /// <inheritdoc cref="TryTake"/>
    public async ValueTask<long> TakeAsync(Namespace ns, string kind, int count, CancellationToken ct)
    {
        if (count >= _size)
        {
            // A large number is a block of its own.
            var own = new Fill(ns, kind, count);
            await _runner.RunAsync(new[] { own }, ct);
            ct.ThrowIfCancellationRequested();
            return own.First();
        }
        while (true)
        {
            Fill fill;
            lock (_gate)
            {
                var block = Find(ns, kind);
                if (block.TryTake(count) is { } first) return first;
                fill = block.Filling ??= Begin(block, new Fill(ns, kind, _size));
            }
            await BoundedWait.ForAsync(fill.Ended, Timeout.InfiniteTimeSpan, _time, ct);
            _ = fill.First();              // throws where it failed
        }
    }

    private Fill Begin(Block block, Fill fill)
    {
        fill.Ended = RunAsync(block, fill);
        return fill;
    }

    private async Task RunAsync(Block block, Fill fill)
    {
        await Task.Yield();                // not under the lock
        using var late = new CancellationTokenSource(_timeout, _time);
        await _runner.RunAsync(new[] { fill }, late.Token);
        lock (_gate) block.End(fill);
    }

    async ValueTask<IReadOnlyList<long>> IStatement<Fill, long>.SendAsync(ArraySegment<Fill> items, CancellationToken ct) =>
        [await _store.AllocateAsync(items[0].Namespace, items[0].Kind, items[0].Count, ct)];

    void IStatement<Fill, long>.Settle(ArraySegment<Fill> items, IReadOnlyList<long> results) => items[0].Settle(results[0]);

    void IStatement<Fill, long>.Fail(ArraySegment<Fill> items, Exception fault) => items[0].Fail(fault);

    private Block Find(Namespace ns, string kind)
    {
        if (_blocks.TryGetValue((ns, kind), out var block)) return block;
        if (_blocks.Count == MaxKinds) _blocks.Clear();
        return _blocks[(ns, kind)] = new Block();
    }

    /// <summary>Numbers that the store is asked for.</summary>
    internal sealed class Fill(Namespace ns, string kind, int count)
    {
        private long _first;
        private Exception? _fault;

        public Namespace Namespace => ns;

        public string Kind => kind;

        public int Count => count;

        /// <summary>Ends when the store has answered, or was given up; never fails.</summary>
        public Task Ended { get; set; } = Task.CompletedTask;

        public bool Succeeded => _fault is null;

        public void Settle(long first) => _first = first;

        public void Fail(Exception fault) => _fault = fault;

        /// <summary>Once it has ended; throws each time an exception of its own where it failed.</summary>
        public long First() => _fault is null ? _first : throw StoreFaults.For(_fault, $"Setting numbers aside for {kind}");
    }

    private sealed class Block
    {
        private long _next;
        private long _end;

        /// <summary>Null while nobody waits for numbers.</summary>
        public Fill? Filling { get; set; }

        public long? TryTake(int count)
        {
            if (_end - _next < count) return null;
            var first = _next;
            _next += count;
            return first;
        }

        public void End(Fill fill)
        {
            Filling = null;
            if (fill.Succeeded) (_next, _end) = (fill.First(), fill.First() + fill.Count);
        }
    }
}
