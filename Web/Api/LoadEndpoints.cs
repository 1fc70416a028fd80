using System.Buffers;
using ActorPerf.Load;
using ActorPerf.Load.Figures;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary>Load tests that this node makes: they are the node's, whatever namespace their requests work in.</summary>
internal sealed class LoadEndpoints(FrontDoors doors)
{
    private const int MaxBody = 256 * 1024;

    public void Map(ApiMap api)
    {
        api.Get("/load/scenarios", Scope.Read, ScenariosAsync, new ApiDoc("listLoadScenarios", "Load", "What can be run: scenarios with their kinds of users and tasks.") { Answers = [(200, "LoadScenarios")] });
        api.Get("/load/runs", Scope.Read, ListAsync, new ApiDoc("listLoadRuns", "Load", "A line for each run that goes on or whose report is kept, the latest first.") { Answers = [(200, "LoadRuns")] });
        api.Post("/load/runs", Scope.Operate, StartAsync, new ApiDoc("startLoadRun", "Load", "Starts a load test from this node, one at a time. Without a host it loads this node.") { OfAll = true, Body = "LoadPlan", Answers = [(202, "LoadRun")] });
        api.Get("/load/runs/{id}", Scope.Read, GetAsync, new ApiDoc("getLoadRun", "Load", "How a run stands, at most a second old, with its history.") { Answers = [(200, "LoadRun")] });
        api.Post("/load/runs/{id}/stop", Scope.Operate, StopAsync, new ApiDoc("stopLoadRun", "Load", "Ends a run; users finish what they do. Repeats are harmless.") { OfAll = true, Answers = [(202, "LoadRun")] });
        api.Post("/load/runs/{id}/edit", Scope.Operate, EditAsync, new ApiDoc("editLoadRun", "Load", "Changes users, spawn rate, rate or run time of a run that goes on.") { OfAll = true, Body = "LoadEdit", Answers = [(200, "LoadRun")] });
        api.Post("/load/runs/{id}/reset", Scope.Operate, ResetAsync, new ApiDoc("resetLoadRun", "Load", "Forgets what a run has measured so far; it goes on.") { OfAll = true, Answers = [(200, "LoadRun")] });
    }

    /// <summary>The id of the path; false where it is none, which no run has.</summary>
    public static bool TryId(HttpContext context, out Guid id) => Guid.TryParseExact(context.Request.RouteValues["id"] as string, "D", out id);

    public static Refusal NoSuchRun(HttpContext context) => new("not-found",
        $"There is no load test '{JsonFault.Shown(context.Request.RouteValues["id"] as string ?? "")}' here: it is neither remembered nor kept. GET /api/v1/load/runs lists those that are.");

    private Task ScenariosAsync(HttpContext context, Namespace ns)
    {
        var buffer = JsonBuffer.Rent();
        buffer.Json.WriteStartObject();
        buffer.Json.WriteStartArray(N.Items);
        foreach (var scenario in doors.Load.Tests.Scenarios) LoadScenarioJson.Write(buffer.Json, scenario);
        buffer.Json.WriteEndArray();
        buffer.Json.WriteNull(N.Next);
        buffer.Json.WriteEndObject();
        return Answer.Json(context, buffer);
    }

    private async Task ListAsync(HttpContext context, Namespace ns)
    {
        var lines = await doors.Load.ListAsync(context.RequestAborted);
        var buffer = JsonBuffer.Rent();
        buffer.Json.WriteStartObject();
        buffer.Json.WriteStartArray(N.Items);
        foreach (var line in lines) LoadDocuments.Write(buffer.Json, line);
        buffer.Json.WriteEndArray();
        buffer.Json.WriteNull(N.Next);
        buffer.Json.WriteEndObject();
        await Answer.Json(context, buffer);
    }

    private async Task StartAsync(HttpContext context, Namespace ns)
    {
        var (body, refusal) = await BodyReading.ReadAsync(context, MaxBody);
        LoadPlan? plan = null;
        if (refusal is null)
        {
            refusal = LoadPlanBody.ReadPlan(BodyReading.Contiguous(body).ToArray(), OwnAddress.Of(context), out plan);
            BodyReading.Release(context, body);
        }

        if (refusal is not null || plan is null)
        {
            await Problems.WriteAsync(context, refusal!);
            return;
        }

        AuditNote.Put(context, after: $"{plan.Scenario} against {plan.Host}: {LoadWords.Amount(plan.Model)}");
        var outcome = await doors.Load.StartAsync(plan, "POST /api/v1/load/runs", context.RequestAborted);
        if (outcome is LoadOutcome.Done { Run.Id: var id }) context.Response.Headers.Location = $"{context.Request.PathBase}{context.Request.Path}/{id:D}";
        await AnswerAsync(context, outcome, StatusCodes.Status202Accepted);
    }

    private async Task GetAsync(HttpContext context, Namespace ns)
    {
        if (TryId(context, out var id) && await doors.Load.ProgressAsync(id, context.RequestAborted) is { } run) WriteRun(context, run, StatusCodes.Status200OK);
        else await Problems.WriteAsync(context, NoSuchRun(context));
    }

    private async Task StopAsync(HttpContext context, Namespace ns) =>
        await AnswerAsync(context, TryId(context, out var id) ? await doors.Load.Tests.StopAsync(id, context.RequestAborted) : null, StatusCodes.Status202Accepted);

    private async Task ResetAsync(HttpContext context, Namespace ns) =>
        await AnswerAsync(context, TryId(context, out var id) ? await doors.Load.Tests.ResetAsync(id, context.RequestAborted) : null, StatusCodes.Status200OK);

    private async Task EditAsync(HttpContext context, Namespace ns)
    {
        var (body, refusal) = await BodyReading.ReadAsync(context, MaxBody);
        LoadEdit? edit = null;
        if (refusal is null)
        {
            refusal = LoadPlanBody.ReadEdit(BodyReading.Contiguous(body).ToArray(), out edit);
            BodyReading.Release(context, body);
        }

        if (refusal is not null || edit is null) await Problems.WriteAsync(context, refusal!);
        else await AnswerAsync(context, TryId(context, out var id) ? await doors.Load.Tests.EditAsync(id, edit, context.RequestAborted) : null, StatusCodes.Status200OK);
    }

    private static Task AnswerAsync(HttpContext context, LoadOutcome? outcome, int status)
    {
        switch (outcome)
        {
            case LoadOutcome.Done done:
                WriteRun(context, done.Run, status);
                return Task.CompletedTask;
            case LoadOutcome.Refused refused: return Problems.WriteAsync(context, refused.Refusal);
            default: return Problems.WriteAsync(context, NoSuchRun(context));
        }
    }

    private static void WriteRun(HttpContext context, LoadProgress run, int status)
    {
        var json = LoadDocuments.Of(run);
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentType = Answer.JsonType;
        context.Response.ContentLength = json.Length;
        context.Response.BodyWriter.Write(json);
    }
}
