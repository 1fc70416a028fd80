namespace ActorPerf.Data;

/// <summary>Tells reads that saw a key before a write from those that saw it after: a key's epoch rises when a write is issued and again when its outcome is known.</summary>
/// <remarks>A read notes the epoch when its statement is dispatched; under another epoch it may hold what stood before the write, so nobody joins it any more and no scope or cache keeps it.
/// Keys share a fixed number of counters by their hash. Two that share one cost each other a joined read now and then, never a wrong answer, and the table needs no cleaning.</remarks>
public sealed class Fence
{
    /// <summary>By how much one write raises its key's epoch in all. More than that, and there was another one, or a key that shares the counter.</summary>
    public const int RaisesOfAWrite = 2;

    private const int Counters = 1 << 14;

    private readonly long[] _epochs = new long[Counters];

    public long Of(Key key) => Volatile.Read(ref Epoch(key));

    /// <returns>The epoch that it led to.</returns>
    public long Raise(Key key) => Interlocked.Increment(ref Epoch(key));

    private ref long Epoch(Key key) => ref _epochs[key.GetHashCode() & (Counters - 1)];
}
