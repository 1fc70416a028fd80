using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Web.Console.Export;
using ActorPerf.Web.Console.Live;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

/// <summary>Graphs of jobs: the list, one as a picture, cancelling it, running again what failed.</summary>
internal static class WorkflowHandler
{
    private const int PageSize = 50;

    private static readonly ExportColumn<WorkflowRow>[] Columns =
    [
        new("id", row => row.Id.ToString()), new("name", row => row.Name), new("state", row => row.State), new("jobs", row => row.Total), new("done", row => row.Done),
        new("failed", row => row.Counts.GetValueOrDefault(JobState.Failed)), new("onFailure", row => row.OnFailure.ToString().ToLowerInvariant()), new("rerunOf", row => row.RerunOf?.ToString()), new("createdAt", row => row.CreatedAt),
    ];

    public static async Task<IResult> ListAsync(ConsoleRequest request)
    {
        if (!TryBefore(request, out var before)) return request.NotFound("The address names a page that cannot be. Start again from the newest workflows.");
        return ConsolePage.Of<WorkflowsPage>(request.View, await ReadAsync(request.Service<IWorkflows>(), request.View, before, request.Aborted));
    }

    public static Task<IResult> SaveAsync(ConsoleRequest request) => Task.FromResult(ListExport.Of(
        "workflows", request.Http.Request.RouteValues["format"] as string, Columns, RowsAsync(request.Service<IWorkflows>(), request.View.Namespace, request.Aborted)));

    public static async Task<IResult> ShowAsync(ConsoleRequest request) =>
        await FindAsync(request) is { } workflow ? ConsolePage.Of<OneWorkflowPage>(request.View, new WorkflowModel(workflow, request.View.Now)) : request.NotFound(NoSuch(request));

    public static Task<IResult> CancelAsync(ConsoleRequest request) => DoAsync(request, "cancelWorkflow", request.Service<IWorkflows>().CancelAsync);

    public static Task<IResult> RerunAsync(ConsoleRequest request) => DoAsync(request, "rerunWorkflow", (ns, id, ct) => request.Service<IWorkflows>().RerunAsync(ns, id, null, ct));

    public static (string Key, Func<ILiveSource> Open)? Live(ConsoleRequest request)
    {
        var (workflows, view, time) = (request.Service<IWorkflows>(), request.View, request.Service<TimeProvider>());
        if (request.Query("id") is null)
        {
            if (!TryBefore(request, out var before)) return null;
            return ($"workflows {before}", () => new LiveQuestion(async ct => (await ReadAsync(workflows, view, before, ct)).Live()));
        }
        if (!WorkflowId.TryParse(request.Query("id"), out var id)) return null;
        return ($"workflow {id}", () => new LiveQuestion(async ct =>
            await workflows.GetAsync(view.Namespace, id, ct) is { } workflow ? new WorkflowModel(workflow, time.GetUtcNow()).Live() : new LiveState { Shape = "gone" }));
    }

    private static async Task<WorkflowsModel> ReadAsync(IWorkflows workflows, ConsoleView view, long? before, CancellationToken ct)
    {
        var page = await workflows.ListAsync(view.Namespace, before, PageSize, ct);
        return new WorkflowsModel(page.Rows, page.Next is { } next ? view.Links.To("workflows", "cursor", next.ToString(CultureInfo.InvariantCulture)) : null, before);
    }

    private static bool TryBefore(ConsoleRequest request, out long? before)
    {
        before = null;
        if (request.Query("cursor") is not { } cursor) return true;
        if (!long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var seq)) return false;
        before = seq;
        return true;
    }

    private static async Task<IResult> DoAsync(ConsoleRequest request, string action, Func<Namespace, WorkflowId, CancellationToken, ValueTask<WorkflowOutcome?>> act)
    {
        if (!WorkflowId.TryParse(request.Http.Request.RouteValues["id"] as string, out var id)) return request.NotFound(NoSuch(request));
        switch (await act(request.View.Namespace, id, request.Aborted))
        {
            case null:
                return request.NotFound(NoSuch(request));
            case WorkflowOutcome.Refused(var refusal):
                return request.Refused(refusal);
            case WorkflowOutcome.Done(var workflow):
                await request.RecordAsync(action, id.ToString());
                return request.Redirect(request.Links.To($"workflows/{workflow.Row.Id}"));
            case WorkflowOutcome.Replayed(var workflow):
                return request.Redirect(request.Links.To($"workflows/{workflow.Row.Id}"));
            default:
                throw new UnreachableException();
        }
    }

    private static async ValueTask<WorkflowView?> FindAsync(ConsoleRequest request) =>
        WorkflowId.TryParse(request.Http.Request.RouteValues["id"] as string, out var id) ? await request.Service<IWorkflows>().GetAsync(request.View.Namespace, id, request.Aborted) : null;

    private static string NoSuch(ConsoleRequest request) => WorkflowRefusals.Unknown(Wire.JsonFault.Shown(request.Http.Request.RouteValues["id"] as string ?? "")).Detail;

    private static async IAsyncEnumerable<WorkflowRow> RowsAsync(IWorkflows workflows, Namespace ns, [EnumeratorCancellation] CancellationToken ct)
    {
        long? before = null;
        do
        {
            var page = await workflows.ListAsync(ns, before, 500, ct);
            foreach (var row in page.Rows) yield return row;
            before = page.Next;
        }
        while (before is not null);
    }
}
