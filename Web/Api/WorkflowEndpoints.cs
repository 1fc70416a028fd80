using System.Buffers;
using System.Globalization;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary>Graphs of jobs.</summary>
internal sealed class WorkflowEndpoints(FrontDoors doors, SubmissionReader jobs, HttpOptions options)
{
    private readonly WorkflowReader _reader = new(jobs, options);

    public void Map(ApiMap api)
    {
        api.Post("/workflows", Scope.Submit, SubmitAsync, new ApiDoc("submitWorkflow", "Workflows", "Submits a graph of jobs, all or none; answers when it is durable.")
        {
            Body = "WorkflowSubmission",
            Answers = [(202, "Workflow")],
            Parameters = [ApiParameters.IdempotencyKey],
        });
        api.Get("/workflows", Scope.Read, ListAsync, new ApiDoc("listWorkflows", "Workflows", "Workflows, newest first, without their jobs.")
        {
            Answers = [(200, "WorkflowPage")],
            Parameters = [ApiParameters.Limit, ApiParameters.Cursor],
        });
        api.Get("/workflows/{id}", Scope.Read, GetAsync, new ApiDoc("getWorkflow", "Workflows", "The workflow as it is now, with its jobs by name.") { Answers = [(200, "Workflow")] });
        api.Post("/workflows/{id}/cancel", Scope.Operate, CancelAsync, new ApiDoc("cancelWorkflow", "Workflows", "Asks every job of it that has not ended to stop.") { Answers = [(202, "Workflow")] });
        api.Post("/workflows/{id}/rerun", Scope.Operate, RerunAsync, new ApiDoc("rerunWorkflow", "Workflows", "Makes a new workflow that keeps what succeeded.")
        {
            Answers = [(202, "Workflow")],
            Parameters = [new ApiParameter("from", "query", "failed: whatever did not succeed is run again."), ApiParameters.IdempotencyKey],
        });
    }

    private async Task SubmitAsync(HttpContext context, Namespace ns)
    {
        if (IdempotencyKey.Read(context.Request, out var key) is { } badKey)
        {
            await Problems.WriteAsync(context, badKey);
            return;
        }
        var (body, refusal) = await BodyReading.ReadAsync(context, options.Limits.ArrayBody, "array-body");
        WorkflowSubmission? submission = null;
        if (refusal is null)
        {
            var bytes = body.ToArray();
            BodyReading.Release(context, body);
            refusal = _reader.Read(bytes, ns, RequestIdentity.TraceOf(context), out submission);
        }
        if (refusal is not null) await Problems.WriteAsync(context, refusal);
        else await AnswerAsync(context, await doors.Workflows.SubmitAsync(submission! with { IdempotencyKey = key }, context.RequestAborted));
    }

    private async Task ListAsync(HttpContext context, Namespace ns)
    {
        var parameters = Query.Of(context.Request, "limit", "cursor");
        var limit = parameters.Limit();
        // The place of a list of its own: no job has a task of this name.
        var list = new JobQuery { Namespace = ns, Task = "/workflows" };
        long? before = null;
        if (parameters.Text("cursor") is { } cursor)
        {
            if (Cursor.TryRead(cursor, list, out var place)) before = place;
            else parameters.Fault("cursor", "it is not of this list. Begin without a cursor, and follow the member next.");
        }
        if (parameters.Refusal is { } refusal)
        {
            await Problems.WriteAsync(context, refusal);
            return;
        }
        var page = await doors.Workflows.ListAsync(ns, before, limit, context.RequestAborted);
        var next = page.Next is { } last ? Cursor.Write(last, list) : null;
        if (next is not null) context.Response.Headers.Link = PageLink.Next(context.Request, next);
        var buffer = JsonBuffer.Rent();
        buffer.Json.WriteStartObject();
        buffer.Json.WriteStartArray(N.Items);
        foreach (var row in page.Rows) buffer.Json.WriteWorkflowRow(row);
        buffer.Json.WriteEndArray();
        buffer.Json.WriteText(N.Next, next);
        buffer.Json.WriteEndObject();
        await Answer.Json(context, buffer);
    }

    private async Task GetAsync(HttpContext context, Namespace ns)
    {
        if (!TryId(context, out var id, out var text) || await doors.Workflows.GetAsync(ns, id, context.RequestAborted) is not { } workflow)
            await Problems.WriteAsync(context, WorkflowRefusals.Unknown(text));
        else await WriteAsync(context, workflow, StatusCodes.Status200OK);
    }

    private async Task CancelAsync(HttpContext context, Namespace ns)
    {
        if (!TryId(context, out var id, out var text)) await Problems.WriteAsync(context, WorkflowRefusals.Unknown(text));
        else await AnswerAsync(context, await doors.Workflows.CancelAsync(ns, id, context.RequestAborted) ?? new WorkflowOutcome.Refused(WorkflowRefusals.Unknown(text)));
    }

    private async Task RerunAsync(HttpContext context, Namespace ns)
    {
        var parameters = Query.Of(context.Request, "from");
        parameters.Word("from", "failed");
        string? key = null;
        if ((parameters.Refusal ?? IdempotencyKey.Read(context.Request, out key)) is { } refusal) await Problems.WriteAsync(context, refusal);
        else if (!TryId(context, out var id, out var text)) await Problems.WriteAsync(context, WorkflowRefusals.Unknown(text));
        else await AnswerAsync(context, await doors.Workflows.RerunAsync(ns, id, key, context.RequestAborted) ?? new WorkflowOutcome.Refused(WorkflowRefusals.Unknown(text)));
    }

    private static bool TryId(HttpContext context, out WorkflowId id, out string text)
    {
        text = JsonFault.Shown(context.Request.RouteValues["id"] as string ?? "");
        return WorkflowId.TryParse(text, out id);
    }

    private static Task AnswerAsync(HttpContext context, WorkflowOutcome outcome)
    {
        switch (outcome)
        {
            case WorkflowOutcome.Refused refused:
                return Problems.WriteAsync(context, refused.Refusal);
            case WorkflowOutcome.Replayed replayed:
                context.Response.Headers["Idempotent-Replayed"] = "true";
                return WriteAsync(context, replayed.Workflow, StatusCodes.Status202Accepted);
            default:
                return WriteAsync(context, ((WorkflowOutcome.Done)outcome).Workflow, StatusCodes.Status202Accepted);
        }
    }

    private static Task WriteAsync(HttpContext context, WorkflowView workflow, int status)
    {
        if (status == StatusCodes.Status202Accepted)
        {
            context.Response.Headers.Location =
                string.Create(CultureInfo.InvariantCulture, $"{context.Request.PathBase.Value}{OwnRoute.Of(context)?.Prefix}/api/v1/workflows/{workflow.Row.Id.Value:D}");
        }
        var buffer = JsonBuffer.Rent();
        buffer.Json.WriteWorkflow(workflow);
        return Answer.Json(context, buffer, status);
    }
}
