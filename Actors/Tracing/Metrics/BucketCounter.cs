namespace ActorPerf.Tracing.Metrics;

/// <summary>Counts values in fixed buckets, and their sum. Any thread adds; nothing is allocated.</summary>
/// <param name="bounds">Upper bounds, rising.</param>
public sealed class BucketCounter(IReadOnlyList<double> bounds)
{
    /// <summary>The sum is kept in millionths, so that adding to it needs no lock.</summary>
    private const double Millionth = 1e-6;

    /// <summary>For work of milliseconds to a day, in seconds.</summary>
    public static readonly IReadOnlyList<double> Seconds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400];

    private readonly long[] _counts = new long[bounds.Count + 1];
    private long _sum;

    public IReadOnlyList<double> Bounds => bounds;

    /// <summary>Counts one; what is below zero counts as zero.</summary>
    public void Add(double value)
    {
        value = Math.Max(value, 0);
        var bucket = 0;
        while (bucket < bounds.Count && value > bounds[bucket]) bucket++;
        Interlocked.Increment(ref _counts[bucket]);
        Interlocked.Add(ref _sum, (long)(value / Millionth));
    }

    /// <summary>A moment of it; what is added meanwhile may be in the counts and not yet in the sum.</summary>
    public MetricPoint Read(params IEnumerable<(string Name, string Value)> labels)
    {
        var sum = Interlocked.Read(ref _sum) * Millionth;
        return MetricPoint.Of(bounds, [.. _counts], sum, labels);
    }
}
