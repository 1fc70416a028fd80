using System.Numerics;

namespace ActorPerf.Tracing;

/// <summary>Where a latency falls in a histogram of high dynamic range: the scale of HdrHistogram for three significant digits.</summary>
/// <remarks>The first row holds 0 to 2,047 µs, one bucket a microsecond. Each further row holds the next doubling
/// in 1,024 buckets of equal width (2 µs, 4 µs, 8 µs, …), so a bucket is never wider than a thousandth of its values.</remarks>
internal static class LatencyScale
{
    /// <summary>Buckets of the first row.</summary>
    public const int FirstRow = 2_048;

    /// <summary>Buckets of every other row.</summary>
    public const int Row = FirstRow / 2;

    /// <summary>Rows up to <see cref="Highest"/>, which lies in the last one.</summary>
    public const int Rows = 22;

    /// <summary>An hour in microseconds: whatever took longer counts as this.</summary>
    public const long Highest = 3_600_000_000;

    /// <summary>The row and the bucket in it of a latency from 0 to <see cref="Highest"/>.</summary>
    public static (int Row, int Bucket) Find(long microseconds)
    {
        if (microseconds < FirstRow) return (0, (int)microseconds);
        var row = BitOperations.Log2((ulong)microseconds) - 10;
        return (row, (int)(microseconds >> row) - Row);
    }

    /// <summary>The smallest latency of a bucket.</summary>
    public static long LowestOf(int row, int bucket) => row == 0 ? bucket : (long)(bucket + Row) << row;

    /// <summary>The largest latency of a bucket.</summary>
    public static long HighestOf(int row, int bucket) => row == 0 ? bucket : LowestOf(row, bucket) + (1L << row) - 1;
}
