using System.Text.Json;

namespace ActorPerf.Load;

/// <summary>Finds finished jobs in an answer and how long each took from its acceptance to its end, by the server's own clock (to the millisecond).</summary>
internal static class FinishedJobs
{
    private static readonly string[] Final = ["succeeded", "failed", "cancelled", "expired"];

    /// <summary>Counts the jobs of an answer: a job, the <c>done</c> of a wait for many, the <c>items</c> of a list, or the last event of a stream.</summary>
    public static void Count(LoadSession session, in LoadResponse response)
    {
        if (response.Body.Length == 0) return;
        try
        {
            using var json = JsonDocument.Parse(response.ContentType == "text/event-stream" ? LastEvent(response.Body) : response.Body);
            CountIn(session, json.RootElement);
        }
        catch (JsonException)
        {
            // No JSON, or cut off at its bound: there is no job to be seen in it.
            session.Check(false);
        }
    }

    private static void CountIn(LoadSession session, JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in json.EnumerateArray()) CountIn(session, item);
            return;
        }
        if (json.ValueKind != JsonValueKind.Object) return;
        if (json.TryGetProperty("done", out var done)) CountIn(session, done);
        else if (json.TryGetProperty("items", out var items)) CountIn(session, items);
        else if (Text(json, "state") is { } state && Final.Contains(state)
            && json.TryGetProperty("createdAt", out var created) && created.TryGetDateTimeOffset(out var from)
            && json.TryGetProperty("finishedAt", out var finished) && finished.ValueKind == JsonValueKind.String && finished.TryGetDateTimeOffset(out var to))
            session.JobEnded(Text(json, "task") ?? "", to - from, state == "succeeded");
    }

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    private static ReadOnlyMemory<byte> LastEvent(ReadOnlyMemory<byte> stream)
    {
        var at = stream.Span.LastIndexOf("\ndata:"u8);
        if (at < 0) return default;
        var data = stream[(at + 6)..];
        var end = data.Span.IndexOf((byte)'\n');
        return end < 0 ? data : data[..end];
    }
}
