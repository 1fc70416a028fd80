using System.Runtime.CompilerServices;
using ActorPerf.Jobs;
using ActorPerf.Web.Console.Export;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

/// <summary>The list of jobs as a file: what its filters leave, in its order.</summary>
internal static class JobsExportHandler
{
    private static readonly ExportColumn<JobRow>[] Columns =
    [
        new("id", row => row.Id.ToString()), new("task", row => row.Task), new("queue", row => row.Queue), new("state", row => row.State.Word), new("priority", row => row.Priority),
        new("attempt", row => row.Attempt), new("maxAttempts", row => row.MaxAttempts), new("excused", row => row.Excused), new("crashes", row => row.Crashes), new("node", row => row.Node),
        new("tags", row => string.Join(' ', row.Tags)), new("errorType", row => row.Error?.Type), new("errorMessage", row => row.Error?.Message), new("cached", row => row.Cached),
        new("uniqueKey", row => row.UniqueKey), new("limitKey", row => row.LimitKey), new("workflow", row => row.Workflow), new("schedule", row => row.Schedule), new("rerunOf", row => row.RerunOf?.ToString()),
        new("createdAt", row => row.CreatedAt), new("runAt", row => row.RunAt), new("startedAt", row => row.StartedAt), new("finishedAt", row => row.FinishedAt),
        new("waited", row => row.StartedAt - row.CreatedAt), new("ran", row => row.FinishedAt - row.StartedAt),
    ];

    public static async Task<IResult> SaveAsync(ConsoleRequest request)
    {
        if (JobFilter.Parse(request.Query, out var fault) is not { } filter) return request.Failure(StatusCodes.Status400BadRequest, "Not a search", fault!.Sentence);
        var query = filter.Query(request.View.Namespace) with { Before = null, BeforeKey = 0, Limit = JobQuery.MaxLimit };
        // Looked at once before the file begins: what cannot be listed is told as a page.
        var first = await request.Jobs.ListAsync(query, request.Aborted);
        if (first.Refusal is { } tooWide) return request.Refused(tooWide);
        return ListExport.Of("jobs", request.Http.Request.RouteValues["format"] as string, Columns, RowsAsync(request.Jobs, query, first, request.Aborted));
    }

    private static async IAsyncEnumerable<JobRow> RowsAsync(IJobs jobs, JobQuery query, JobPage page, [EnumeratorCancellation] CancellationToken ct)
    {
        while (true)
        {
            foreach (var job in page.Rows) yield return job.Row;
            if (page.Next is not { } next) yield break;
            page = await jobs.ListAsync(query with { Before = next, BeforeKey = page.NextKey }, ct);
            if (page.Refusal is not null) yield break;
        }
    }
}
