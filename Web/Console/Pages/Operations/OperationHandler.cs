using System.Globalization;
using System.Runtime.CompilerServices;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Operations;
using ActorPerf.Web.Console.Export;
using ActorPerf.Web.Console.Live;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

/// <summary>Actions on all jobs that matched a search: how far each is.</summary>
internal static class OperationHandler
{
    private const int PageSize = 50;
    private const string NoSuch = "There is no operation with this id in this namespace. They are removed some time after they end, as jobs are.";

    private static readonly ExportColumn<Operation>[] Columns =
    [
        new("id", each => each.Job.Row.Id.ToString()), new("action", each => each.Action.Word), new("q", each => each.Q), new("state", each => each.Job.Row.State.Word), new("matched", each => each.Counts?.Matched),
        new("done", each => each.Counts?.Done), new("skipped", each => each.Counts?.Skipped), new("failed", each => each.Counts?.Failed), new("createdAt", each => each.Job.Row.CreatedAt),
        new("startedAt", each => each.Job.Row.StartedAt), new("finishedAt", each => each.Job.Row.FinishedAt),
    ];

    public static async Task<IResult> ListAsync(ConsoleRequest request)
    {
        long? before = null;
        if (request.Query("cursor") is { } cursor)
        {
            if (!long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var seq)) return request.NotFound("The address names a page that cannot be. Start again from the newest.");
            before = seq;
        }
        var page = await request.Service<IOperations>().ListAsync(request.View.Namespace, before, PageSize, request.Aborted);
        var older = page.Next is { } next ? request.Links.To("operations", "cursor", next.ToString(CultureInfo.InvariantCulture)) : null;
        return ConsolePage.Of<OperationsPage>(request.View, new OperationsModel([.. page.Items.Select(each => new OperationModel(each, request.View.Now))], older, before is not null));
    }

    public static Task<IResult> SaveAsync(ConsoleRequest request) => Task.FromResult(ListExport.Of(
        "operations", request.Http.Request.RouteValues["format"] as string, Columns, RowsAsync(request.Service<IOperations>(), request.View.Namespace, request.Aborted)));

    public static async Task<IResult> ShowAsync(ConsoleRequest request) => await FindAsync(request) is { } operation
        ? ConsolePage.Of<OperationPage>(request.View, new OperationModel(operation, request.View.Now) { Troubles = await TroublesAsync(request, operation) })
        : request.NotFound(NoSuch);

    public static async Task<IResult> CancelAsync(ConsoleRequest request)
    {
        if (!request.TryJobId(out var id) || await request.Service<IOperations>().CancelAsync(request.View.Namespace, id, request.Aborted) is not { } reply) return request.NotFound(NoSuch);
        if (reply is OperationReply.Refused(var refusal)) return request.Refused(refusal);
        await request.RecordAsync("cancelOperation", id.ToString());
        return request.Redirect(request.Links.To($"operations/{id}"));
    }

    public static (string Key, Func<ILiveSource> Open)? Live(ConsoleRequest request)
    {
        if (!JobId.TryParse(request.Query("id"), out var id)) return null;
        var (operations, ns, time) = (request.Service<IOperations>(), request.View.Namespace, request.Service<TimeProvider>());
        return ($"operation {id}", () => new LiveQuestion(async ct =>
            await operations.GetAsync(ns, id, ct) is { } operation ? new OperationModel(operation, time.GetUtcNow()).Live() : new LiveState { Shape = "gone" }));
    }

    private static async ValueTask<Operation?> FindAsync(ConsoleRequest request) =>
        request.TryJobId(out var id) ? await request.Service<IOperations>().GetAsync(request.View.Namespace, id, request.Aborted) : null;

    /// <summary>What the operation's own job said of jobs that were refused.</summary>
    private static async Task<IReadOnlyList<string>> TroublesAsync(ConsoleRequest request, Operation operation)
    {
        if (operation.Counts is null or { Failed: 0 } && !operation.Job.Row.State.IsFinal) return [];
        var history = await request.Jobs.HistoryAsync(request.View.Namespace, operation.Job.Row.Id, request.Aborted);
        return [.. (history?.Attempts ?? []).SelectMany(attempt => attempt.Lines).Select(line => line.Text).TakeLast(100)];
    }

    private static async IAsyncEnumerable<Operation> RowsAsync(IOperations operations, Tasks.Namespace ns, [EnumeratorCancellation] CancellationToken ct)
    {
        long? before = null;
        do
        {
            var page = await operations.ListAsync(ns, before, 500, ct);
            foreach (var each in page.Items) yield return each;
            before = page.Next;
        }
        while (before is not null);
    }
}
