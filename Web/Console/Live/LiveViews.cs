using ActorPerf.Web.Console.Pages;
using ActorPerf.Web.Console.Pages.LoadTests;

namespace ActorPerf.Web.Console.Live;

/// <summary>A live view that a page can ask for: what it shows, and how it is read.</summary>
/// <param name="Key">Equal for requests that would see the same.</param>
internal sealed record LiveView(string Key, Func<ILiveSource> Open);

/// <summary>The live views by name; each belongs to one page.</summary>
internal static class LiveViews
{
    public static LiveView? Find(ConsoleRequest request)
    {
        var source = request.Query("view") switch
        {
            "overview" => OverviewHandler.Live(request),
            "jobs" => JobsHandler.Live(request),
            "job" => JobHandler.Live(request),
            "operation" => OperationHandler.Live(request),
            "workflows" => WorkflowHandler.Live(request),
            "queues" => QueuesHandler.Live(request),
            "queue" => QueueHandler.Live(request),
            "cache" => CacheHandler.Live(request),
            "data" => DataHandler.Live(request),
            "cluster" => ClusterHandler.Live(request),
            "node" => NodeHandler.Live(request),
            "schedules" => ScheduleHandler.Live(request),
            "webhooks" => WebhookHandler.Live(request),
            "traces" => TracesHandler.Live(request),
            "trace-totals" => TraceTotalsHandler.Live(request),
            "load" => LoadRunHandler.Live(request),
            _ => null,
        };
        // Links stand in the frames, so what they begin and end with is part of what is the same: a namespace is named for some and opens by itself for others.
        return source is { } found ? new LiveView($"{request.Links.To("")}|{request.View.Namespace}|{found.Key}", found.Open) : null;
    }
}
