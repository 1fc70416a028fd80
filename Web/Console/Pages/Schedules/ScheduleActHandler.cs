using ActorPerf.Jobs;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Tasks;
using ActorPerf.Web.Api;
using ActorPerf.Web.Console.Forms;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

/// <summary>What an operator does to schedules.</summary>
internal static class ScheduleActHandler
{
    /// <summary>Adds a schedule, or replaces one.</summary>
    public static async Task<IResult> PutAsync(ConsoleRequest request)
    {
        var form = ScheduleForm.Posted(request);
        var (name, schedules) = (form.Existing ?? form.Value("name").Trim(), request.Service<ISchedules>());
        var (_, badArgs) = SchemaForm.ReadRaw(form.Value("args"));
        var refusal = request.Service<ScheduleReader>().Read(form.Body(), out var definition);
        if (badArgs.Count > 0) return Again(form, new Refusal("invalid-request", badArgs[0].Message) { Faults = [.. badArgs, .. refusal?.Faults ?? []] });
        if (refusal is not null || definition is null) return Again(form, refusal!);
        if (form.Existing is null && await schedules.GetAsync(request.View.Namespace, name, request.Aborted) is not null)
            return Again(form, Refusal.Invalid("invalid-request", $"There is a schedule '{name}' already. Edit that one, or choose another name.", new FieldFault("/name", "There is one of this name already.")));
        var before = form.Existing is null ? null : await schedules.GetAsync(request.View.Namespace, name, request.Aborted);
        if (await schedules.PutAsync(request.View.Namespace, name, definition, request.Aborted) is ScheduleReply.Refused(var refused)) return Again(form, refused);
        AuditNote.Put(request.Http, name, Told(before?.Definition), Told(definition));
        await request.RecordAsync("putSchedule", name);
        return request.Redirect(LinkTo(request, name));

        IResult Again(ScheduleForm entered, Refusal why)
        {
            // A name that cannot be is said by the front door without a place of its own.
            var faults = why.Faults.Count > 0 ? why.Faults : TaskNames.IsValid(name) ? [] : [new FieldFault("/name", why.Detail)];
            return ScheduleHandler.Form(request, entered with { Faults = faults, Refusal = why.Faults.Count > 1 ? "Some fields need another look; nothing was saved." : why.Detail });
        }
    }

    public static Task<IResult> PauseAsync(ConsoleRequest request) => PauseAsync(request, true);

    public static Task<IResult> ResumeAsync(ConsoleRequest request) => PauseAsync(request, false);

    public static async Task<IResult> TriggerAsync(ConsoleRequest request)
    {
        var name = ScheduleHandler.NameOf(request);
        switch (await request.Service<ISchedules>().TriggerAsync(request.View.Namespace, name, request.Aborted))
        {
            case null:
                return request.NotFound(ScheduleHandler.NoSuch(request));
            case SubmitOutcome.Refused(var refusal):
                return request.Refused(refusal);
            case var outcome:
                await request.RecordAsync("triggerSchedule", name);
                return request.Redirect(request.Links.Job(Submitted.Of(outcome).Row.Id));
        }
    }

    public static async Task<IResult> DeleteAsync(ConsoleRequest request)
    {
        var name = ScheduleHandler.NameOf(request);
        switch (await request.Service<ISchedules>().DeleteAsync(request.View.Namespace, name, request.Aborted))
        {
            case null:
                return request.NotFound(ScheduleHandler.NoSuch(request));
            case ScheduleReply.Refused(var refusal):
                return request.Refused(refusal);
            default:
                await request.RecordAsync("deleteSchedule", name);
                return request.Redirect(request.Links.To("schedules"));
        }
    }

    private static async Task<IResult> PauseAsync(ConsoleRequest request, bool paused)
    {
        var name = ScheduleHandler.NameOf(request);
        switch (await request.Service<ISchedules>().PauseAsync(request.View.Namespace, name, paused, request.Aborted))
        {
            case null:
                return request.NotFound(ScheduleHandler.NoSuch(request));
            case ScheduleReply.Refused(var refusal):
                return request.Refused(refusal);
            default:
                AuditNote.Put(request.Http, name, after: paused ? "paused" : "resumed");
                await request.RecordAsync("putSchedule", name);
                return request.Redirect(LinkTo(request, name));
        }
    }

    private static string LinkTo(ConsoleRequest request, string name) => request.Links.To($"schedules/{Uri.EscapeDataString(name)}");

    private static string? Told(ScheduleDefinition? definition) => definition is null ? null : $"{definition.Cron} {definition.TimeZone} {definition.Task}{(definition.Paused ? " paused" : "")}";
}
