using ActorPerf.Tracing.Metrics;

namespace ActorPerf.Storage;

/// <summary>What a line of writes has committed. Its thread counts, any other reads.</summary>
internal sealed class WriteMeter(TimeProvider time)
{
    private static readonly double[] Sizes = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];
    private static readonly double[] Seconds = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    private readonly BucketCounter _sizes = new(Sizes);
    private readonly BucketCounter _seconds = new(Seconds);
    private long _transactions;
    private long _writes;

    public long Transactions => Interlocked.Read(ref _transactions);

    public long Writes => Interlocked.Read(ref _writes);

    /// <summary>A transaction begins; to be given to <see cref="Committed"/>.</summary>
    public long Begin() => time.GetTimestamp();

    public void Committed(int writes, long began)
    {
        Interlocked.Increment(ref _transactions);
        Interlocked.Add(ref _writes, writes);
        _sizes.Add(writes);
        _seconds.Add(time.GetElapsedTime(began).TotalSeconds);
    }

    /// <summary>Writes of a transaction.</summary>
    public MetricPoint ReadSizes(string lane) => _sizes.Read(("lane", lane));

    /// <summary>From the first statement of a transaction to the end of its commit.</summary>
    public MetricPoint ReadSeconds(string lane) => _seconds.Read(("lane", lane));
}
