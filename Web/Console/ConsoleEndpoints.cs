using ActorPerf.Web.Console.Access;
using ActorPerf.Web.Console.Live;
using ActorPerf.Web.Console.Pages;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ActorPerf.Web.Console;

/// <summary>The console's addresses. Everything is relative to where <paramref name="root"/> stands.</summary>
internal static class ConsoleEndpoints
{
    private static readonly string[] Sections = [.. WorkRoutes.Sections, "queues/{name}", "cache", "data", "cluster/{node}", "traces/{id}", "submit", "tour", "sign-in", "console"];

    public static void Map(RouteGroupBuilder root)
    {
        var routes = new ConsoleRoutes(root);
        MapPages(routes);
        MapForms(routes);
        WorkRoutes.Map(routes);
        TraceRoutes.Map(routes);
        routes.Get("console/events", Right.Read, LiveStream.OpenAsync);
        routes.Asset("console/assets/{name}");
        // What lies below other first segments, the API's among them, is not the console's to answer: a catch-all would hide its 405s.
        routes.Get("{page}", Right.Read, NoSuchPageAsync);
        foreach (var section in Sections) routes.Get($"{section}/{{rest}}", Right.Read, NoSuchPageAsync);
    }

    private static void MapPages(ConsoleRoutes routes)
    {
        routes.Get("", Right.Read, OverviewHandler.ShowAsync);
        routes.Get("tour", Right.Read, TourHandler.ShowAsync);
        routes.Get("submit", Right.Read, SubmitHandler.ShowAsync);
        routes.Get("queues", Right.Read, QueuesHandler.ShowAsync);
        routes.Get("queues/{name}", Right.Read, QueueHandler.ShowAsync);
        routes.Get("cache", Right.Read, CacheHandler.ShowAsync);
        routes.Get("data", Right.Read, DataHandler.ShowAsync);
        routes.Get("cluster", Right.Read, ClusterHandler.ShowAsync);
        routes.Get("cluster/{node}", Right.Read, NodeHandler.ShowAsync);
        routes.Get("sign-in", Right.None, SignInHandler.ShowAsync);
    }

    private static void MapForms(ConsoleRoutes routes)
    {
        routes.Post("tour/{step}", Right.Submit, TourHandler.DoAsync);
        routes.Post("submit", Right.Submit, SubmitHandler.SendAsync);
        routes.Post("submit/lines", Right.Submit, SubmitHandler.LinesAsync);
        routes.Post("queues/{name}/pause", Right.Operate, QueueHandler.PauseAsync, ofAll: true);
        routes.Post("queues/{name}/resume", Right.Operate, QueueHandler.ResumeAsync, ofAll: true);
        routes.Post("queues/{name}/limits", Right.Operate, QueueHandler.LimitAsync, ofAll: true);
        routes.Post("queues/{name}/reset", Right.Operate, QueueHandler.ResetAsync, ofAll: true);
        routes.Post("cluster/{node}/leave", Right.Operate, NodeHandler.LeaveAsync, ofAll: true);
        routes.Post("cluster/{node}/down", Right.Operate, NodeHandler.DownAsync, ofAll: true);
        routes.Post("cache/invalidate", Right.Operate, CacheHandler.InvalidateAsync);
        routes.Post("sign-in", Right.None, SignInHandler.SignInAsync);
        routes.Post("sign-out", Right.None, SignInHandler.SignOutAsync);
        routes.Post("console/theme", Right.None, ThemeHandler.SetAsync);
    }

    private static Task<IResult> NoSuchPageAsync(ConsoleRequest request) =>
        Task.FromResult(request.NotFound("The console has no page at this address. The links beside lead to those it has."));
}
