using ActorPerf.Load.Figures.Html;
using ActorPerf.Tasks;

namespace ActorPerf.Load.Figures;

/// <summary>A run as one HTML file: no network, no script, charts as inline SVG; every word of others escaped. Pure.</summary>
public static class HtmlReport
{
    /// <summary>What the file allows itself, in a header or in the file: its own style sheet and nothing else.</summary>
    public const string ContentPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

    public static string Write(LoadReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var page = new Markup();
        var title = $"Load test of {report.Run.Plan.Host}: {report.Run.Plan.Scenario}";
        page.Add($"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{ContentPolicy}"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title><style>""")
            .Raw(ReportStyle.Css).Raw("</style></head><body><main>");
        ReportHead.Add(page, report);
        ReportTables.Thresholds(page, report.Run);
        ReportTables.Requests(page, report.Run);
        ReportTables.Percentiles(page, report.Run);
        ReportTables.Jobs(page, report.Run);
        AddPlots(page, report);
        ReportTables.Failures(page, "Failures", report.Run.Failures, exceptions: false);
        ReportTables.Failures(page, "Exceptions", report.Run.Exceptions, exceptions: true);
        ReportTables.Shares(page, report.Run);
        ReportHead.AddPlan(page, report);
        ReportHead.AddHealth(page, report.Run.Health);
        page.Add($"""<footer>Made by ActorPerf {report.Surroundings.Version}. Run {report.Run.Id.ToString()}. Times are milliseconds unless they say otherwise. Response time counts from the moment the plan wanted the request sent, service time from the moment it was.</footer>""");
        return page.Raw("</main></body></html>\n").ToString();
    }

    private static void AddPlots(Markup page, LoadReport report)
    {
        page.Raw("<h2>Over time</h2><div class=\"plots\">");
        foreach (var plot in ReportPlots.OverTime(report.Run)) page.Add(Plot.Draw(plot));
        page.Raw("</div>");
        if (report.Run.TargetFault is { } unseen) page.Add($"<p>{unseen}</p>");
        if (report.Series.Count == 0) return;
        page.Raw("<h2>How rare is slow</h2>").Add(Plot.Draw(ReportPlots.Percentiles(report)));
    }
}
