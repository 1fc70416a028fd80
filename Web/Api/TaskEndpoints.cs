using System.Text.Json;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary>What can be submitted and computed.</summary>
internal sealed class TaskEndpoints(FrontDoors doors)
{
    public void Map(ApiMap api)
    {
        api.Get("/tasks", Scope.Read, ListAsync, new ApiDoc("listTasks", "Tasks", "Every task of this node.") { Answers = [(200, "Tasks")] });
        api.Get("/tasks/{name}", Scope.Read, GetAsync, new ApiDoc("getTask", "Tasks", "One task, with the schema of its arguments.") { Answers = [(200, "Task")] });
    }

    private Task ListAsync(HttpContext context, Namespace ns)
    {
        var buffer = JsonBuffer.Rent();
        buffer.Json.WriteStartObject();
        buffer.Json.WriteStartArray(N.Items);
        foreach (var task in doors.Tasks.All.Where(static task => !task.Internal)) Write(buffer.Json, task);
        buffer.Json.WriteEndArray();
        buffer.Json.WriteNull(N.Next);
        buffer.Json.WriteEndObject();
        return Answer.Json(context, buffer);
    }

    private Task GetAsync(HttpContext context, Namespace ns)
    {
        var name = context.Request.RouteValues["name"] as string ?? "";
        if (!doors.Tasks.TryGet(name, out var task) || task.Internal) return Problems.WriteAsync(context, doors.Tasks.Unknown(JsonFault.Shown(name)));
        var buffer = JsonBuffer.Rent();
        Write(buffer.Json, task);
        return Answer.Json(context, buffer);
    }

    private static void Write(Utf8JsonWriter json, TaskDescriptor task)
    {
        json.WriteStartObject();
        json.WriteString(N.Name, task.Name);
        json.WriteString(N.Summary, task.Summary);
        json.WriteNumber(N.Version, task.Version);
        json.WritePropertyName(N.ArgsSchema);
        task.ArgsSchema.WriteTo(json);
        json.WriteString(N.Queue, task.Queue);
        WriteMemoize(json, task.Memoize);
        json.WriteSeconds(N.Timeout, task.Timeout);
        if (task.MaxAttempts is { } attempts) json.WriteNumber(N.MaxAttempts, attempts);
        else json.WriteNull(N.MaxAttempts);
        json.WriteEndObject();
    }

    private static void WriteMemoize(Utf8JsonWriter json, Memoization? memoize)
    {
        if (memoize is null)
        {
            json.WriteNull(N.Memoize);
            return;
        }
        json.WriteStartObject(N.Memoize);
        json.WriteSeconds(N.Duration, memoize.Duration);
        json.WriteSeconds(N.StaleWhileRevalidate, memoize.StaleWhileRevalidate);
        json.WriteSeconds(N.StaleIfError, memoize.StaleIfError);
        if (memoize.EagerShare is { } eager) json.WriteNumber(N.Eager, eager);
        else json.WriteNull(N.Eager);
        json.WriteStartArray(N.Tags);
        foreach (var tag in memoize.Tags ?? []) json.WriteStringValue(tag);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
