using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary>The durable lines of jobs, and what holds them back.</summary>
internal sealed class QueueEndpoints(FrontDoors doors)
{
    private const int MaxBody = 16 * 1024;

    public void Map(ApiMap api)
    {
        api.Get("/queues", Scope.Read, ListAsync, new ApiDoc("listQueues", "Queues", "Every queue: counts by state, the oldest waiting job's age, the pool, limits.") { Answers = [(200, "Queues")] });
        api.Get("/queues/{name}", Scope.Read, GetAsync, new ApiDoc("getQueue", "Queues", "One queue.") { Answers = [(200, "Queue")] });
        api.Patch("/queues/{name}", Scope.Operate, SetAsync, new ApiDoc("setQueue", "Queues", "Pauses, resumes or limits a queue; stored, and goes before the configuration. Null takes a member back.")
        {
            OfAll = true,
            Answers = [(200, "Queue")], Body = "QueueSettings", Takes = ["application/merge-patch+json", "application/json"],
        });
        api.Delete("/queues/{name}/settings", Scope.Operate, ResetAsync, new ApiDoc("resetQueue", "Queues", "Forgets what is stored for a queue: the configuration holds again.") { OfAll = true, Answers = [(200, "Queue")] });
        api.Get("/limits", Scope.Read, LimitsAsync, new ApiDoc("listLimits", "Queues", "Limit keys with jobs that run or wait, in order of key.")
        {
            Answers = [(200, "Limits")], Parameters = [ApiParameters.Limit, ApiParameters.Cursor],
        });
    }

    private async Task ListAsync(HttpContext context, Namespace ns)
    {
        var queues = await doors.Queues.ListAsync(ns, context.RequestAborted);
        var buffer = JsonBuffer.Rent();
        buffer.Json.WriteStartObject();
        buffer.Json.WriteStartArray(N.Items);
        foreach (var queue in queues) buffer.Json.WriteQueue(queue);
        buffer.Json.WriteEndArray();
        buffer.Json.WriteNull(N.Next);
        buffer.Json.WriteEndObject();
        await Answer.Json(context, buffer);
    }

    private async Task GetAsync(HttpContext context, Namespace ns)
    {
        if (!TryName(context, out var name, out var unknown)) await Problems.WriteAsync(context, unknown);
        else await OneAsync(context, await doors.Queues.GetAsync(ns, name, context.RequestAborted));
    }

    private async Task SetAsync(HttpContext context, Namespace ns)
    {
        var (body, refusal) = await BodyReading.ReadAsync(context, MaxBody);
        QueueChange? change = null;
        if (refusal is null)
        {
            var bytes = BodyReading.Contiguous(body).ToArray();
            refusal = QueueBody.Read(bytes, out change);
            AuditNote.Put(context, after: System.Text.Encoding.UTF8.GetString(bytes));
            BodyReading.Release(context, body);
        }
        if (refusal is null && !TryName(context, out _, out var unknown)) refusal = unknown;
        if (refusal is not null || change is null) await Problems.WriteAsync(context, refusal!);
        else await ChangedAsync(context, await doors.Queues.SetAsync(ns, NameOf(context), change, context.RequestAborted));
    }

    private async Task ResetAsync(HttpContext context, Namespace ns) =>
        await ChangedAsync(context, await doors.Queues.ResetAsync(ns, NameOf(context), context.RequestAborted));

    private async Task LimitsAsync(HttpContext context, Namespace ns)
    {
        var query = Query.Of(context.Request, "limit", "cursor");
        var limit = query.Limit();
        string? after = null;
        if (query.Text("cursor", longest: 1_000) is { } cursor && !KeyCursor.TryRead(cursor, out after)) query.Fault("cursor", "it is not one that this list gave.");
        if (query.Refusal is { } refusal)
        {
            await Problems.WriteAsync(context, refusal);
            return;
        }
        var page = await doors.Queues.LimitsAsync(ns, after, limit, context.RequestAborted);
        var next = page.Next is { } last ? KeyCursor.Write(last) : null;
        if (next is not null) context.Response.Headers.Link = PageLink.Next(context.Request, next);
        var buffer = JsonBuffer.Rent();
        buffer.Json.WriteStartObject();
        buffer.Json.WriteStartArray(N.Items);
        foreach (var key in page.Items) buffer.Json.WriteLimit(key);
        buffer.Json.WriteEndArray();
        buffer.Json.WriteText(N.Next, next);
        buffer.Json.WriteEndObject();
        await Answer.Json(context, buffer);
    }

    private static Task ChangedAsync(HttpContext context, QueueOutcome outcome) => outcome switch
    {
        QueueOutcome.Done done => OneAsync(context, done.Queue),
        QueueOutcome.Refused refused => Problems.WriteAsync(context, refused.Refusal),
        _ => throw new InvalidOperationException($"{outcome} is no outcome of a change."),
    };

    private static Task OneAsync(HttpContext context, QueueView queue)
    {
        var buffer = JsonBuffer.Rent();
        buffer.Json.WriteQueue(queue);
        return Answer.Json(context, buffer);
    }

    private static bool TryName(HttpContext context, out string name, out Refusal unknown)
    {
        name = NameOf(context);
        var refusal = QueueNames.Check(name);
        unknown = refusal!;
        return refusal is null;
    }

    private static string NameOf(HttpContext context) => context.Request.RouteValues["name"] as string ?? "";
}
