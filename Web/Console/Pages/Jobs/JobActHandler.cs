using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Web.Console.Forms;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

/// <summary>What an operator does to one job: the same commands as the API's, and the same refusals.</summary>
internal static class JobActHandler
{
    private const int EditDepth = 4;

    public static Task<IResult> CancelAsync(ConsoleRequest request) => DoAsync(request, "cancelJob", request.Jobs.CancelAsync);

    public static Task<IResult> RunNowAsync(ConsoleRequest request) => DoAsync(request, "runJobNow", request.Jobs.RunNowAsync);

    public static async Task<IResult> DeleteAsync(ConsoleRequest request)
    {
        if (!request.TryJobId(out var id)) return request.NotFound(JobHandler.NoSuchJob);
        switch (await request.Jobs.DeleteAsync(request.View.Namespace, id, request.Aborted))
        {
            case null:
                return request.NotFound(JobHandler.NoSuchJob);
            case JobOutcome.Refused(var refusal):
                return request.Refused(refusal);
            default:
                await request.RecordAsync("deleteJob", id.ToString());
                return request.Redirect(request.Links.To("jobs", "did", BulkWords.Did(Jobs.Operations.OperationAction.Delete, 1, 0)));
        }
    }

    /// <summary>As it was, or with other arguments.</summary>
    public static async Task<IResult> RerunAsync(ConsoleRequest request)
    {
        if (await JobHandler.FindAsync(request) is not { } job) return request.NotFound(JobHandler.NoSuchJob);
        ReadOnlyMemory<byte>? args = null;
        if (request.RawField("args") is { } entered)
        {
            var (read, faults) = SchemaForm.ReadRaw(entered);
            if (faults.Count > 0) return await JobHandler.PageAsync(request, job, new JobFormFault("rerun", faults, faults[0].Message, entered));
            args = read;
        }
        switch (await request.Jobs.RerunAsync(request.View.Namespace, job.Row.Id, new Rerun { Args = args }, request.Aborted))
        {
            case null:
                return request.NotFound(JobHandler.NoSuchJob);
            case SubmitOutcome.Refused(var refusal) when args is not null:
                return await JobHandler.PageAsync(request, job, new JobFormFault("rerun", refusal.Faults, refusal.Detail, request.RawField("args")));
            case SubmitOutcome.Refused(var refusal):
                return request.Refused(refusal);
            case var outcome:
                await request.RecordAsync("rerunJob", job.Row.Id.ToString());
                return request.Redirect(request.Links.Job(Submitted.Of(outcome).Row.Id));
        }
    }

    public static async Task<IResult> EditAsync(ConsoleRequest request)
    {
        if (await JobHandler.FindAsync(request) is not { } job) return request.NotFound(JobHandler.NoSuchJob);
        var refusal = JobEditBody.TryRead(EditBody(request), EditDepth, request.View.Now, out var edit);
        if (refusal is not null || edit is null) return await RefusedAsync(refusal!);
        switch (await request.Jobs.EditAsync(request.View.Namespace, job.Row.Id, edit, request.Aborted))
        {
            case null:
                return request.NotFound(JobHandler.NoSuchJob);
            case JobOutcome.Refused(var refused):
                return await RefusedAsync(refused);
            default:
                await request.RecordAsync("editJob", job.Row.Id.ToString());
                return request.Redirect(request.Links.Job(job.Row.Id));
        }

        Task<IResult> RefusedAsync(Refusal why) => JobHandler.PageAsync(request, job, new JobFormFault("edit", why.Faults, why.Detail, null));
    }

    /// <summary>The form as the API's body would say it, so that both are read by the same rules.</summary>
    private static byte[] EditBody(ConsoleRequest request)
    {
        using var into = new MemoryStream();
        using (var json = new Utf8JsonWriter(into))
        {
            json.WriteStartObject();
            if (request.Field("priority") is { } priority)
            {
                if (int.TryParse(priority, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) json.WriteNumber("priority", number);
                else json.WriteString("priority", priority);
            }
            if (request.Field("queue") is { } queue) json.WriteString("queue", queue);
            if (request.Field("runAt") is { } runAt) json.WriteString("runAt", runAt);
            if (request.RawField("tags") is { } tags)
            {
                json.WriteStartArray("tags");
                foreach (var tag in OptionField.Split(tags)) json.WriteStringValue(tag);
                json.WriteEndArray();
            }
            json.WriteEndObject();
        }
        return into.ToArray();
    }

    private static async Task<IResult> DoAsync(ConsoleRequest request, string action, Func<Namespace, JobId, CancellationToken, ValueTask<JobOutcome?>> act)
    {
        if (!request.TryJobId(out var id)) return request.NotFound(JobHandler.NoSuchJob);
        var outcome = await act(request.View.Namespace, id, request.Aborted);
        if (outcome is JobOutcome.Done) await request.RecordAsync(action, id.ToString());
        return outcome switch
        {
            null => request.NotFound(JobHandler.NoSuchJob),
            JobOutcome.Done => request.Redirect(request.Links.Job(id)),
            JobOutcome.Refused(var refusal) => request.Refused(refusal),
            _ => throw new UnreachableException(),
        };
    }
}

/// <summary>A form on a job's page that could not be done.</summary>
/// <param name="Form"><c>edit</c> or <c>rerun</c>.</param>
/// <param name="Entered">The arguments as they were entered; null for other forms.</param>
public sealed record JobFormFault(string Form, IReadOnlyList<FieldFault> Faults, string Sentence, string? Entered)
{
    /// <summary>Faults at one member or inside it; null for none.</summary>
    public string? At(string pointer) =>
        string.Join(' ', Faults.Where(fault => fault.Pointer == pointer || fault.Pointer.StartsWith(pointer + "/", StringComparison.Ordinal)).Select(fault => fault.Message)) is { Length: > 0 } text ? text : null;
}
