using System.Text.Json;
using ActorPerf.Jobs;

namespace ActorPerf.Web.Wire;

/// <summary>Writes queues and limit keys.</summary>
internal static class QueueJson
{
    public static void WriteQueue(this Utf8JsonWriter json, QueueView queue)
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
        json.WriteBoolean(N.Paused, queue.Limits.Paused);
        json.WriteNumber(N.Concurrency, queue.Limits.Concurrency);
        json.WriteRate(N.Rate, queue.Limits.Rate);
        json.WriteNumber(N.KeyConcurrency, queue.Limits.KeyConcurrency);
        json.WriteRate(N.KeyRate, queue.Limits.KeyRate);
        json.WriteString(N.Source, queue.IsOverridden ? "api"u8 : "config"u8);
        json.WriteEndObject();
    }

    public static void WriteLimit(this Utf8JsonWriter json, LimitView key)
    {
        json.WriteStartObject();
        json.WriteString(N.Key, key.Key);
        json.WriteNumber(N.Running, key.Running);
        json.WriteNumber(N.Queued, key.Queued);
        json.WriteNumber(N.Blocked, key.Blocked);
        json.WriteNumber(N.Concurrency, key.Limit.Concurrency);
        json.WriteRate(N.Rate, key.Limit.Rate);
        json.WriteEndObject();
    }

    private static void WriteRate(this Utf8JsonWriter json, JsonEncodedText name, Rate rate)
    {
        if (rate.IsNone)
        {
            json.WriteNull(name);
            return;
        }
        json.WriteStartObject(name);
        json.WriteNumber(N.Limit, rate.Limit);
        json.WriteSeconds(N.Per, rate.Per);
        json.WriteEndObject();
    }
}
