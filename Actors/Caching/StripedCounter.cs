namespace ActorPerf.Caching;

/// <summary>A count that many threads raise at once without passing one cache line about. Never loses one.</summary>
internal sealed class StripedCounter
{
    private const int Stripes = 8, Padding = 16;

    private readonly long[] _counts = new long[(Stripes + 1) * Padding];

    public long Value
    {
        get
        {
            var sum = 0L;
            for (var i = 1; i <= Stripes; i++) sum += Volatile.Read(ref _counts[i * Padding]);
            return sum;
        }
    }

    public void Add() => Interlocked.Increment(ref _counts[((Environment.CurrentManagedThreadId & (Stripes - 1)) + 1) * Padding]);
}
