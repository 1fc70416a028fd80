using System.Buffers;
using System.Text;
using ActorPerf.Load.Figures;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ActorPerf.Web.Api;

/// <summary>The reports of load tests as files: HTML, JSON, Locust's CSV files, the percentile log.</summary>
internal sealed class LoadFileEndpoints(FrontDoors doors)
{
    private const string Csv = "text/csv; charset=utf-8";
    private static readonly StringValues NoStore = "no-store";

    public void Map(ApiMap api)
    {
        File(api, "report.html", "getLoadReport", "The report as one HTML file, readable without script or network.", "text/html; charset=utf-8", HtmlReport.Write);
        File(api, "report.json", "getLoadReportJson", "The report whole, histograms included.", Answer.JsonType, static report => Encoding.UTF8.GetString(report.ToJson()));
        File(api, "stats.csv", "getLoadStats", "Figures by request, with Locust's columns.", Csv, static report => LocustCsv.Stats(report.Run));
        File(api, "stats_history.csv", "getLoadStatsHistory", "Figures of each second, with Locust's columns.", Csv, LocustCsv.History);
        File(api, "failures.csv", "getLoadFailures", "What failed, with Locust's columns.", Csv, static report => LocustCsv.Failures(report.Run));
        File(api, "exceptions.csv", "getLoadExceptions", "What scenarios threw, with Locust's columns.", Csv, static report => LocustCsv.Exceptions(report.Run));
        File(api, "latency.hgrm", "getLoadSpectrum", "Response times by percentile, as HdrHistogram prints them.", "text/plain; charset=utf-8",
            static report => report.SeriesOf(report.Run.Total) is { } all ? PercentileLog.Text(all.Response) : "");
    }

    private void File(ApiMap api, string name, string id, string summary, string type, Func<LoadReport, string> write) =>
        api.Get($"/load/runs/{{id}}/{name}", Scope.Read, (context, _) => WriteAsync(context, type, write), new ApiDoc(id, "Load", summary)
        {
            Answers = [(200, type == Answer.JsonType ? "Any" : "File")],
            Produces = type.Split(';')[0],
        });

    private async Task WriteAsync(HttpContext context, string type, Func<LoadReport, string> write)
    {
        if (!LoadEndpoints.TryId(context, out var id) || await doors.Load.ReportAsync(id, context.RequestAborted) is not { } report)
        {
            await Problems.WriteAsync(context, LoadEndpoints.NoSuchRun(context));
            return;
        }

        var bytes = Encoding.UTF8.GetBytes(write(report));
        var response = context.Response;
        response.Headers.CacheControl = NoStore;
        if (type.StartsWith("text/html", StringComparison.Ordinal)) response.Headers.ContentSecurityPolicy = $"{HtmlReport.ContentPolicy}; frame-ancestors 'none'; sandbox";
        response.ContentType = type;
        response.ContentLength = bytes.Length;
        response.BodyWriter.Write(bytes);
    }
}
