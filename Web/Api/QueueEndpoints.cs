using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary>The durable lines of jobs.</summary>
internal sealed class QueueEndpoints(FrontDoors doors)
{
    public void Map(ApiMap api) =>
        api.Get("/queues", Scope.Read, ListAsync, new ApiDoc("listQueues", "Queues", "Every queue: counts by state, the oldest waiting job's age, the pool.") { Answers = [(200, "Queues")] });

    private async Task ListAsync(HttpContext context, Namespace ns)
    {
        var queues = await doors.Jobs.QueuesAsync(ns, context.RequestAborted);
        var buffer = JsonBuffer.Rent();
        buffer.Json.WriteStartObject();
        buffer.Json.WriteStartArray(N.Items);
        foreach (var queue in queues) Write(buffer.Json, queue);
        buffer.Json.WriteEndArray();
        buffer.Json.WriteNull(N.Next);
        buffer.Json.WriteEndObject();
        await Answer.Json(context, buffer);
    }

    private static void Write(Utf8JsonWriter json, QueueView queue)
    {
        long running = 0;
        json.WriteStartObject();
        json.WriteString(N.Name, queue.Name);
        json.WriteStartObject(N.Counts);
        foreach (var state in JobStates.All)
        {
            if (!queue.Counts.TryGetValue(state, out var count)) continue;
            json.WriteNumber(Words.Of(state), count);
            if (state.IsActive) running += count;
        }
        json.WriteEndObject();
        json.WriteSeconds(N.OldestWaiting, queue.OldestWaiting);
        json.WriteNumber(N.Running, running);
        json.WriteNumber(N.Routees, queue.Routees);
        json.WriteNumber(N.Busy, queue.Busy);
        json.WriteBoolean(N.Paused, queue.Paused);
        json.WriteNumber(N.Concurrency, queue.Concurrency);
        json.WriteString(N.Source, "config"u8);
        json.WriteEndObject();
    }
}
