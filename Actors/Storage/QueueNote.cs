using System.Text;
using System.Text.Json;
using ActorPerf.Cluster;
using ActorPerf.Jobs;

namespace ActorPerf.Storage;

/// <summary>The row of the history that tells what is stored for a queue. Belongs to no namespace, for a queue is the cluster's. docs/formats/history.md.</summary>
internal static class QueueNote
{
    public static FeedNote Of(string queue, QueueOverrides now) => new(FeedKind.Queue, "", Detail(queue, now));

    private static string Detail(string queue, QueueOverrides now)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("queue", queue);
            if (now.Paused is { } paused) json.WriteBoolean("paused", paused);
            if (now.Concurrency is { } concurrency) json.WriteNumber("concurrency", concurrency);
            WriteRate(json, "rate", now.Rate);
            if (now.KeyConcurrency is { } ofKey) json.WriteNumber("keyConcurrency", ofKey);
            WriteRate(json, "keyRate", now.KeyRate);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WriteRate(Utf8JsonWriter json, string name, Rate? rate)
    {
        if (rate is not { } given) return;
        json.WriteStartObject(name);
        json.WriteNumber("limit", given.Limit);
        json.WriteNumber("per", given.Per.TotalSeconds);
        json.WriteEndObject();
    }
}
