using System.Globalization;
using System.Text;
using ActorPerf.Tracing;

namespace ActorPerf.Load.Figures;

/// <summary>The spectrum of a histogram to many nines, as HdrHistogram prints it (<c>.hgrm</c>), for its plotters and for the report's percentile plot. Pure.</summary>
public static class PercentileLog
{
    /// <summary>Points in each half of the distance that is left to 100 %.</summary>
    private const int TicksPerHalf = 5;

    /// <summary>A point of the spectrum: so many latencies are at or below this one.</summary>
    /// <param name="Share">0 to 1.</param>
    public readonly record struct Point(TimeSpan Latency, double Share, long Count);

    /// <summary>Points from the shortest latency to the longest, closer and closer to 1, which is the last; none where nothing was recorded.</summary>
    public static IReadOnlyList<Point> Points(LatencyHistogram histogram)
    {
        ArgumentNullException.ThrowIfNull(histogram);
        var points = new List<Point>();
        var total = histogram.Count;
        var (passed, level) = (0L, 0.0);
        var longest = histogram.Max;
        foreach (var bucket in histogram.Buckets())
        {
            passed += bucket.Count;
            var share = (double)passed / total;
            var end = TimeSpan.FromMicroseconds(bucket.Highest);
            if (end > longest) end = longest;
            for (; share >= level && level < 1 && passed < total; level = Next(level)) points.Add(new Point(end, level, passed));
        }

        if (total > 0) points.Add(new Point(longest, 1, total));
        return points;
    }

    /// <summary>The text of a <c>.hgrm</c> file; values in milliseconds.</summary>
    public static string Text(LatencyHistogram histogram)
    {
        ArgumentNullException.ThrowIfNull(histogram);
        var text = new StringBuilder("       Value     Percentile TotalCount 1/(1-Percentile)\n\n");
        foreach (var (latency, share, count) in Points(histogram))
        {
            text.Append(CultureInfo.InvariantCulture, $"{latency.TotalMilliseconds,12:0.000} {share:0.000000000000} {count,10}");
            if (share < 1) text.Append(CultureInfo.InvariantCulture, $" {1 / (1 - share),14:0.00}");
            text.Append('\n');
        }

        return text
            .Append(CultureInfo.InvariantCulture, $"#[Mean    = {histogram.Mean.TotalMilliseconds,12:0.000}, StdDeviation   = {histogram.Deviation.TotalMilliseconds,12:0.000}]\n")
            .Append(CultureInfo.InvariantCulture, $"#[Max     = {histogram.Max.TotalMilliseconds,12:0.000}, Total count    = {histogram.Count,12}]\n")
            .Append(CultureInfo.InvariantCulture, $"#[Buckets = {LatencyScale.Rows,12}, SubBuckets     = {LatencyScale.FirstRow,12}]\n")
            .ToString();
    }

    /// <summary>Each halving of what is left to 1 is passed in equal steps.</summary>
    private static double Next(double level) => level + 1 / (TicksPerHalf * Math.Pow(2, Math.Floor(Math.Log2(1 / (1 - level)) + 1e-9) + 1));
}
