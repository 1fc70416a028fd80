using ActorPerf.Jobs;
using ActorPerf.Web.Console.Live;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

/// <summary>All queues, and their limit keys.</summary>
internal static class QueuesHandler
{
    private const int KeysShown = 50;

    public static async Task<IResult> ShowAsync(ConsoleRequest request)
    {
        string? after = null;
        if (request.Query("keys") is { } cursor && !KeyCursor.TryRead(cursor, out after)) return request.NotFound("The mark of the page is not of this list. Begin at its start.");
        return ConsolePage.Of<QueuesPage>(request.View, await ReadAsync(request.Queues, request.Jobs, request.View, after, Notice(request), request.Aborted));
    }

    public static (string Key, Func<ILiveSource> Open)? Live(ConsoleRequest request)
    {
        var (queues, jobs, view) = (request.Queues, request.Jobs, request.View);
        return ("queues", () => new LiveQuestion(async ct => (await ReadAsync(queues, jobs, view, null, null, ct)).Live()));
    }

    private static async Task<QueuesModel> ReadAsync(IQueues queues, IJobs jobs, ConsoleView view, string? after, string? notice, CancellationToken ct)
    {
        var statistics = jobs.Statistics(view.Namespace);
        var lines = (await queues.ListAsync(view.Namespace, ct)).Select(queue => QueueLine.From(queue, statistics)).ToList();
        var keys = await queues.LimitsAsync(view.Namespace, after, KeysShown, ct);
        return new QueuesModel(lines, keys.Items, keys.Next is { } next ? view.Links.To("queues", "keys", KeyCursor.Write(next)) : null, notice);
    }

    private static string? Notice(ConsoleRequest request) => (request.Query("paused"), request.Query("resumed")) switch
    {
        ({ } name, _) => $"Queue {name} is paused: nothing of it starts, what runs goes on.",
        (_, { } name) => $"Queue {name} goes on.",
        _ => null,
    };
}
