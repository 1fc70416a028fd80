using System.Text;
using System.Text.Json;
using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Tests.Benchmarks;

public sealed class StatisticsTests
{
    [Fact]
    public void The_median_of_an_odd_number_is_the_middle_one() => Assert.Equal(new Spread(3, 1, 9), Spread.Of([9, 1, 3]));

    [Fact]
    public void The_median_of_an_even_number_lies_between_the_middle_ones() => Assert.Equal(new Spread(2.5, 1, 9), Spread.Of([9, 2, 1, 3]));

    [Fact]
    public void There_is_no_spread_of_nothing() => Assert.Throws<ArgumentException>(() => Spread.Of([]));

    [Theory]
    [InlineData(50, 50)]
    [InlineData(99, 99)]
    [InlineData(99.1, 100)]
    [InlineData(100, 100)]
    [InlineData(0.5, 1)]
    public void A_percentile_is_the_nearest_rank(double percent, double expected) =>
        Assert.Equal(expected, Spread.Percentile(Enumerable.Range(1, 100).Select(value => (double)value).Reverse(), percent));

    [Fact]
    public async Task Pairs_are_measured_in_turns_and_a_ratio_of_one_is_as_good_as_the_limit()
    {
        var order = new StringBuilder();
        var pace = new Pace(3, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1), IsShort: true);
        var pairs = await Pairs.RunAsync(pace, window => Measure('A', 50, window), window => Measure('B', 100, window));
        Assert.Equal("AB" + "AB" + "BA" + "AB", order.ToString());

        var figures = pairs.Figures("x", "job", rate: null, new Promise.AtLeast(0.5)).ToArray();
        Assert.Equal(["jobs/s", "µs/job", "bytes/job"], figures.Select(figure => figure.Unit));
        Assert.Equal(25, figures[0].Value.Median);
        Assert.Equal(50, figures[0].Limit!.Value.Median);
        Assert.Equal(0.5, figures[0].Ratio!.Value.Median);
        Assert.True(figures[0].Kept);
        Assert.Equal(0.5, figures[1].Ratio!.Value.Median);

        Task<Measurement> Measure(char who, long operations, TimeSpan window)
        {
            order.Append(who);
            return Task.FromResult(new Measurement(operations, window, new Usage(TimeSpan.FromSeconds(1), 1_000)));
        }
    }

    [Fact]
    public void A_figure_in_json_has_scenario_figure_value_unit_limit_and_ratio()
    {
        var figure = new Figure("rate", Spread.Of(12), "jobs/s") { Limit = Spread.Of(24), Ratio = Spread.Of(0.5), RatioPromised = new Promise.AtLeast(0.6) };
        var json = JsonDocument.Parse(Report.Json("jobs", figure)).RootElement;
        Assert.Equal("jobs", json.GetProperty("scenario").GetString());
        Assert.Equal("rate", json.GetProperty("figure").GetString());
        Assert.Equal(12, json.GetProperty("value").GetDouble());
        Assert.Equal("jobs/s", json.GetProperty("unit").GetString());
        Assert.Equal(24, json.GetProperty("limit").GetDouble());
        Assert.Equal(0.5, json.GetProperty("ratio").GetDouble());
        Assert.False(json.GetProperty("kept").GetBoolean());
    }

    [Fact]
    public void A_missed_promise_is_said_in_words()
    {
        using var text = new StringWriter();
        new Report(text, json: false).Add(new Figure("threads", Spread.Of(64), "threads") { Promised = new Promise.Under(50) });
        Assert.Contains("under 50: MISSED", text.ToString(), StringComparison.Ordinal);
    }
}
