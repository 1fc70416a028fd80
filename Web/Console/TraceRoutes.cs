using ActorPerf.Web.Console.Access;
using ActorPerf.Web.Console.Pages;

namespace ActorPerf.Web.Console;

/// <summary>The addresses of traces. As over the API, looking at them is an operator's, and so is forgetting them.</summary>
internal static class TraceRoutes
{
    public static void Map(ConsoleRoutes routes)
    {
        routes.Get("traces", Right.Operate, TracesHandler.ShowAsync);
        routes.Get("traces/routes", Right.Operate, TraceTotalsHandler.RoutesAsync);
        routes.Get("traces/calls", Right.Operate, TraceTotalsHandler.CallsAsync);
        routes.Get("traces/findings", Right.Operate, TraceTotalsHandler.FindingsAsync);
        routes.Get("traces/routes/export.{format}", Right.Operate, TraceTotalsHandler.SaveRoutesAsync);
        routes.Get("traces/calls/export.{format}", Right.Operate, TraceTotalsHandler.SaveCallsAsync);
        routes.Get("traces/findings/export.{format}", Right.Operate, TraceTotalsHandler.SaveFindingsAsync);
        routes.Get("traces/export.{format}", Right.Operate, TracesHandler.SaveAsync);
        routes.Post("traces/reset", Right.Operate, TracesHandler.ResetAsync, ofAll: true);
        routes.Get("traces/{id}", Right.Operate, TraceHandler.ShowAsync);
    }
}
