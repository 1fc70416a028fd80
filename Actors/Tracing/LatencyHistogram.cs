namespace ActorPerf.Tracing;

/// <summary>Counts latencies from 1 µs to an hour in buckets of high dynamic range: any percentile can be read, to three significant digits.</summary>
/// <remarks>Recording is safe from any number of threads, takes no lock and allocates nothing, but for the first latency
/// of each doubling, which adds a row of 8 KiB (16 KiB below 2 ms): at most 184 KiB together, usually a third of it. What is read
/// while others record is a moment's view that may miss the latest. The scale is HdrHistogram's: exact below 2,048 µs, within 0.1 % above.</remarks>
public sealed class LatencyHistogram
{
    /// <summary>What took longer than this is counted as this.</summary>
    public static readonly TimeSpan Highest = TimeSpan.FromMicroseconds(LatencyScale.Highest);

    private readonly long[]?[] _rows = new long[LatencyScale.Rows][];
    private long _shortest = long.MaxValue;
    private long _longest = -1;

    /// <summary>A histogram from what another one listed.</summary>
    /// <param name="buckets">Each with any latency of its bucket; counts of at least 1.</param>
    /// <param name="min">In microseconds, as <paramref name="max"/>; without buckets neither counts.</param>
    public static LatencyHistogram Of(IEnumerable<LatencyBucket> buckets, long min, long max)
    {
        ArgumentNullException.ThrowIfNull(buckets);
        var made = new LatencyHistogram();
        foreach (var bucket in buckets) made.RecordMicroseconds(bucket.Lowest, bucket.Count);
        if (made._longest < 0) return made;
        (made._shortest, made._longest) = (Math.Clamp(min, 0, LatencyScale.Highest), Math.Clamp(max, 0, LatencyScale.Highest));
        return made;
    }

    /// <summary>How many latencies were recorded.</summary>
    public long Count
    {
        get
        {
            var count = 0L;
            foreach (var row in _rows)
                if (row is not null)
                    foreach (var bucket in row) count += bucket;
            return count;
        }
    }

    /// <summary>The shortest that was recorded, to the microsecond; zero where nothing was.</summary>
    public TimeSpan Min => Volatile.Read(ref _shortest) is var shortest && shortest == long.MaxValue ? TimeSpan.Zero : TimeSpan.FromMicroseconds(shortest);

    /// <summary>The longest that was recorded, to the microsecond; zero where nothing was.</summary>
    public TimeSpan Max => TimeSpan.FromMicroseconds(Math.Max(0, Volatile.Read(ref _longest)));

    /// <summary>The mean, from the middle of each bucket (within 0.05 %); zero where nothing was recorded.</summary>
    public TimeSpan Mean
    {
        get
        {
            var (count, sum) = (0L, 0.0);
            foreach (var bucket in Buckets()) (count, sum) = (count + bucket.Count, sum + bucket.Count * Middle(bucket));
            return count == 0 ? TimeSpan.Zero : TimeSpan.FromMicroseconds(sum / count);
        }
    }

    /// <summary>The standard deviation around <see cref="Mean"/>; zero where nothing was recorded.</summary>
    public TimeSpan Deviation
    {
        get
        {
            var mean = Mean.TotalMicroseconds;
            var (count, sum) = (0L, 0.0);
            foreach (var bucket in Buckets())
            {
                var off = Middle(bucket) - mean;
                (count, sum) = (count + bucket.Count, sum + bucket.Count * off * off);
            }

            return count == 0 ? TimeSpan.Zero : TimeSpan.FromMicroseconds(Math.Sqrt(sum / count));
        }
    }

    /// <summary>Counts one latency. A negative one counts as zero, one above <see cref="Highest"/> as that.</summary>
    public void Record(TimeSpan latency) => RecordMicroseconds(latency.Ticks / TimeSpan.TicksPerMicrosecond, 1);

    /// <summary>Counts one latency several times.</summary>
    /// <param name="count">At least 0.</param>
    public void Record(TimeSpan latency, long count) => RecordMicroseconds(latency.Ticks / TimeSpan.TicksPerMicrosecond, count);

    /// <summary>Adds all that another histogram holds; the other one stays as it is.</summary>
    public void Add(LatencyHistogram other)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (var row = 0; row < LatencyScale.Rows; row++)
        {
            if (other._rows[row] is not { } source) continue;
            var target = RowAt(row);
            for (var bucket = 0; bucket < source.Length; bucket++)
                if (Volatile.Read(ref source[bucket]) is var count and > 0) Interlocked.Add(ref target[bucket], count);
        }

        if (Volatile.Read(ref other._longest) is var longest and >= 0) Widen(Volatile.Read(ref other._shortest), longest);
    }

    /// <summary>A histogram of its own with what this one holds now.</summary>
    public LatencyHistogram Copy()
    {
        var copy = new LatencyHistogram();
        copy.Add(this);
        return copy;
    }

    /// <summary>Forgets everything and keeps the memory. What others record meanwhile may or may not survive.</summary>
    public void Reset()
    {
        foreach (var row in _rows)
            if (row is not null) Array.Clear(row);
        Volatile.Write(ref _shortest, long.MaxValue);
        Volatile.Write(ref _longest, -1);
    }

    /// <summary>The latency that a share of all stays at or below, by nearest rank.</summary>
    /// <param name="percent">0 to 100: 50 is the median, 100 the longest.</param>
    /// <returns>The upper end of the bucket it falls into, never above <see cref="Max"/>: never less than the
    /// exact one and at most 0.1 % more. Zero where nothing was recorded.</returns>
    public TimeSpan Percentile(double percent) => Percentiles([percent])[0];

    /// <summary>Several percentiles of one moment, read in one pass.</summary>
    /// <param name="percents">Rising, each 0 to 100.</param>
    /// <returns>One for each of <paramref name="percents"/>, in their order, as <see cref="Percentile"/> says.</returns>
    public TimeSpan[] Percentiles(ReadOnlySpan<double> percents)
    {
        var found = new TimeSpan[percents.Length];
        var total = Count;
        if (total == 0) return found;
        var (next, passed, longest) = (0, 0L, Max);
        foreach (var bucket in Buckets())
        {
            passed += bucket.Count;
            while (next < percents.Length && passed >= Rank(percents[next], total))
            {
                var end = TimeSpan.FromMicroseconds(bucket.Highest);
                found[next++] = end < longest ? end : longest;
            }

            if (next == percents.Length) return found;
        }

        Array.Fill(found, longest, next, found.Length - next);
        return found;
    }

    /// <summary>How many were at or below a latency, to the bucket: a bucket counts whole when its lower end does.</summary>
    public long CountAtOrBelow(TimeSpan latency)
    {
        var limit = latency.Ticks / TimeSpan.TicksPerMicrosecond;
        var count = 0L;
        foreach (var bucket in Buckets())
        {
            if (bucket.Lowest > limit) break;
            count += bucket.Count;
        }

        return count;
    }

    /// <summary>Every bucket that holds something, from the shortest latency to the longest: at most 23,552.</summary>
    public IEnumerable<LatencyBucket> Buckets()
    {
        for (var row = 0; row < LatencyScale.Rows; row++)
        {
            if (Volatile.Read(ref _rows[row]) is not { } buckets) continue;
            for (var bucket = 0; bucket < buckets.Length; bucket++)
                if (Volatile.Read(ref buckets[bucket]) is var count and > 0)
                    yield return new(LatencyScale.LowestOf(row, bucket), LatencyScale.HighestOf(row, bucket), count);
        }
    }

    private static double Middle(LatencyBucket bucket) => (bucket.Lowest + bucket.Highest) / 2.0;

    /// <summary>Which of the sorted latencies is meant, counted from 1. The small amount taken off forgives the binary fraction of 99.9.</summary>
    private static long Rank(double percent, long total) =>
        Math.Clamp((long)Math.Ceiling(Math.Clamp(percent, 0, 100) / 100 * total - 1e-7), 1, total);

    private void RecordMicroseconds(long microseconds, long count)
    {
        microseconds = Math.Clamp(microseconds, 0, LatencyScale.Highest);
        var (row, bucket) = LatencyScale.Find(microseconds);
        Interlocked.Add(ref RowAt(row)[bucket], count);
        if (count > 0) Widen(microseconds, microseconds);
    }

    private long[] RowAt(int row) => Volatile.Read(ref _rows[row]) ?? Begin(row);

    private long[] Begin(int row)
    {
        var begun = new long[row == 0 ? LatencyScale.FirstRow : LatencyScale.Row];
        return Interlocked.CompareExchange(ref _rows[row], begun, null) ?? begun;
    }

    private void Widen(long shortest, long longest)
    {
        for (var seen = Volatile.Read(ref _shortest); shortest < seen;)
            seen = Interlocked.CompareExchange(ref _shortest, shortest, seen) is var before && before == seen ? shortest : before;
        for (var seen = Volatile.Read(ref _longest); longest > seen;)
            seen = Interlocked.CompareExchange(ref _longest, longest, seen) is var before && before == seen ? longest : before;
    }
}
