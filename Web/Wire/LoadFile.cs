using System.Text;
using ActorPerf.Load.Figures;

namespace ActorPerf.Web.Wire;

/// <summary>The files that a report can be had as, the same under the API and in the console.</summary>
/// <param name="Name">As the address ends.</param>
/// <param name="Id">Of the API's operation.</param>
internal sealed record LoadFile(string Name, string Id, string Summary, string Type, Func<LoadReport, string> Write)
{
    private const string Csv = "text/csv; charset=utf-8";

    public static IReadOnlyList<LoadFile> All { get; } =
    [
        new("report.html", "getLoadReport", "The report as one HTML file, readable without script or network.", "text/html; charset=utf-8", HtmlReport.Write),
        new("report.json", "getLoadReportJson", "The report whole, histograms included.", "application/json; charset=utf-8", static report => Encoding.UTF8.GetString(report.ToJson())),
        new("stats.csv", "getLoadStats", "Figures by request, with Locust's columns.", Csv, static report => LocustCsv.Stats(report.Run)),
        new("stats_history.csv", "getLoadStatsHistory", "Figures of each second, with Locust's columns.", Csv, LocustCsv.History),
        new("failures.csv", "getLoadFailures", "What failed, with Locust's columns.", Csv, static report => LocustCsv.Failures(report.Run)),
        new("exceptions.csv", "getLoadExceptions", "What scenarios threw, with Locust's columns.", Csv, static report => LocustCsv.Exceptions(report.Run)),
        new("latency.hgrm", "getLoadSpectrum", "Response times by percentile, as HdrHistogram prints them.", "text/plain; charset=utf-8",
            static report => report.SeriesOf(report.Run.Total) is { } all ? PercentileLog.Text(all.Response) : ""),
    ];

    /// <summary>The policy of a page that holds its own style sheet and nothing that runs; null for what is no page.</summary>
    public string? ContentPolicy => Type.StartsWith("text/html", StringComparison.Ordinal) ? $"{HtmlReport.ContentPolicy}; frame-ancestors 'none'; sandbox" : null;
}
