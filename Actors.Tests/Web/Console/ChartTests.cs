using System.Globalization;
using ActorPerf.Tests.Web.Console.Fakes;
using ActorPerf.Tracing;
using ActorPerf.Web.Console.Charts;
using ActorPerf.Web.Console.Live;

namespace ActorPerf.Tests.Web.Console;

public sealed class ChartTests
{
    [Fact]
    public void A_line_goes_one_unit_right_for_each_point_and_the_higher_the_larger()
    {
        Assert.Equal("M0 196l1-96l1 96h1", ChartShape.Line([0, 1, 0, 0], 2));
        Assert.Equal("", ChartShape.Line([5], 5));
    }

    [Fact]
    public void An_area_stands_on_the_ground_and_its_edges_are_outside()
    {
        Assert.Equal("M-2 200V4h2h2h2V200", ChartShape.Area([3, 3, 3], 3));
        Assert.Equal("", ChartShape.Area([], 1));
    }

    [Fact]
    public void Bars_leave_out_what_is_zero()
    {
        Assert.Equal("M11 200V4h8V200z", ChartShape.Bars([0, 7], 7));
        Assert.Equal("", ChartShape.Bars([0, 0], 1));
        Assert.Equal(20, ChartShape.Width(ChartKind.Bars, 2));
        Assert.Equal(1, ChartShape.Width(ChartKind.Line, 2));
    }

    [Theory]
    [InlineData(0, ChartUnit.Count, 2)]
    [InlineData(1, ChartUnit.Count, 2)]
    [InlineData(0, ChartUnit.PerSecond, 1)]
    [InlineData(9, ChartUnit.Count, 10)]
    [InlineData(11, ChartUnit.Count, 20)]
    [InlineData(7, ChartUnit.Count, 8)]
    [InlineData(123, ChartUnit.PerSecond, 150)]
    [InlineData(0.021, ChartUnit.PerSecond, 0.03)]
    [InlineData(0.9, ChartUnit.Seconds, 1)]
    [InlineData(75, ChartUnit.Seconds, 120)]
    public void The_top_is_round_and_no_point_is_above(double highest, ChartUnit unit, double top) => Assert.Equal(top, ChartShape.Top(highest, unit), 9);

    [Fact]
    public void Packed_points_come_out_as_they_went_in()
    {
        double[] points = [0, 0, 0, 1.5, 1.5, 12345, 0.123456, 7];
        var text = ChartShape.Packed(points);
        Assert.Equal("0*3 1.5*2 12345 0.1235 7", text);
        var back = text.Split(' ').Select(part => part.Split('*')).SelectMany(part => Enumerable.Repeat(double.Parse(part[0], CultureInfo.InvariantCulture), part.Length > 1 ? int.Parse(part[1], CultureInfo.InvariantCulture) : 1));
        Assert.All(points.Zip(back), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
    }

    [Fact]
    public void A_timeline_leaves_out_the_slot_under_way_and_divides_rates_by_its_length()
    {
        var points = new double[TimeSlots.Count];
        (points[^2], points[^1]) = (10, 3);
        var chart = ChartModel.Timed("c", ChartKind.Line, "Calls", ChartUnit.PerSecond, FakeJobs.Noon.AddSeconds(3), new ChartSeries("calls", points));
        Assert.Equal(TimeSlots.Count - 1, chart.Count);
        Assert.Equal(2, chart.Series[0].Points[^1]);
        Assert.Equal(FakeJobs.Noon, chart.Until);
        Assert.Equal("calls: now 2, highest 2.", chart.Description);
        var newest = chart.Rows().First();
        Assert.Equal((FakeJobs.Noon.AddMinutes(-1), "0.17"), (newest.At, newest.Cells[0]));
        Assert.Equal(15, chart.Rows().Count());
    }

    [Fact]
    public void Areas_stand_on_each_other_the_first_below_and_drawn_last()
    {
        var chart = new ChartModel("c", ChartKind.Area, "Both", ChartUnit.Count, [new ChartSeries("low", [1, 1]), new ChartSeries("high", [1, 3])]) { Groups = ["a", "b"] };
        Assert.Equal(4, chart.Top);
        Assert.Equal(["high", "low"], chart.Shapes().Select(shape => shape.Series.Name));
        Assert.Equal(ChartShape.Area([2, 4], 4), chart.Shapes().First().Path);
    }

    [Fact]
    public void A_sparkline_sends_its_shape_alone()
    {
        var values = new LiveValues();
        new ChartModel("s", ChartKind.Sparkline, "Small", ChartUnit.Count, [new ChartSeries("n", [0, 1])]).AddTo(values);
        Assert.Equal(["s-n@d"], values.Keys);
    }

    [Fact]
    public void A_waterfall_keeps_every_stretch_inside_and_visible()
    {
        var fall = new WaterfallModel("Run", [new("all", TimeSpan.Zero, TimeSpan.FromSeconds(2)), new("end", TimeSpan.FromSeconds(1.999), TimeSpan.FromMilliseconds(1), Depth: 1)]);
        Assert.Equal((0, 1000), (fall.X(fall.Spans[0]), fall.Wide(fall.Spans[0])));
        Assert.Equal(3, fall.Wide(fall.Spans[1]));
        Assert.Equal(TimeSpan.FromTicks(1), new WaterfallModel("Empty", []).Length);
        var early = new WaterfallSpan("shared", TimeSpan.FromSeconds(-1), TimeSpan.FromSeconds(2));
        var cut = new WaterfallModel("Run", [new("all", TimeSpan.Zero, TimeSpan.FromSeconds(2)), early]);
        Assert.Equal((0, 500), (cut.X(early), cut.Wide(early)));          // what lies before the start is not drawn
    }

    [Fact]
    public async Task Every_chart_of_a_page_reads_without_script()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        foreach (var (path, charts) in new[] { ("/", 4), ("/cache", 2), ("/data", 3), ("/queues/cpu", 1) })
        {
            var page = await host.PageAsync(path);
            var figures = page.QuerySelectorAll("figure.chart");
            Assert.Equal(charts, figures.Length);
            Assert.All(figures, figure =>
            {
                Assert.NotEmpty(figure.QuerySelector("svg title")!.TextContent);
                Assert.NotEmpty(figure.QuerySelector("svg desc")!.TextContent);
                Assert.Equal(15, figure.QuerySelectorAll("details tbody tr").Length);
                Assert.All(figure.QuerySelectorAll("path"), shape => Assert.NotNull(shape.GetAttribute("data-points")));
            });
        }
    }
}
