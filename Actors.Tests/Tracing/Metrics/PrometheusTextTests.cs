using ActorPerf.Tracing.Metrics;

namespace ActorPerf.Tests.Tracing.Metrics;

public sealed class PrometheusTextTests
{
    [Fact]
    public void A_family_is_written_to_the_letter()
    {
        var text = PrometheusText.Write(
        [
            MetricFamily.Counters("jobs_total", "Jobs.", [MetricPoint.Of(3, ("queue", "mail")), MetricPoint.Of(0.5, ("queue", "default"))]),
            MetricFamily.Gauge("depth", "How deep.", 12),
        ]);
        Assert.Equal(
            """
            # HELP jobs_total Jobs.
            # TYPE jobs_total counter
            jobs_total{queue="mail"} 3
            jobs_total{queue="default"} 0.5
            # HELP depth How deep.
            # TYPE depth gauge
            depth 12

            """.ReplaceLineEndings("\n"),
            text);
    }

    [Fact]
    public void Buckets_add_up_and_end_without_a_bound()
    {
        var counter = new BucketCounter([0.1, 1]);
        foreach (var value in new[] { 0.05, 0.1, 0.7, 5, -1 }) counter.Add(value);
        var family = PrometheusReader.Read(PrometheusText.Write([MetricFamily.Histograms("wait_seconds", "Waits.", [counter.Read(("queue", "mail"))])]))["wait_seconds"];
        Assert.Equal([3.0, 4, 5], family.Samples.Where(sample => sample.Name == "wait_seconds_bucket").Select(sample => sample.Value));
        Assert.Equal(["0.1", "1", "+Inf"], family.Samples.Where(sample => sample.Name == "wait_seconds_bucket").Select(sample => sample.Labels["le"]));
        Assert.Equal(5.85, Assert.Single(family.Samples, sample => sample.Name == "wait_seconds_sum").Value, 6);
        Assert.All(family.Samples, sample => Assert.Equal("mail", sample.Labels["queue"]));
    }

    [Fact]
    public void Labels_and_help_are_escaped()
    {
        const string strange = "a\\b\"c\nd";
        var text = PrometheusText.Write([MetricFamily.Gauges("one", "Two\nlines.", [MetricPoint.Of(1, ("name", strange))])]);
        var family = PrometheusReader.Read(text)["one"];
        Assert.Equal("Two\\nlines.", family.Help);
        Assert.Equal(strange, Assert.Single(family.Samples).Labels["name"]);
    }

    [Fact]
    public void A_family_without_points_is_left_out() => Assert.Empty(PrometheusText.Write([MetricFamily.Gauges("none", "Nothing.", [])]));

    [Fact]
    public void A_total_that_is_read_in_parts_never_falls()
    {
        var rising = new RisingTotals();
        Assert.Equal([5.0, 5, 7], new[] { 5.0, 3, 7 }.Select(now => rising.Of("messages", "Worker", now)));
        Assert.Equal(1, rising.Of("messages", "Other", 1));
    }
}
