using ActorPerf.Load;
using ActorPerf.Load.Figures;
using ActorPerf.Load.Figures.Html;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace ActorPerf.Tests.Load.Figures;

public sealed class HtmlReportTests
{
    private const string Nasty = "<img src=x onerror=alert(1)>\"'&";

    [Fact]
    public void The_report_says_its_verdict_first_and_holds_Locusts_table_both_clocks_and_the_plots()
    {
        var page = Read(SampleRun.Report(new LoadModel.Open(50), failed: 12));
        Assert.Contains("Threshold failed", page.QuerySelector(".verdict")!.TextContent, StringComparison.Ordinal);
        string[] titles = [.. page.QuerySelectorAll("h2").Select(title => title.TextContent)];
        Assert.Equal(
            ["Thresholds", "Requests", "Response times by percentile", "Jobs, from acceptance to their end", "Over time", "How rare is slow", "Failures", "Task ratios", "What was run", "How the generator fared"],
            titles);
        Assert.Contains("planned start", page.Body!.TextContent, StringComparison.Ordinal);
        Assert.Equal(10, page.QuerySelectorAll("figure svg[role=img][aria-label]").Length);
        Assert.All(page.QuerySelectorAll("path"), path => Assert.DoesNotContain("NaN", path.GetAttribute("d"), StringComparison.Ordinal));
    }

    [Fact]
    public void The_file_needs_no_script_and_no_network()
    {
        var text = HtmlReport.Write(SampleRun.Report(failed: 1));
        var page = new HtmlParser().ParseDocument(text);
        Assert.Empty(page.QuerySelectorAll("script, link, img, iframe, object, embed, form, [src], [href], [onload], [onclick]"));
        Assert.DoesNotContain("url(", text, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", page.QuerySelector("meta[http-equiv]")!.GetAttribute("content"), StringComparison.Ordinal);
    }

    [Fact]
    public void Words_of_others_stay_words()
    {
        var report = SampleRun.Report(failed: 1);
        var run = report.Run with
        {
            Plan = report.Run.Plan with { Label = Nasty, Scenario = Nasty, Variables = new Dictionary<string, string> { [Nasty] = Nasty } },
            Requests = [report.Run.Requests[0] with { Name = Nasty, Method = Nasty }],
            Failures = [new LoadFailure(Nasty, Nasty, Nasty, 1, SampleRun.Start, SampleRun.Start)],
            Exceptions = [new LoadFailure(Nasty, Nasty, Nasty, 1, SampleRun.Start, SampleRun.Start)],
            Shares = [new LoadShare(Nasty, Nasty, 1, 1, 1)],
            Jobs = [report.Run.Jobs[0] with { Name = Nasty }],
            Fault = Nasty,
            Health = report.Run.Health with { Warnings = [Nasty] },
        };
        var page = Read(report with { Run = run, Surroundings = new LoadSurroundings { Command = Nasty, Target = Nasty, Machine = Nasty, System = Nasty, Runtime = Nasty, Version = Nasty } });
        Assert.Empty(page.QuerySelectorAll("img, [onerror]"));
        Assert.Equal(Nasty, page.QuerySelector("h1")!.TextContent);
    }

    [Fact]
    public void A_run_that_measured_nothing_has_a_report_too()
    {
        var run = new LoadProgress { Id = SampleRun.Id, Plan = SampleRun.Plan(), State = LoadState.Failed, StartedAt = SampleRun.Start, Fault = "No scenario could start." };
        var page = Read(new LoadReport { Run = run });
        Assert.Contains("No scenario could start.", page.Body!.TextContent, StringComparison.Ordinal);
        Assert.Empty(page.QuerySelectorAll("path"));
    }

    [Theory]
    [InlineData(0, new double[] { 0, 1 })]
    [InlineData(7, new double[] { 0, 2, 4, 6, 8 })]
    [InlineData(100, new double[] { 0, 50, 100 })]
    [InlineData(0.31, new double[] { 0, 0.1, 0.2, 0.3, 0.4 })]
    public void Axes_have_round_numbers(double highest, double[] steps) => Assert.Equal(steps, Plot.RoundSteps(highest, 4).Select(step => Math.Round(step, 9)));

    private static IDocument Read(LoadReport report) => new HtmlParser().ParseDocument(HtmlReport.Write(report));
}
