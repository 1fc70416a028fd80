using ActorPerf.Web.Console.Access;

namespace ActorPerf.Web.Console.Pages.LoadTests;

/// <summary>The addresses of load tests.</summary>
internal static class LoadRoutes
{
    public static void Map(ConsoleRoutes routes)
    {
        routes.Get("load", Right.Read, LoadHandler.ShowAsync);
        routes.Post("load", Right.Operate, LoadHandler.SendAsync, ofAll: true);
        routes.Get("load/export.{format}", Right.Read, LoadHandler.SaveAsync);
        routes.Get("load/compare", Right.Read, LoadCompareHandler.ShowAsync);
        routes.Get("load/{id}", Right.Read, LoadRunHandler.ShowAsync);
        routes.Get("load/{id}/{file}", Right.Read, LoadRunHandler.FileAsync);
        routes.Post("load/{id}/stop", Right.Operate, LoadRunHandler.StopAsync, ofAll: true);
        routes.Post("load/{id}/edit", Right.Operate, LoadRunHandler.EditAsync, ofAll: true);
        routes.Post("load/{id}/reset", Right.Operate, LoadRunHandler.ResetAsync, ofAll: true);
    }
}
