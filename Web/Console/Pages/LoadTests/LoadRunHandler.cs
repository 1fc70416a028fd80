using ActorPerf.Load;
using ActorPerf.Load.Figures;
using ActorPerf.Load.Plans;
using ActorPerf.Tasks;
using ActorPerf.Web.Console.Live;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages.LoadTests;

/// <summary>One load test: how it stands, its report, and what can still be done to it.</summary>
internal static class LoadRunHandler
{
    private static readonly string[] EditFields = ["users", "spawnRate", "rate", "runTime"];

    public static async Task<IResult> ShowAsync(ConsoleRequest request) =>
        await FindAsync(request) is { } run ? ConsolePage.Of<LoadRunPage>(request.View, new LoadRunModel(run)) : Missing(request);

    public static (string Key, Func<ILiveSource> Open)? Live(ConsoleRequest request)
    {
        if (!Guid.TryParseExact(request.Query("id"), "D", out var id)) return null;
        var tests = request.Service<LoadRuns>().Tests;
        if (tests.Find(id) is not { } found) return null;
        return ($"load:{id:D}", () => new LiveQuestion(_ => ValueTask.FromResult(new LoadRunModel(tests.Find(id) ?? found).Live())));
    }

    public static async Task<IResult> FileAsync(ConsoleRequest request)
    {
        if (LoadFile.All.FirstOrDefault(file => file.Name == request.Http.Request.RouteValues["file"] as string) is not { } file
            || !TryId(request, out var id) || await request.Service<LoadRuns>().ReportAsync(id, request.Aborted) is not { } report) return Missing(request);
        if (file.ContentPolicy is { } policy) request.Http.Response.Headers.ContentSecurityPolicy = policy;
        else request.Http.Response.Headers.ContentDisposition = $"attachment; filename=\"load-{id:D}-{file.Name}\"";
        return Results.Text(file.Write(report), file.Type);
    }

    public static Task<IResult> StopAsync(ConsoleRequest request) => ActAsync(request, "stopLoadRun", static (tests, id, ct) => tests.StopAsync(id, ct));

    public static Task<IResult> ResetAsync(ConsoleRequest request) => ActAsync(request, "resetLoadRun", static (tests, id, ct) => tests.ResetAsync(id, ct));

    public static async Task<IResult> EditAsync(ConsoleRequest request)
    {
        if (await FindAsync(request) is not { } run) return Missing(request);
        var fields = EditFields.ToDictionary(static name => name, name => request.Field(name) ?? "", StringComparer.Ordinal);
        var draft = new LoadDraft();
        foreach (var (name, text) in fields) draft.Add(name, text);
        var edit = LoadEdits.Read(draft, out var faults);
        if (edit is not null && await request.Service<LoadRuns>().Tests.EditAsync(run.Id, edit, request.Aborted) is LoadOutcome.Refused { Refusal: var refusal })
        {
            if (refusal.Faults.Count == 0) return request.Refused(refusal);
            faults = refusal.Faults;
        }

        if (faults.Count > 0)
        {
            var model = new LoadRunModel(run) { Fields = fields, Faults = faults.GroupBy(static fault => fault.Pointer.TrimStart('/')).ToDictionary(static group => group.Key, static group => group.First().Message, StringComparer.Ordinal) };
            return ConsolePage.Of<LoadRunPage>(request.View, model, StatusCodes.Status400BadRequest);
        }

        await request.RecordAsync("editLoadRun", run.Id.ToString("D"));
        return request.Redirect(request.Links.To($"load/{run.Id:D}"));
    }

    private static async Task<IResult> ActAsync(ConsoleRequest request, string action, Func<ILoadTests, Guid, CancellationToken, ValueTask<LoadOutcome?>> act)
    {
        if (!TryId(request, out var id)) return Missing(request);
        switch (await act(request.Service<LoadRuns>().Tests, id, request.Aborted))
        {
            case LoadOutcome.Refused refused: return request.Refused(refused.Refusal);
            case null: return await FindAsync(request) is null ? Missing(request) : request.Refused(new Refusal("state-conflict", "This run has ended; its report stays as it is."));
            default:
                await request.RecordAsync(action, id.ToString("D"));
                return request.Redirect(request.Links.To($"load/{id:D}"));
        }
    }

    private static async Task<LoadProgress?> FindAsync(ConsoleRequest request) => TryId(request, out var id) ? await request.Service<LoadRuns>().ProgressAsync(id, request.Aborted) : null;

    private static bool TryId(ConsoleRequest request, out Guid id) => Guid.TryParseExact(request.Http.Request.RouteValues["id"] as string, "D", out id);

    private static IResult Missing(ConsoleRequest request) => request.NotFound("There is no such load test: it is neither remembered nor kept. The page Load lists those that are.");
}
