using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Web.Wire;

/// <summary>Writes a job as API.md shows it: its members, in its order; arguments, result and meta as the bytes they were given in.</summary>
internal static class JobJson
{
    /// <param name="deduplicated">Adds <c>"deduplicated": true</c>: the answer to a submission that was there already.</param>
    public static void WriteJob(this Utf8JsonWriter json, Job job, bool deduplicated = false)
    {
        var row = job.Row;
        json.WriteStartObject();
        json.WriteString(N.Id, row.Id.Value);
        json.WriteString(N.Task, row.Task);
        // A list leaves the payload out, and so does its JSON: absent is not the same as null.
        var whole = !job.Args.IsEmpty;
        if (whole) json.WriteRaw(N.Args, job.Args);
        json.WriteString(N.Queue, row.Queue);
        json.WriteNumber(N.Priority, row.Priority);
        json.WriteString(N.State, Words.Of(row.State));
        json.WriteText(N.Reason, job.Reason);
        if (whole) WriteOutlook(json, job);
        json.WriteNumber(N.Attempt, row.Attempt);
        json.WriteNumber(N.MaxAttempts, row.MaxAttempts);
        json.WriteNumber(N.Excused, row.Excused);
        json.WriteNumber(N.Crashes, row.Crashes);
        WriteProgress(json, job.Progress);
        if (whole) json.WriteRaw(N.Result, job.Result ?? default);
        json.WriteError(row.Error);
        json.WriteBoolean(N.Cached, row.Cached);
        json.WriteText(N.Node, row.Node);
        WriteTags(json, row.Tags);
        if (row.Meta.IsEmpty) json.WriteRaw(N.Meta, EmptyObject);
        else json.WriteRaw(N.Meta, row.Meta);
        json.WriteString(N.Namespace, row.Namespace.Name);
        if (row.RerunOf is { } rerunOf) json.WriteString(N.RerunOf, rerunOf.Value);
        else json.WriteNull(N.RerunOf);
        json.WriteText(N.Workflow, row.Workflow);
        json.WriteText(N.Schedule, row.Schedule);
        json.WriteTime(N.CreatedAt, row.CreatedAt);
        json.WriteTime(N.RunAt, row.RunAt);
        json.WriteTime(N.StartedAt, row.StartedAt);
        json.WriteTime(N.FinishedAt, row.FinishedAt);
        json.WriteSeconds(N.Waited, row.StartedAt is { } started ? NotNegative(started - row.CreatedAt) : null);
        json.WriteSeconds(N.Ran, row.StartedAt is { } from && row.FinishedAt is { } to ? NotNegative(to - from) : null);
        json.WriteNumber(N.Version, row.Version);
        WriteSubmitted(json, row);
        if (job.DependsOn.Count > 0) json.WriteDependsOn(job.DependsOn, static id => id.ToString());
        if (row.Parent is { } parent) json.WriteString(N.Parent, parent.Value);
        if (deduplicated) json.WriteBoolean(N.Deduplicated, true);
        json.WriteEndObject();
    }

    /// <summary>It changes whenever a byte of the job may, but for the estimates of its place and start. The version comes first; what changes without one (progress, the reason) follows as a hash.</summary>
    public static string ETag(Job job)
    {
        if (job.Progress is null && job.Reason is null)
            return job.Row.Version == 1 ? FirstTag : string.Create(null, stackalloc char[24], $"\"{job.Row.Version}\"");
        var hash = 2166136261u;
        foreach (var c in job.Reason ?? "") hash = (hash ^ c) * 16777619;
        var progress = job.Progress is null ? 0 : job.Progress.At.UtcTicks ^ BitConverter.DoubleToInt64Bits(job.Progress.Percent);
        return $"\"{job.Row.Version}-{hash ^ (uint)progress ^ (uint)(progress >> 32):x8}\"";
    }

    public static void WriteRaw(this Utf8JsonWriter json, JsonEncodedText name, ReadOnlyMemory<byte> value)
    {
        if (value.IsEmpty)
        {
            json.WriteNull(name);
            return;
        }
        json.WritePropertyName(name);
        json.WriteRawValue(value.Span, skipInputValidation: true);
    }

    public static void WriteText(this Utf8JsonWriter json, JsonEncodedText name, string? text)
    {
        if (text is null) json.WriteNull(name);
        else json.WriteString(name, text);
    }

    public static void WriteError(this Utf8JsonWriter json, TaskError? error)
    {
        if (error is null)
        {
            json.WriteNull(N.Error);
            return;
        }
        json.WriteStartObject(N.Error);
        json.WriteString(N.Type, error.Type);
        json.WriteString(N.Message, error.Message);
        json.WriteEndObject();
    }

    public static void WriteProgressMembers(this Utf8JsonWriter json, ProgressReport progress)
    {
        json.WriteNumber(N.Percent, Math.Round(progress.Percent, 2));
        json.WriteText(N.Message, progress.Message);
        json.WriteRaw(N.Data, progress.Data);
        json.WriteTime(N.At, progress.At);
    }

    private const string FirstTag = "\"1\"";                  // what every new job carries
    private static readonly byte[] EmptyObject = "{}"u8.ToArray();

    private static void WriteProgress(Utf8JsonWriter json, ProgressReport? progress)
    {
        if (progress is null)
        {
            json.WriteNull(N.Progress);
            return;
        }
        json.WriteStartObject(N.Progress);
        json.WriteProgressMembers(progress);
        json.WriteEndObject();
    }

    /// <summary>Estimates that change without the job: they are no part of its ETag.</summary>
    private static void WriteOutlook(Utf8JsonWriter json, Job job)
    {
        if (job.Position is { } position) json.WriteNumber(N.Position, position);
        else json.WriteNull(N.Position);
        json.WriteTime(N.EstimatedStart, job.EstimatedStart);
    }

    private static void WriteTags(Utf8JsonWriter json, IReadOnlyList<string> tags)
    {
        json.WriteStartArray(N.Tags);
        for (var i = 0; i < tags.Count; i++) json.WriteStringValue(tags[i]);
        json.WriteEndArray();
    }

    /// <summary>Echoes what was submitted beyond the members that every job has; absent where nothing was.</summary>
    private static void WriteSubmitted(Utf8JsonWriter json, JobRow row)
    {
        if (row.ExpiresAt is not null) json.WriteTime(N.ExpiresAt, row.ExpiresAt);
        if (row.Timeout is not null) json.WriteSeconds(N.Timeout, row.Timeout);
        if (row.Backoff != BackoffPolicy.Default)
        {
            json.WriteStartObject(N.Backoff);
            json.WriteSeconds(N.Initial, row.Backoff.Initial);
            json.WriteNumber(N.Factor, row.Backoff.Factor);
            json.WriteSeconds(N.Max, row.Backoff.Max);
            json.WriteEndObject();
        }
        if (row.UniqueKey is not null)
        {
            json.WriteString(N.UniqueKey, row.UniqueKey);
            json.WriteString(N.UniquePolicy, Words.UniquePolicies[(int)row.UniquePolicy]);
            json.WriteString(N.UniqueUntil, Words.UniqueUntils[(int)row.UniqueUntil]);
        }
        if (row.LimitKey is not null) json.WriteString(N.LimitKey, row.LimitKey);
        if (row.Callback is not null) json.WriteString(N.Callback, row.Callback);
    }

    /// <summary>Clocks of two machines may disagree by a little.</summary>
    private static TimeSpan NotNegative(TimeSpan span) => span < TimeSpan.Zero ? TimeSpan.Zero : span;
}
