using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Webhooks;

/// <summary>The body of a delivery: <c>{type, timestamp, data}</c>, data being the job as the API shows it (docs/formats/webhook.md).</summary>
internal static class WebhookBody
{
    /// <summary>Longer results are left out, and <c>resultUrl</c> says where they are.</summary>
    public const int MaxResult = 64 * 1024;

    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    private static readonly byte[] EmptyObject = "{}"u8.ToArray();

    /// <param name="job">As it is now; null where it was deleted, or for a test.</param>
    /// <param name="address">Where the node's API is, without a slash at its end.</param>
    public static ReadOnlyMemory<byte> Write(Delivery delivery, Job? job, string address)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Writing))
        {
            json.WriteStartObject();
            json.WriteString("type", delivery.Type);
            Time(json, "timestamp", delivery.At);
            json.WriteStartObject("data");
            if (job is not null) WriteJob(json, job, address);
            else if (delivery.Event is null) WriteTest(json, delivery);
            else WriteDeleted(json, delivery);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private static void WriteTest(Utf8JsonWriter json, Delivery delivery)
    {
        json.WriteString("webhook", delivery.Webhook);
        json.WriteString("namespace", delivery.Namespace.Name);
    }

    private static void WriteDeleted(Utf8JsonWriter json, Delivery delivery)
    {
        json.WriteString("id", delivery.Job?.ToString());
        json.WriteString("task", delivery.Task);
        json.WriteString("queue", delivery.Queue);
        json.WriteString("state", delivery.Event?.Word);
        json.WriteString("namespace", delivery.Namespace.Name);
        json.WriteBoolean("deleted", true);
    }

    private static void WriteJob(Utf8JsonWriter json, Job job, string address)
    {
        var row = job.Row;
        json.WriteString("id", row.Id.Value);
        json.WriteString("task", row.Task);
        Raw(json, "args", job.Args);
        json.WriteString("queue", row.Queue);
        json.WriteNumber("priority", row.Priority);
        json.WriteString("state", row.State.Word);
        json.WriteString("reason", job.Reason);
        if (job.Position is { } position) json.WriteNumber("position", position);
        else json.WriteNull("position");
        Time(json, "estimatedStart", job.EstimatedStart);
        json.WriteNumber("attempt", row.Attempt);
        json.WriteNumber("maxAttempts", row.MaxAttempts);
        json.WriteNumber("excused", row.Excused);
        json.WriteNumber("crashes", row.Crashes);
        json.WriteNull("progress");
        WriteResult(json, job, address);
        WriteError(json, row.Error);
        json.WriteBoolean("cached", row.Cached);
        json.WriteString("node", row.Node);
        json.WriteStartArray("tags");
        foreach (var tag in row.Tags) json.WriteStringValue(tag);
        json.WriteEndArray();
        Raw(json, "meta", row.Meta.IsEmpty ? EmptyObject : row.Meta);
        json.WriteString("namespace", row.Namespace.Name);
        json.WriteString("rerunOf", row.RerunOf?.ToString());
        json.WriteString("workflow", row.Workflow);
        json.WriteString("schedule", row.Schedule);
        Time(json, "createdAt", row.CreatedAt);
        Time(json, "runAt", row.RunAt);
        Time(json, "startedAt", row.StartedAt);
        Time(json, "finishedAt", row.FinishedAt);
        Seconds(json, "waited", row.StartedAt - row.CreatedAt);
        Seconds(json, "ran", row.FinishedAt - row.StartedAt);
        json.WriteNumber("version", row.Version);
        WriteSubmitted(json, row);
        WriteDependsOn(json, job.DependsOn);
        if (row.Parent is { } parent) json.WriteString("parent", parent.Value);
    }

    private static void WriteResult(Utf8JsonWriter json, Job job, string address)
    {
        if (job.Result is { Length: > MaxResult })
        {
            json.WriteNull("result");
            json.WriteString("resultUrl", $"{address}/api/v1/jobs/{job.Row.Id}/result");
        }
        else Raw(json, "result", job.Result ?? default);
    }

    private static void WriteError(Utf8JsonWriter json, TaskError? error)
    {
        if (error is null)
        {
            json.WriteNull("error");
            return;
        }
        json.WriteStartObject("error");
        json.WriteString("type", error.Type);
        json.WriteString("message", error.Message);
        json.WriteEndObject();
    }

    /// <summary>What was submitted beyond the members that every job has; absent where nothing was.</summary>
    private static void WriteSubmitted(Utf8JsonWriter json, JobRow row)
    {
        if (row.ExpiresAt is not null) Time(json, "expiresAt", row.ExpiresAt);
        if (row.Timeout is not null) Seconds(json, "timeout", row.Timeout);
        if (row.Backoff != BackoffPolicy.Default)
        {
            json.WriteStartObject("backoff");
            Seconds(json, "initial", row.Backoff.Initial);
            json.WriteNumber("factor", row.Backoff.Factor);
            Seconds(json, "max", row.Backoff.Max);
            json.WriteEndObject();
        }
        if (row.UniqueKey is not null)
        {
            json.WriteString("uniqueKey", row.UniqueKey);
            json.WriteString("uniquePolicy", row.UniquePolicy switch { UniquePolicy.Reject => "reject", UniquePolicy.Replace => "replace", _ => "return" });
            json.WriteString("uniqueUntil", row.UniqueUntil == UniqueUntil.Started ? "started" : "finished");
        }
        if (row.LimitKey is not null) json.WriteString("limitKey", row.LimitKey);
        if (row.Callback is not null) json.WriteString("callback", row.Callback);
    }

    private static void WriteDependsOn(Utf8JsonWriter json, IReadOnlyList<JobDependency> parents)
    {
        if (parents.Count == 0) return;
        json.WriteStartArray("dependsOn");
        foreach (var (job, on) in parents)
        {
            json.WriteStartObject();
            json.WriteString("job", job.ToString());
            json.WriteString("on", on == DependsOn.Finished ? "finished" : "succeeded");
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Raw(Utf8JsonWriter json, string name, ReadOnlyMemory<byte> value)
    {
        json.WritePropertyName(name);
        if (value.IsEmpty) json.WriteNullValue();
        else json.WriteRawValue(value.Span, skipInputValidation: true);
    }

    private static void Time(Utf8JsonWriter json, string name, DateTimeOffset? time) =>
        json.WriteString(name, time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));

    private static void Seconds(Utf8JsonWriter json, string name, TimeSpan? span)
    {
        json.WritePropertyName(name);
        if (span is not { } length) json.WriteNullValue();
        else json.WriteRawValue(Math.Max(0m, Math.Round(length.Ticks / (decimal)TimeSpan.TicksPerSecond, 6, MidpointRounding.AwayFromZero)).ToString("0.######", CultureInfo.InvariantCulture));
    }
}
