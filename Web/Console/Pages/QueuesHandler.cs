using ActorPerf.Jobs;
using ActorPerf.Web.Console.Live;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

internal static class QueuesHandler
{
    public static async Task<IResult> ShowAsync(ConsoleRequest request) =>
        ConsolePage.Of<QueuesPage>(request.View, await ReadAsync(request.Queues, request.View, request.Aborted));

    public static (string Key, Func<ILiveSource> Open)? Live(ConsoleRequest request)
    {
        var (queues, view) = (request.Queues, request.View);
        return ("queues", () => new LiveQuestion(async ct => (await ReadAsync(queues, view, ct)).Live()));
    }

    private static async Task<QueuesModel> ReadAsync(IQueues queues, ConsoleView view, CancellationToken ct) =>
        new([.. (await queues.ListAsync(view.Namespace, ct)).Select(queue => QueueLine.From(queue, view.Links))]);
}

/// <summary>What is backing up?</summary>
public sealed record QueuesModel(IReadOnlyList<QueueLine> Queues)
{
    public string Shape => Shapes.Of(Queues.Select(queue => queue.Shape));

    public LiveState Live()
    {
        var values = new LiveValues();
        foreach (var queue in Queues) queue.AddTo(values);
        return new LiveState { Shape = Shape, Values = values };
    }
}
