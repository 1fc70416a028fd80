using ActorPerf.Tracing;

namespace ActorPerf.Tests.Tracing;

public sealed class LatencyHistogramTests
{
    private static readonly double[] Percents = [0, 1, 50, 66, 75, 80, 90, 95, 98, 99, 99.9, 99.99, 100];

    [Theory]
    [InlineData(1, 3.0)]        // microseconds to milliseconds
    [InlineData(2, 6.0)]        // up to seconds
    [InlineData(3, 9.5)]        // up to an hour
    public void Percentiles_are_those_of_the_sorted_latencies_to_three_digits(int seed, double magnitudes)
    {
        var random = new Random(seed);
        var exact = new long[20_000];
        var histogram = new LatencyHistogram();
        for (var i = 0; i < exact.Length; i++)
        {
            exact[i] = Math.Min((long)Math.Pow(10, random.NextDouble() * magnitudes), LatencyScale.Highest);
            histogram.Record(TimeSpan.FromMicroseconds(exact[i]));
        }

        Array.Sort(exact);
        Assert.Equal(exact.Length, histogram.Count);
        Assert.Equal(exact[0], histogram.Min.TotalMicroseconds);
        Assert.Equal(exact[^1], histogram.Max.TotalMicroseconds);
        var read = histogram.Percentiles(Percents);
        for (var i = 0; i < Percents.Length; i++)
        {
            var right = exact[Math.Max(0, (int)Math.Ceiling(Percents[i] / 100 * exact.Length - 1e-7) - 1)];
            Assert.InRange(read[i].TotalMicroseconds, right, right * 1.001);
            Assert.Equal(read[i], histogram.Percentile(Percents[i]));
        }

        var mean = exact.Average();
        Assert.InRange(histogram.Mean.TotalMicroseconds, mean * 0.9995, mean * 1.0005);
        var deviation = Math.Sqrt(exact.Average(x => (x - mean) * (x - mean)));
        Assert.InRange(histogram.Deviation.TotalMicroseconds, deviation * 0.999, deviation * 1.001);
    }

    [Fact]
    public void Below_two_milliseconds_every_microsecond_is_kept_apart()
    {
        var histogram = new LatencyHistogram();
        for (var i = 0; i < 2_048; i++) histogram.Record(TimeSpan.FromMicroseconds(i));
        Assert.All(histogram.Buckets(), bucket => Assert.Equal((1, bucket.Lowest), (bucket.Count, bucket.Highest)));
        Assert.Equal(1_001, histogram.CountAtOrBelow(TimeSpan.FromMilliseconds(1)));
    }

    [Fact]
    public void Buckets_cover_the_scale_without_gap_or_overlap()
    {
        var expected = 0L;
        for (var row = 0; row < LatencyScale.Rows; row++)
        {
            for (var bucket = 0; bucket < (row == 0 ? LatencyScale.FirstRow : LatencyScale.Row); bucket++)
            {
                Assert.Equal(expected, LatencyScale.LowestOf(row, bucket));
                expected = LatencyScale.HighestOf(row, bucket) + 1;
                Assert.Equal((row, bucket), LatencyScale.Find(expected - 1));
                Assert.Equal((row, bucket), LatencyScale.Find(LatencyScale.LowestOf(row, bucket)));
            }
        }

        Assert.True(expected > LatencyScale.Highest);
    }

    [Fact]
    public void Latencies_outside_the_scale_count_at_its_ends()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(TimeSpan.FromDays(2));
        histogram.Record(TimeSpan.FromSeconds(-1));
        Assert.Equal((TimeSpan.Zero, LatencyHistogram.Highest), (histogram.Min, histogram.Max));
        Assert.Equal(LatencyHistogram.Highest, histogram.Percentile(100));
    }

    [Fact]
    public void An_empty_histogram_answers_zero_everywhere()
    {
        var histogram = new LatencyHistogram();
        Assert.Equal((0L, TimeSpan.Zero, TimeSpan.Zero), (histogram.Count, histogram.Min, histogram.Max));
        Assert.Equal((TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero), (histogram.Mean, histogram.Deviation, histogram.Percentile(99)));
        Assert.Empty(histogram.Buckets());
    }

    [Fact]
    public void Histograms_add_up_to_what_one_would_have_counted()
    {
        var (one, two, all) = (new LatencyHistogram(), new LatencyHistogram(), new LatencyHistogram());
        for (var i = 1; i <= 3_000; i++)
        {
            (i % 2 == 0 ? one : two).Record(TimeSpan.FromMicroseconds(i * 977));
            all.Record(TimeSpan.FromMicroseconds(i * 977));
        }

        one.Add(two);
        one.Add(new LatencyHistogram());
        Assert.Equal(all.Buckets(), one.Buckets());
        Assert.Equal((all.Min, all.Max), (one.Min, one.Max));
        Assert.Equal(all.Buckets(), one.Copy().Buckets());
        one.Reset();
        Assert.Equal((0L, TimeSpan.Zero), (one.Count, one.Max));
        Assert.Equal(1_500, two.Count);
    }

    [Fact]
    public async Task Threads_that_record_together_lose_nothing()
    {
        var histogram = new LatencyHistogram();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(
            () =>
            {
                for (var i = 0; i < 20_000; i++) histogram.Record(TimeSpan.FromMicroseconds(i * (thread + 1)));
            },
            TestContext.Current.CancellationToken)));
        Assert.Equal(80_000, histogram.Count);
        Assert.Equal(19_999 * 4, histogram.Max.TotalMicroseconds);
    }

    [Fact]
    public void Recording_allocates_nothing_once_a_latency_of_that_size_was_seen()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(TimeSpan.FromMilliseconds(1));
        histogram.Record(TimeSpan.FromMilliseconds(50));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++) histogram.Record(TimeSpan.FromMilliseconds(i % 2 == 0 ? 1 : 50));
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
