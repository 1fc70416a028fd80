using System.Buffers;
using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Operations;
using ActorPerf.Jobs.Search;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary>One action on all jobs that match a search.</summary>
internal sealed class OperationEndpoints(FrontDoors doors)
{
    private const string Group = "Operations";
    private const long MaxBody = 16 * 1024;

    public void Map(ApiMap api)
    {
        api.Post("/operations", Scope.Operate, StartAsync, new ApiDoc("startOperation", Group, "Cancels, reruns, deletes or starts now every job that matches; with dryRun only counts them.")
        {
            Body = "OperationRequest",
            Answers = [(200, "OperationCount"), (202, "Operation")],
        });
        api.Get("/operations", Scope.Read, ListAsync, new ApiDoc("listOperations", Group, "Operations, newest first.")
        {
            Answers = [(200, "Operations")],
            Parameters = [ApiParameters.Limit, ApiParameters.Cursor],
        });
        api.Get("/operations/{id}", Scope.Read, GetAsync, new ApiDoc("getOperation", Group, "How far an operation is.") { Answers = [(200, "Operation")] });
        api.Post("/operations/{id}/cancel", Scope.Operate, CancelAsync, new ApiDoc("cancelOperation", Group, "Asks an operation to stop; what it did stays done.")
        {
            Answers = [(202, "Operation")],
        });
    }

    private async Task StartAsync(HttpContext context, Namespace ns)
    {
        if (IdempotencyKey.RefuseAny(context.Request, "Where an answer was lost, GET /api/v1/operations tells whether it goes on.") is { } doubled)
        {
            await Problems.WriteAsync(context, doubled);
            return;
        }
        var (body, refusal) = await BodyReading.ReadAsync(context, MaxBody);
        var (action, q, dryRun) = (default(OperationAction), "", false);
        if (refusal is null)
        {
            refusal = Read(body.ToArray(), out action, out q, out dryRun);
            BodyReading.Release(context, body);
        }
        if (refusal is not null)
        {
            await Problems.WriteAsync(context, refusal);
            return;
        }
        var ct = context.RequestAborted;
        switch (dryRun ? await doors.Operations.CountAsync(ns, q, ct) : await doors.Operations.StartAsync(ns, action, q, ct))
        {
            case OperationReply.Counted counted:
                AuditNote.Leave(context);
                await CountedAsync(context, action, counted);
                break;
            case OperationReply.Started started:
                AuditNote.Put(context, started.Operation.Job.Row.Id.ToString(), after: $"{action.Word} {started.Operation.Q}");
                JobAnswers.PutLocation(context, started.Operation.Job, "operations");
                context.Response.Headers.RetryAfter = "1";
                await OneAsync(context, started.Operation, StatusCodes.Status202Accepted);
                break;
            case OperationReply.Refused refused:
                await Problems.WriteAsync(context, refused.Refusal);
                break;
        }
    }

    private async Task ListAsync(HttpContext context, Namespace ns)
    {
        var parameters = Query.Of(context.Request, "limit", "cursor");
        var (limit, cursor) = (parameters.Limit(), parameters.Text("cursor"));
        var list = new JobQuery { Namespace = ns, Task = OperationTask.Name };
        long? before = null;
        if (cursor is not null)
        {
            if (Cursor.TryRead(cursor, list, out var place)) before = place;
            else parameters.Fault("cursor", "it is not of this list. Begin without a cursor, and follow the member next.");
        }
        if (parameters.Refusal is { } refusal)
        {
            await Problems.WriteAsync(context, refusal);
            return;
        }
        var page = await doors.Operations.ListAsync(ns, before, limit, context.RequestAborted);
        var next = page.Next is { } last ? Cursor.Write(last, list) : null;
        if (next is not null) context.Response.Headers.Link = PageLink.Next(context.Request, next);
        var buffer = JsonBuffer.Rent();
        buffer.Json.WriteStartObject();
        buffer.Json.WriteStartArray(N.Items);
        foreach (var operation in page.Items) Write(buffer.Json, operation);
        buffer.Json.WriteEndArray();
        buffer.Json.WriteText(N.Next, next);
        buffer.Json.WriteEndObject();
        await Answer.Json(context, buffer);
    }

    private async Task GetAsync(HttpContext context, Namespace ns)
    {
        if (JobAnswers.TryId(context, out var id, out var text) && await doors.Operations.GetAsync(ns, id, context.RequestAborted) is { } operation)
            await OneAsync(context, operation, StatusCodes.Status200OK);
        else await Problems.WriteAsync(context, Unknown(text));
    }

    private async Task CancelAsync(HttpContext context, Namespace ns)
    {
        var isId = JobAnswers.TryId(context, out var id, out var text);
        switch (isId ? await doors.Operations.CancelAsync(ns, id, context.RequestAborted) : null)
        {
            case OperationReply.Stopping stopping:
                await OneAsync(context, stopping.Operation, StatusCodes.Status202Accepted);
                break;
            case OperationReply.Refused refused:
                await Problems.WriteAsync(context, refused.Refusal);
                break;
            default:
                await Problems.WriteAsync(context, Unknown(text));
                break;
        }
    }

    private static Refusal Unknown(string id) => new("not-found",
        $"There is no operation '{JsonFault.Shown(id)}' in this namespace. GET /api/v1/operations lists them; they are removed some time after they end, as jobs are.");

    private static Refusal? Read(byte[] body, out OperationAction action, out string q, out bool dryRun)
    {
        (action, q, dryRun) = (default, "", false);
        var fault = SmallBody.TryRead(body, depth: 2, ["action", "q", "dryRun"], out var document);
        using (document)
        {
            if (fault is not null || document is null) return fault;
            if (document.Text("action", out var word) is { } noText) return noText;
            if (!OperationActions.TryParse(word, out action)) return JsonFault.Member("/action", $"Write one of {string.Join(", ", OperationActions.Words)}.");
            if (document.Text("q", out var text) is { } noSearch) return noSearch;
            q = text ?? "";
            if (!document.Has("dryRun", out var flag)) return null;
            if (flag.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) return JsonFault.Member("/dryRun", "Write true or false.");
            dryRun = flag.GetBoolean();
            return null;
        }
    }

    private static async Task CountedAsync(HttpContext context, OperationAction action, OperationReply.Counted counted)
    {
        var buffer = JsonBuffer.Rent();
        buffer.Json.WriteStartObject();
        buffer.Json.WriteString("action", action.Word);
        buffer.Json.WriteString("q", counted.Q);
        WriteMatched(buffer.Json, counted.Matched);
        buffer.Json.WriteEndObject();
        await Answer.Json(context, buffer);
    }

    private static Task OneAsync(HttpContext context, Operation operation, int status)
    {
        var buffer = JsonBuffer.Rent();
        Write(buffer.Json, operation);
        return Answer.Json(context, buffer, status);
    }

    private static void Write(Utf8JsonWriter json, Operation operation)
    {
        var row = operation.Job.Row;
        json.WriteStartObject();
        json.WriteString(N.Id, row.Id.Value);
        json.WriteString("action", operation.Action.Word);
        json.WriteString("q", operation.Q);
        json.WriteString(N.State, Words.Of(row.State));
        if (operation.Counts is { } counts)
        {
            WriteMatched(json, counts.Matched);
            json.WriteNumber(N.Done, counts.Done);
            json.WriteNumber("skipped", counts.Skipped);
            json.WriteNumber(N.Failed, counts.Failed);
        }
        else
        {
            json.WriteNull("matched");
            json.WriteNull(N.Done);
            json.WriteNull("skipped");
            json.WriteNull(N.Failed);
        }
        json.WriteNumber(N.Percent, Percent(operation));
        json.WriteError(row.Error);
        json.WriteTime(N.CreatedAt, row.CreatedAt);
        json.WriteTime(N.StartedAt, row.StartedAt);
        json.WriteTime(N.FinishedAt, row.FinishedAt);
        json.WriteEndObject();
    }

    /// <summary>0 before it starts, and where nobody knows how far it came; 100 when it has looked at every job.</summary>
    private static double Percent(Operation operation) =>
        operation.Job.Row.State == JobState.Succeeded ? 100
        : operation.Job.Progress is { } progress ? Math.Round(progress.Percent, 2)
        : 0;

    /// <summary>Beyond the bound of counting: at least so many.</summary>
    private static void WriteMatched(Utf8JsonWriter json, long matched)
    {
        // One more than the bound is what a count says that broke off; an operation that has ended knows the number.
        json.WriteNumber("matched", matched == IJobSearch.MaxCounted + 1 ? IJobSearch.MaxCounted : matched);
        if (matched == IJobSearch.MaxCounted + 1) json.WriteBoolean("atLeast", true);
    }
}
