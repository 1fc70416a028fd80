using System.Runtime.CompilerServices;

namespace ActorPerf.Caching;

/// <summary>A count that many threads raise at once: each in a place of its own, so without locking the bus and without passing a cache line about. Never loses one.</summary>
/// <remarks>Of two living threads no two have one number, so a place has one writer; only threads beyond a thousand share one, and lock it.</remarks>
internal sealed class ThreadedCounter
{
    private const int Line = 8, ThreadsOfABlock = 16, Blocks = 64;

    private Counts _blocks;
    private long _others;

    public long Value
    {
        get
        {
            var sum = Volatile.Read(ref _others);
            foreach (ref var block in _blocks)
            {
                if (Volatile.Read(ref block) is not { } counts) continue;
                for (var i = Line; i < counts.Length; i += Line) sum += Volatile.Read(ref counts[i]);
            }
            return sum;
        }
    }

    /// <param name="thread">The caller's number.</param>
    public void Add(int thread)
    {
        var number = (uint)thread / ThreadsOfABlock;
        if (number < Blocks && _blocks[(int)number] is { } counts) counts[(((uint)thread % ThreadsOfABlock) + 1) * Line]++;
        else AddFirst(thread);
    }

    private void AddFirst(int thread)
    {
        var number = (uint)thread / ThreadsOfABlock;
        if (number >= Blocks)
        {
            Interlocked.Increment(ref _others);
            return;
        }
        // The first line holds the array's length, which all read.
        Interlocked.CompareExchange(ref _blocks[(int)number], new long[(ThreadsOfABlock + 1) * Line], null);
        Add(thread);
    }

    [InlineArray(Blocks)]
    private struct Counts
    {
        private long[]? _first;
    }
}
