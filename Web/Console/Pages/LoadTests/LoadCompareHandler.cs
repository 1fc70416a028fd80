using ActorPerf.Load.Figures;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages.LoadTests;

/// <summary>Two runs beside each other; where none are named, the latest two.</summary>
internal static class LoadCompareHandler
{
    public static async Task<IResult> ShowAsync(ConsoleRequest request)
    {
        var runs = request.Service<LoadRuns>();
        var latest = (await runs.ListAsync(request.Aborted)).Where(static line => line.Verdict != LoadVerdict.Open).Select(static line => line.Id).ToList();
        var first = await ReadAsync(request, runs, "a", latest.Count > 1 ? latest[1] : null);
        var second = await ReadAsync(request, runs, "b", latest.Count > 0 ? latest[0] : null);
        return ConsolePage.Of<LoadComparePage>(request.View, new LoadCompareModel(first, second));
    }

    private static async Task<LoadReport?> ReadAsync(ConsoleRequest request, LoadRuns runs, string name, Guid? usual)
    {
        var id = request.Query(name) is { } text ? Guid.TryParseExact(text, "D", out var parsed) ? parsed : null : usual;
        return id is { } known ? await runs.ReportAsync(known, request.Aborted) : null;
    }
}
