using System.Text.Json;
using ActorPerf.Jobs.Schedules;

namespace ActorPerf.Web.Wire;

/// <summary>Schedules as JSON.</summary>
internal static class ScheduleJson
{
    private static readonly ReadOnlyMemory<byte> EmptyObject = "{}"u8.ToArray();

    /// <param name="history">Newest first; null leaves the member out.</param>
    public static void WriteSchedule(this Utf8JsonWriter json, Schedule schedule, IReadOnlyList<ScheduleTick>? history = null)
    {
        var definition = schedule.Definition;
        json.WriteStartObject();
        json.WriteString(N.Name, schedule.Name);
        json.WriteString(N.Namespace, schedule.Namespace.Name);
        json.WriteString(N.Cron, definition.Cron);
        json.WriteString(N.TimeZone, definition.TimeZone);
        json.WriteString(N.Words, schedule.Words);
        json.WriteString(N.Task, definition.Task);
        json.WriteRaw(N.Args, definition.Args);
        json.WriteText(N.Queue, definition.Queue);
        json.WriteNumber(N.Priority, definition.Priority);
        json.WriteSeconds(N.ExpiresIn, definition.ExpiresIn);
        json.WriteSeconds(N.Timeout, definition.Timeout);
        if (definition.MaxAttempts is { } attempts) json.WriteNumber(N.MaxAttempts, attempts);
        else json.WriteNull(N.MaxAttempts);
        json.WriteStartArray(N.Tags);
        foreach (var tag in definition.Tags) json.WriteStringValue(tag);
        json.WriteEndArray();
        json.WriteRaw(N.Meta, definition.Meta.IsEmpty ? EmptyObject : definition.Meta);
        json.WriteString(N.Overlap, definition.Overlap.Word);
        json.WriteString(N.Misfire, definition.Misfire.Word);
        json.WriteNumber(N.MisfireLimit, definition.MisfireLimit);
        json.WriteSeconds(N.Jitter, definition.Jitter);
        json.WriteBoolean(N.Paused, definition.Paused);
        json.WriteString(N.Source, schedule.IsStored ? "api"u8 : "config"u8);
        json.WriteTime(N.Next, schedule.Next);
        json.WritePropertyName(N.Last);
        if (schedule.Last is { } last) json.WriteTick(last);
        else json.WriteNullValue();
        json.WriteText(N.Error, schedule.Error);
        json.WriteTime(N.CreatedAt, schedule.CreatedAt);
        json.WriteTime(N.UpdatedAt, schedule.UpdatedAt);
        json.WriteNumber(N.Version, schedule.Version);
        if (history is not null)
        {
            json.WriteStartArray(N.History);
            foreach (var tick in history) json.WriteTick(tick);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void WriteTick(this Utf8JsonWriter json, ScheduleTick tick)
    {
        json.WriteStartObject();
        json.WriteTime(N.At, tick.At);
        json.WriteString(N.Outcome, tick.Outcome.Word);
        if (tick.Job is { } job) json.WriteString(N.Job, job.Value);
        else json.WriteNull(N.Job);
        json.WriteText(N.Reason, tick.Reason);
        json.WriteTime(N.HandledAt, tick.HandledAt);
        json.WriteEndObject();
    }
}
