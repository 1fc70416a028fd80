using System.Runtime.CompilerServices;

namespace ActorPerf.Caching;

/// <summary>Which entries answered of late, told by readers to the shard without a lock or a message. Some are lost when it is full or readers meet: the policy
/// needs a sample, not a count.</summary>
internal sealed class TouchRing
{
    private const int Stripes = 4, Slots = 128, Padding = 16;

    private readonly MemoEntry?[][] _entries = [.. Enumerable.Range(0, Stripes).Select(static _ => new MemoEntry?[Slots])];
    private Places _next;

    /// <summary>From any thread; allocates nothing.</summary>
    /// <param name="thread">The caller's number.</param>
    public void Touch(MemoEntry entry, int thread)
    {
        var stripe = thread & (Stripes - 1);
        ref var next = ref _next[stripe * Padding];
        var at = next;
        if ((uint)at < Slots) Keep(entry, stripe, at, ref next);
    }

    private void Keep(MemoEntry entry, int stripe, int at, ref int next)
    {
        _entries[stripe][at] = entry;
        next = at + 1;
    }

    /// <summary>Takes what is there. The shard's alone.</summary>
    public void Drain(EvictionPolicy policy)
    {
        for (var stripe = 0; stripe < Stripes; stripe++)
        {
            ref var next = ref _next[stripe * Padding];
            var count = Math.Min(next, Slots);
            if (count == 0) continue;
            var entries = _entries[stripe];
            for (var i = 0; i < count; i++)
            {
                if (Interlocked.Exchange(ref entries[i], null) is { } entry) policy.Touched(entry);
            }
            Volatile.Write(ref next, 0);
        }
    }

    /// <summary>Where each stripe goes on, a line of memory for each; within the ring, for one step less on the way of hits.</summary>
    [InlineArray(Stripes * Padding)]
    private struct Places
    {
        private int _first;
    }
}
