using System.Globalization;
using ActorPerf.Load.Figures;
using ActorPerf.Tracing;

namespace ActorPerf.Tests.Load.Figures;

public sealed class PercentileLogTests
{
    [Fact]
    public void The_spectrum_comes_closer_and_closer_to_one_and_ends_with_the_longest()
    {
        var histogram = new LatencyHistogram();
        for (var i = 1; i <= 10_000; i++) histogram.Record(TimeSpan.FromMicroseconds(i * 100));
        var points = PercentileLog.Points(histogram);
        Assert.Equal(new PercentileLog.Point(TimeSpan.FromSeconds(1), 1, 10_000), points[^1]);
        Assert.Equal([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.55], points.Take(7).Select(point => Math.Round(point.Share, 9)));
        Assert.True(points.Zip(points.Skip(1)).All(pair => pair.First.Share < pair.Second.Share && pair.First.Latency <= pair.Second.Latency));
        Assert.All(points, point => Assert.InRange(point.Latency, histogram.Percentile(point.Share * 100), histogram.Max));
        Assert.True(points[^2].Share > 0.9998);
    }

    [Fact]
    public void The_text_has_the_lines_that_plotters_of_HdrHistogram_read()
    {
        var lines = PercentileLog.Text(SampleRun.Series("GET", "/", 2_000, 5).Response).Split('\n');
        Assert.Equal("       Value     Percentile TotalCount 1/(1-Percentile)", lines[0]);
        Assert.Equal("", lines[1]);
        var body = lines.Skip(2).TakeWhile(line => line[0] != '#').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
        Assert.All(body.SkipLast(1), columns => Assert.Equal(4, columns.Length));
        Assert.All(body.SkipLast(1), columns => Assert.InRange(1 / (1 - Number(columns[1])) / Number(columns[3]), 0.99, 1.01));
        Assert.Equal(("1.000000000000", "2000"), (body[^1][1], body[^1][2]));
        Assert.StartsWith("#[Mean    =", lines[^4], StringComparison.Ordinal);
        Assert.Contains("Total count    =         2000]", lines[^3], StringComparison.Ordinal);
        Assert.StartsWith("#[Buckets =", lines[^2], StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_recorded_is_no_spectrum() => Assert.Empty(PercentileLog.Points(new LatencyHistogram()));

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
