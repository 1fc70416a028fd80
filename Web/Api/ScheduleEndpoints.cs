using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary>Jobs that come again by the clock.</summary>
internal sealed class ScheduleEndpoints(FrontDoors doors, HttpOptions options)
{
    private const string Group = "Schedules";
    private const string One = "/schedules/{name}";
    private const int MaxPreviewBody = 16 * 1024;
    private const int DefaultPreview = 5;

    private readonly ScheduleReader _reader = new(options);

    public void Map(ApiMap api)
    {
        api.Get("/schedules", Scope.Read, ListAsync, new ApiDoc("listSchedules", Group, "Every schedule, with its next tick and what became of the last one.")
        {
            Answers = [(200, "Schedules")],
            Parameters = [ApiParameters.Limit, ApiParameters.Cursor],
        });
        api.Get(One, Scope.Read, GetAsync, new ApiDoc("getSchedule", Group, "One schedule, with the history of its newest 50 ticks.") { Answers = [(200, "Schedule")] });
        api.Put(One, Scope.Operate, PutAsync, new ApiDoc("putSchedule", Group, "Adds a schedule or replaces it; wins over one of the configuration.")
        {
            Body = "ScheduleDefinition",
            Answers = [(200, "Schedule"), (201, "Schedule")],
        });
        api.Delete(One, Scope.Operate, DeleteAsync, new ApiDoc("deleteSchedule", Group, "Deletes a schedule that was put; one of the configuration stands again.") { Answers = [(204, null)] });
        api.Post(One + "/trigger", Scope.Operate, TriggerAsync, new ApiDoc("triggerSchedule", Group, "Submits the schedule's job now, out of turn.") { Answers = [(202, "Job")] });
        api.Post(One + "/pause", Scope.Operate, (context, ns) => PauseAsync(context, ns, paused: true), new ApiDoc("pauseSchedule", Group, "Lets the schedule's ticks pass without a job, until it is resumed.") { Answers = [(200, "Schedule")] });
        api.Post(One + "/resume", Scope.Operate, (context, ns) => PauseAsync(context, ns, paused: false), new ApiDoc("resumeSchedule", Group, "Lets a paused schedule fire again, from its next tick on.") { Answers = [(200, "Schedule")] });
        api.Post("/schedules/preview", Scope.Read, PreviewAsync, new ApiDoc("previewSchedule", Group, "When an expression will fire.") { Body = "SchedulePreview", Answers = [(200, "SchedulePreviewed")] });
    }

    private async Task ListAsync(HttpContext context, Namespace ns)
    {
        var parameters = Query.Of(context.Request, "limit", "cursor");
        var (limit, cursor) = (parameters.Limit(), parameters.Text("cursor"));
        var after = cursor is null ? null : Decoded(cursor);
        if (cursor is not null && after is null) parameters.Fault("cursor", "it is not of this list. Begin without a cursor, and follow the member next.");
        if (parameters.Refusal is { } refusal)
        {
            await Problems.WriteAsync(context, refusal);
            return;
        }
        var page = await doors.Schedules.ListAsync(ns, after, limit, context.RequestAborted);
        // A full page may be the last one; then the next is empty, and says so.
        var next = page.Count == limit ? Base64Url.EncodeToString(Encoding.UTF8.GetBytes(page[^1].Name)) : null;
        var buffer = JsonBuffer.Rent();
        buffer.Json.WriteStartObject();
        buffer.Json.WriteStartArray(N.Items);
        foreach (var schedule in page) buffer.Json.WriteSchedule(schedule);
        buffer.Json.WriteEndArray();
        buffer.Json.WriteText(N.Next, next);
        buffer.Json.WriteEndObject();
        if (next is not null) context.Response.Headers.Link = PageLink.Next(context.Request, next);
        await Answer.Json(context, buffer);
    }

    private async Task GetAsync(HttpContext context, Namespace ns)
    {
        var name = NameOf(context);
        if (await doors.Schedules.GetAsync(ns, name, context.RequestAborted) is not { } schedule
            || await doors.Schedules.HistoryAsync(ns, name, context.RequestAborted) is not { } history)
        {
            await Problems.WriteAsync(context, Unknown(name));
            return;
        }
        var buffer = JsonBuffer.Rent();
        buffer.Json.WriteSchedule(schedule, history);
        await Answer.Json(context, buffer);
    }

    private async Task PutAsync(HttpContext context, Namespace ns)
    {
        var (body, refusal) = await BodyReading.ReadAsync(context, _reader.MaxBody, "args");
        ScheduleDefinition? definition = null;
        if (refusal is null)
        {
            refusal = _reader.Read(body.ToArray(), out definition);
            BodyReading.Release(context, body);
        }
        if (refusal is not null || definition is null)
        {
            await Problems.WriteAsync(context, refusal!);
            return;
        }
        var before = await doors.Schedules.GetAsync(ns, NameOf(context), context.RequestAborted);
        AuditNote.Put(context, before: Told(before?.Definition), after: Told(definition));
        switch (await doors.Schedules.PutAsync(ns, NameOf(context), definition, context.RequestAborted))
        {
            case ScheduleReply.Done done:
                var buffer = JsonBuffer.Rent();
                buffer.Json.WriteSchedule(done.Schedule);
                await Answer.Json(context, buffer, done.IsNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
                break;
            case ScheduleReply.Refused refused:
                await Problems.WriteAsync(context, refused.Refusal);
                break;
        }
    }

    private async Task PauseAsync(HttpContext context, Namespace ns, bool paused)
    {
        var name = NameOf(context);
        switch (await doors.Schedules.PauseAsync(ns, name, paused, context.RequestAborted))
        {
            case ScheduleReply.Done done:
                AuditNote.Put(context, after: Told(done.Schedule.Definition));
                var buffer = JsonBuffer.Rent();
                buffer.Json.WriteSchedule(done.Schedule);
                await Answer.Json(context, buffer);
                break;
            case ScheduleReply.Refused refused:
                await Problems.WriteAsync(context, refused.Refusal);
                break;
            default:
                await Problems.WriteAsync(context, Unknown(name));
                break;
        }
    }

    private async Task DeleteAsync(HttpContext context, Namespace ns)
    {
        var name = NameOf(context);
        switch (await doors.Schedules.DeleteAsync(ns, name, context.RequestAborted))
        {
            case null:
                await Problems.WriteAsync(context, Unknown(name));
                break;
            case ScheduleReply.Refused refused:
                await Problems.WriteAsync(context, refused.Refusal);
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                break;
        }
    }

    private async Task TriggerAsync(HttpContext context, Namespace ns)
    {
        var name = NameOf(context);
        if (IdempotencyKey.RefuseAny(context.Request, "Where an answer was lost, GET /api/v1/jobs?sort=-createdAt tells whether the job is there.") is { } doubled)
        {
            await Problems.WriteAsync(context, doubled);
            return;
        }
        switch (await doors.Schedules.TriggerAsync(ns, name, context.RequestAborted))
        {
            case SubmitOutcome.Accepted accepted:
                await JobAnswers.Accepted(context, accepted.Job);
                break;
            case SubmitOutcome.Refused refused:
                await Problems.WriteAsync(context, refused.Refusal);
                break;
            default:
                await Problems.WriteAsync(context, Unknown(name));
                break;
        }
    }

    private async Task PreviewAsync(HttpContext context, Namespace ns)
    {
        var (body, refusal) = await BodyReading.ReadAsync(context, MaxPreviewBody);
        PreviewReply? preview = null;
        if (refusal is null)
        {
            refusal = ReadPreview(body.ToArray(), out preview);
            BodyReading.Release(context, body);
        }
        if (refusal is not null || preview is not PreviewReply.Done done)
        {
            await Problems.WriteAsync(context, refusal ?? ((PreviewReply.Refused)preview!).Refusal);
            return;
        }
        var buffer = JsonBuffer.Rent();
        buffer.Json.WriteStartObject();
        buffer.Json.WriteString(N.Words, done.Words);
        buffer.Json.WriteStartArray(N.Items);
        foreach (var tick in done.Ticks)
        {
            buffer.Json.WriteStartObject();
            buffer.Json.WriteTime(N.At, tick);
            buffer.Json.WriteString(N.Local, tick.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture));
            buffer.Json.WriteEndObject();
        }
        buffer.Json.WriteEndArray();
        buffer.Json.WriteEndObject();
        await Answer.Json(context, buffer);
    }

    private Refusal? ReadPreview(byte[] body, out PreviewReply? preview)
    {
        preview = null;
        var fault = SmallBody.TryRead(body, depth: 2, ["cron", "timeZone", "count"], out var document);
        using (document)
        {
            if (fault is not null || document is null) return fault;
            if (document.Text("cron", out var cron) is { } badCron) return badCron;
            if (document.Text("timeZone", out var zone) is { } badZone) return badZone;
            if (cron is null) return JsonFault.Member("/cron", "It is needed.");
            var count = DefaultPreview;
            if (document.Has("count", out var value) && (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out count))) return JsonFault.Member("/count", "Write a whole number.");
            preview = doors.Schedules.Preview(cron, zone ?? "UTC", count);
            return null;
        }
    }

    private static string NameOf(HttpContext context) => context.Request.RouteValues["name"] as string ?? "";

    private static string? Decoded(string cursor)
    {
        Span<byte> bytes = stackalloc byte[256];
        return Base64Url.IsValid(cursor) && Base64Url.TryDecodeFromChars(cursor, bytes, out var length) && TaskNames.IsValid(Encoding.UTF8.GetString(bytes[..length])) ? Encoding.UTF8.GetString(bytes[..length]) : null;
    }

    private static Refusal Unknown(string name) => new("not-found", $"There is no schedule '{JsonFault.Shown(name)}' in this namespace. GET /api/v1/schedules lists them.");

    /// <summary>A definition in short, for the audit.</summary>
    private static string? Told(ScheduleDefinition? definition) =>
        definition is null ? null : $"{definition.Task} at {definition.Cron} {definition.TimeZone}{(definition.Paused ? ", paused" : "")}";
}
