using ActorPerf.Tasks;

namespace ActorPerf.Data;

/// <summary>Numbers for new entities, handed out from blocks that were set aside in the store. What is left of a block when the process ends is lost, and nobody minds.</summary>
internal sealed class IdBlocks(IEntityStore store, int size)
{
    private const int MaxKinds = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(Namespace Namespace, string Kind), Block> _blocks = [];

    /// <summary>The first of <paramref name="count"/> numbers in a row.</summary>
    public ValueTask<long> TakeAsync(Namespace ns, string kind, int count, CancellationToken ct)
    {
        // A large number is a block of its own.
        if (count >= size) return store.AllocateAsync(ns, kind, count, ct);
        lock (_gate)
        {
            if (_blocks.TryGetValue((ns, kind), out var block) && block.TryTake(count) is { } first) return ValueTask.FromResult(first);
        }
        return RefillAsync(ns, kind, count, ct);
    }

    private async ValueTask<long> RefillAsync(Namespace ns, string kind, int count, CancellationToken ct)
    {
        while (true)
        {
            Task<long> refill;
            Block block;
            lock (_gate)
            {
                block = Find(ns, kind);
                if (block.TryTake(count) is { } first) return first;
                // One refill for all who wait: not under the token of the first.
                refill = block.Refill ??= FetchAsync(block, ns, kind);
            }
            await refill.WaitAsync(ct);
        }
    }

    private async Task<long> FetchAsync(Block block, Namespace ns, string kind)
    {
        await Task.Yield();
        try
        {
            var first = await store.AllocateAsync(ns, kind, size, CancellationToken.None);
            lock (_gate) block.Begin(first, size);
            return first;
        }
        finally
        {
            lock (_gate) block.Refill = null;
        }
    }

    private Block Find(Namespace ns, string kind)
    {
        if (_blocks.TryGetValue((ns, kind), out var block)) return block;
        if (_blocks.Count == MaxKinds) _blocks.Clear();
        return _blocks[(ns, kind)] = new Block();
    }

    private sealed class Block
    {
        private long _next;
        private long _end;

        public Task<long>? Refill { get; set; }

        public long? TryTake(int count)
        {
            if (_end - _next < count) return null;
            var first = _next;
            _next += count;
            return first;
        }

        public void Begin(long first, int count) => (_next, _end) = (first, first + count);
    }
}
