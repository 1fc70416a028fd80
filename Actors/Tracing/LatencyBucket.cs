namespace ActorPerf.Tracing;

/// <summary>How many latencies fell into one bucket of a <see cref="LatencyHistogram"/>.</summary>
/// <param name="Lowest">The smallest latency of the bucket, in microseconds.</param>
/// <param name="Highest">The largest one, in microseconds; equal to <paramref name="Lowest"/> below 2,048 µs.</param>
/// <param name="Count">At least 1 in what a histogram lists.</param>
public readonly record struct LatencyBucket(long Lowest, long Highest, long Count);
