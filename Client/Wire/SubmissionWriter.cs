using System.Globalization;
using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Client.Wire;

/// <summary>Writes submissions and edits as the API takes them.</summary>
internal static class SubmissionWriter
{
    /// <summary>The words of <see cref="UniquePolicy"/>, each at its number.</summary>
    public static readonly string[] Policies = ["return", "reject", "replace"];

    /// <summary>The words of <see cref="UniqueUntil"/>, each at its number.</summary>
    public static readonly string[] Untils = ["finished", "started"];

    public static void Write(Utf8JsonWriter json, Submission submission, JobId? id)
    {
        json.WriteStartObject();
        if (id is { } own) json.WriteString("id", own.Value);
        json.WriteString("task", submission.Task);
        Raw(json, "args", submission.Args);
        if (submission.Queue is { } queue) json.WriteString("queue", queue);
        if (submission.Priority != 5) json.WriteNumber("priority", submission.Priority);
        if (submission.RunAt is { } at) Time(json, at);
        Span(json, "delay", submission.Delay);
        Span(json, "expiresIn", submission.ExpiresIn);
        Span(json, "timeout", submission.Timeout);
        if (submission.MaxAttempts is { } most) json.WriteNumber("maxAttempts", most);
        if (submission.Backoff is { } backoff) Backoff(json, backoff);
        WriteKeys(json, submission);
        if (submission.DependsOn.Count > 0) Parents(json, submission.DependsOn);
        if (submission.Callback is { } callback) json.WriteString("callback", callback);
        if (submission.Tags.Count > 0) Tags(json, submission.Tags);
        if (!submission.Meta.IsEmpty) Raw(json, "meta", submission.Meta);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, JobCommand.Edit edit)
    {
        json.WriteStartObject();
        if (edit.Priority is { } priority) json.WriteNumber("priority", priority);
        if (edit.Queue is { } queue) json.WriteString("queue", queue);
        if (edit.RunAt is { } at) Time(json, at);
        if (edit.Tags is { } tags) Tags(json, tags);
        json.WriteEndObject();
    }

    public static void Raw(Utf8JsonWriter json, string name, ReadOnlyMemory<byte> value)
    {
        json.WritePropertyName(name);
        // Unchecked: what is no JSON is told by the node, with its place.
        json.WriteRawValue(value.Span, skipInputValidation: true);
    }

    private static void WriteKeys(Utf8JsonWriter json, Submission submission)
    {
        if (submission.UniqueKey is { } key) json.WriteString("uniqueKey", key);
        if (submission.UniquePolicy != UniquePolicy.Return) json.WriteString("uniquePolicy", Policies[(int)submission.UniquePolicy]);
        if (submission.UniqueUntil != UniqueUntil.Finished) json.WriteString("uniqueUntil", Untils[(int)submission.UniqueUntil]);
        if (submission.LimitKey is { } limit) json.WriteString("limitKey", limit);
    }

    private static void Backoff(Utf8JsonWriter json, BackoffPolicy backoff)
    {
        json.WriteStartObject("backoff");
        Span(json, "initial", backoff.Initial);
        json.WriteNumber("factor", backoff.Factor);
        Span(json, "max", backoff.Max);
        json.WriteEndObject();
    }

    private static void Parents(Utf8JsonWriter json, IReadOnlyList<JobDependency> parents)
    {
        json.WriteStartArray("dependsOn");
        foreach (var parent in parents)
        {
            json.WriteStartObject();
            json.WriteString("job", parent.Job.Value);
            json.WriteString("on", parent.On == DependsOn.Finished ? "finished" : "succeeded");
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Tags(Utf8JsonWriter json, IReadOnlyList<string> tags)
    {
        json.WriteStartArray("tags");
        foreach (var tag in tags) json.WriteStringValue(tag);
        json.WriteEndArray();
    }

    private static void Time(Utf8JsonWriter json, DateTimeOffset at) =>
        json.WriteString("runAt", at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture));

    private static void Span(Utf8JsonWriter json, string name, TimeSpan? span)
    {
        if (span is { } value) json.WriteString(name, Durations.Format(value));
    }
}
