using System.Globalization;
using System.Text;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Tests.Web.Console.Fakes;
using ActorPerf.Web.Console.Export;
using ActorPerf.Web.Console.Pages;
using ActorPerf.Web.Console.Parts;

namespace ActorPerf.Tests.Web.Console;

/// <summary>What the pages are computed from, without pages.</summary>
public sealed class ConsoleShapesTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    [InlineData("=1+2", "\"'=1+2\"")]
    [InlineData("+1", "\"'+1\"")]
    [InlineData("-1", "\"'-1\"")]
    [InlineData("@SUM(A1)", "\"'@SUM(A1)\"")]
    [InlineData("\tx", "\"'\tx\"")]
    [InlineData("\rx", "\"'\rx\"")]
    [InlineData("", "")]
    public void A_cell_is_never_a_formula(string text, string cell)
    {
        var into = new StringBuilder();
        CsvText.Append(into, text);
        Assert.Equal(cell, into.ToString());
    }

    [Theory]
    [InlineData("Order 17: upstream answered 503 after 30 s", "Order 4711: upstream answered 502 after 1.5 s", true)]
    [InlineData("No row 0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a11 in 'orders'", "No row 0199ffff-7e6b-7c44-9f0e-2f6d1c5d8a99 in 'customers'", true)]
    [InlineData("Connection refused", "Connection reset", false)]
    [InlineData("", "", true)]
    public void Errors_are_alike_apart_from_numbers_ids_and_quotes(string one, string other, bool alike) =>
        Assert.Equal(alike, ErrorFingerprint.Of(new TaskError("T", one)) == ErrorFingerprint.Of(new TaskError("T", other)) || ErrorFingerprint.Of(new TaskError("T", one)).Mark == ErrorFingerprint.Of(new TaskError("T", other)).Mark);

    [Fact]
    public void An_error_of_another_type_or_with_odd_characters_is_still_searched_for()
    {
        Assert.NotEqual(ErrorFingerprint.Of(new TaskError("A", "x")).Mark, ErrorFingerprint.Of(new TaskError("B", "x")).Mark);
        foreach (var text in new[] { "\u0000\u0001", "line one\nline two of it", new string('é', 300), "😀😀😀😀😀😀" + new string('x', 95) + "😀", "say \"hi\" \\ there" })
        {
            var search = ErrorFingerprint.Of(new TaskError("Type", text)).Search("task");
            Assert.True(ActorPerf.Jobs.Search.FilterText.TryParse(search, out _, out var fault), $"{search}: {fault}");
        }
    }

    [Fact]
    public void A_layer_stands_behind_all_that_it_waits_for_and_no_two_boxes_overlap()
    {
        var random = new Random(5);
        for (var run = 0; run < 50; run++)
        {
            var count = random.Next(1, 200);
            var parents = Enumerable.Range(0, count).Select(i => (IReadOnlyList<int>)[.. Enumerable.Range(0, Math.Min(i, random.Next(4))).Select(_ => random.Next(i)).Distinct()]).ToList();
            var layout = GraphLayout.Of(parents);
            for (var i = 0; i < count; i++)
            {
                Assert.All(parents[i], parent => Assert.True(layout.Places[parent].X + layout.NodeWidth < layout.Places[i].X));
                Assert.InRange(layout.Places[i].X, 0, layout.Width - layout.NodeWidth);
                Assert.InRange(layout.Places[i].Y, 0, layout.Height - layout.NodeHeight);
                for (var j = 0; j < i; j++)
                {
                    var (a, b) = (layout.Places[i], layout.Places[j]);
                    Assert.True(Math.Abs(a.X - b.X) >= layout.NodeWidth || Math.Abs(a.Y - b.Y) >= layout.NodeHeight, $"{i} and {j} of {count} overlap");
                }
            }
        }
        Assert.Equal((0, 0), (GraphLayout.Of([]).Places.Count, GraphLayout.Of([]).Height - 24));
    }

    [Fact]
    public void Two_chains_side_by_side_do_not_cross()
    {
        // 0→2→4 and 1→3→5, submitted so that the order of submission would cross them.
        var layout = GraphLayout.Of([[], [], [1], [0], [2], [3]]);
        Assert.Equal(layout.Places[0].Y < layout.Places[1].Y, layout.Places[3].Y < layout.Places[2].Y);
        Assert.Equal(layout.Places[3].Y < layout.Places[2].Y, layout.Places[5].Y < layout.Places[4].Y);
    }

    [Fact]
    public void Every_move_has_a_way_between_the_boxes_it_joins()
    {
        Assert.Equal(JobMoves.All.Count, JobMoves.All.Select(StateDiagram.Way).Distinct().Count());
        foreach (var move in JobMoves.All)
        {
            var numbers = StateDiagram.Way(move)[1..].Split([' ', 'L', 'C'], StringSplitOptions.RemoveEmptyEntries).Select(number => int.Parse(number, CultureInfo.InvariantCulture)).ToList();
            Assert.True(IsAtEdge(move.From, numbers[0], numbers[1]), $"{move} does not begin at its box");
            Assert.True(IsAtEdge(move.To, numbers[^2], numbers[^1]), $"{move} does not end at its box");
        }

        static bool IsAtEdge(JobState state, int x, int y)
        {
            var (left, top) = StateDiagram.Place(state);
            return Math.Abs(x - left) <= StateDiagram.BoxWidth / 2 && Math.Abs(y - top) <= StateDiagram.BoxHeight / 2
                && (Math.Abs(x - left) == StateDiagram.BoxWidth / 2 || Math.Abs(y - top) == StateDiagram.BoxHeight / 2);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(59)]
    [InlineData(3_600)]
    [InlineData(86_400 * 400)]
    public void A_histogram_holds_every_job_once_in_sixty_bars_at_most(int seconds)
    {
        var random = new Random(seconds);
        var rows = Enumerable.Range(1, 300).Select(i => Sample.Job("t", i % 9 == 0 ? JobState.Failed : JobState.Queued, i, at: FakeJobs.Noon.AddSeconds(-random.NextDouble() * seconds)).Row).ToList();
        var histogram = JobHistogram.Of(new JobSample(rows, true), FakeJobs.Noon);
        Assert.NotNull(histogram);
        Assert.InRange(histogram.Bars.Count, 1, 61);
        Assert.Equal((300, 33), (histogram.Bars.Sum(bar => bar.Total), histogram.Bars.Sum(bar => bar.Failed)));
        Assert.Null(JobHistogram.Of(new JobSample([rows[0]], true), FakeJobs.Noon));
    }

    [Fact]
    public void What_was_done_is_told_and_nothing_else_is()
    {
        Assert.Equal("3 jobs were deleted; 1 has not ended yet and stays as it is.", BulkWords.Told("delete.3.1"));
        foreach (var odd in new[] { null, "", "delete", "delete.x.1", "delete.1.2.3", "<b>.1.1", "delete.-1.0" }) Assert.Null(BulkWords.Told(odd));
    }
}
