using System.Text;
using ActorPerf.Caching;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Web.Console.Forms;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

/// <summary>A form for any registered task: sends it as a job, or computes it at once.</summary>
internal static class SubmitHandler
{
    public static async Task<IResult> ShowAsync(ConsoleRequest request)
    {
        if (request.Query("from") is { } from) return await LikeAsync(request, from);
        if (request.Query("task") is not { } name) return Page(request, new SubmitModel { Tasks = [.. request.Catalog.All.Where(task => !task.Internal)] });
        if (!request.Catalog.TryGet(name, out var task)) return request.NotFound(request.Catalog.Unknown(name).Detail);
        var args = request.Query("args") is { } given ? Encoding.UTF8.GetBytes(given) : "{}"u8.ToArray();
        return Page(request, Filled(request, task, args, JobFields.Read(request.Query)));
    }

    /// <summary>What the form says so far, as lines to copy; asked for by the page's script while somebody types.</summary>
    public static Task<IResult> LinesAsync(ConsoleRequest request)
    {
        if (request.Field("task") is not { } name || !request.Catalog.TryGet(name, out var task)) return Task.FromResult(request.NotFound("There is no such task."));
        var entry = Entry.Read(request, task);
        var lines = new Dictionary<string, string>();
        AddLines("job", CallLines.ForJob(request.View, task.Name, entry.Args, entry.Fields));
        AddLines("compute", CallLines.ForCompute(request.View, task.Name, entry.Args));
        return Task.FromResult(Results.Json(lines, LinesJson.Default.DictionaryStringString));

        void AddLines(string group, IReadOnlyList<CallLine> calls)
        {
            for (var i = 0; i < calls.Count; i++) lines[$"{group}-{i}"] = calls[i].Text;
        }
    }

    public static async Task<IResult> SendAsync(ConsoleRequest request)
    {
        if (request.Field("task") is not { } name || !request.Catalog.TryGet(name, out var task))
            return request.NotFound(request.Catalog.Unknown(request.Field("task") ?? "").Detail);
        var entry = Entry.Read(request, task);
        if (request.Field("how") != "compute") return await SubmitAsync(request, task, entry);
        return entry.ArgsFaults.Count > 0 ? Refused(request, task, entry, null, entry.ArgsFaults, StatusCodes.Status400BadRequest) : await ComputeAsync(request, task, entry);
    }

    private static async Task<IResult> SubmitAsync(ConsoleRequest request, TaskDescriptor task, Entry entry)
    {
        if (entry.Submission is not { } submission) return Refused(request, task, entry, null, entry.Faults, StatusCodes.Status400BadRequest);
        return await request.Jobs.SubmitAsync(submission, request.Aborted) switch
        {
            SubmitOutcome.Refused(var refusal) => Refused(request, task, entry, refusal.Detail, refusal.Faults, StatusCodes.Status400BadRequest),
            var outcome => request.Redirect(request.Links.Job(Submitted.Of(outcome).Row.Id)),
        };
    }

    /// <summary>The one form that answers with a page instead of a redirect: computing again changes nothing, and the answer is too big for an address.</summary>
    private static async Task<IResult> ComputeAsync(ConsoleRequest request, TaskDescriptor task, Entry entry)
    {
        var call = new ComputeRequest(request.View.Namespace, task.Name, entry.Args, default, TimeSpan.FromSeconds(30));
        return await request.Compute.ComputeAsync(call, request.Aborted) switch
        {
            ComputeOutcome.Refused(var refusal) => Refused(request, task, entry, refusal.Detail, refusal.Faults, StatusCodes.Status400BadRequest),
            var outcome => Page(request, Model(request, task, entry) with { Computed = outcome }),
        };
    }

    private static async Task<IResult> LikeAsync(ConsoleRequest request, string from)
    {
        var job = JobId.TryParse(from, out var id) ? await request.Jobs.GetAsync(request.View.Namespace, id, request.Aborted) : null;
        if (job is null) return request.NotFound("The job to run another like is not here any more.");
        if (!request.Catalog.TryGet(job.Row.Task, out var task)) return request.NotFound(request.Catalog.Unknown(job.Row.Task).Detail);
        return Page(request, Filled(request, task, job.Args, JobFields.Of(job.Row, request.View.Now, task.Queue)));
    }

    /// <summary>A form with given arguments in it; as JSON where the fields could not hold all of them.</summary>
    private static SubmitModel Filled(ConsoleRequest request, TaskDescriptor task, ReadOnlyMemory<byte> args, JobFields fields)
    {
        var form = SchemaForm.From(task.ArgsSchema);
        var (json, faults) = SchemaForm.ReadRaw(Encoding.UTF8.GetString(args.Span));
        var values = form.Fill(json);
        foreach (var field in JobFields.All) values[field.Name] = fields[field.Name];
        values["raw"] = Parts.PayloadText.Whole(json);
        return Model(request, task, new Entry(json, fields, null, faults, [], form, form.RawOnly || request.Query("as") == "json", values));
    }

    private static IResult Refused(ConsoleRequest request, TaskDescriptor task, Entry entry, string? detail, IReadOnlyList<FieldFault> faults, int status) => Page(
        request, Model(request, task, entry) with { Faults = faults, Refusal = detail ?? "Some fields need another look; nothing was sent." }, status);

    private static SubmitModel Model(ConsoleRequest request, TaskDescriptor task, Entry entry) => new()
    {
        Tasks = [.. request.Catalog.All.Where(task => !task.Internal)],
        Task = task,
        Form = entry.Form,
        Raw = entry.Raw,
        Values = entry.Values,
        JobLines = CallLines.ForJob(request.View, task.Name, entry.Args, entry.Fields),
        ComputeLines = CallLines.ForCompute(request.View, task.Name, entry.Args),
    };

    private static IResult Page(ConsoleRequest request, SubmitModel model, int status = StatusCodes.Status200OK) =>
        ConsolePage.Of<SubmitPage>(request.View, model, status);

    /// <summary>What somebody entered, read.</summary>
    /// <param name="Submission">Null where the options cannot be so, or the arguments cannot be read.</param>
    private sealed record Entry(
        byte[] Args, JobFields Fields, Submission? Submission, IReadOnlyList<FieldFault> ArgsFaults, IReadOnlyList<FieldFault> OptionFaults, SchemaForm Form, bool Raw, IReadOnlyDictionary<string, string> Values)
    {
        public IReadOnlyList<FieldFault> Faults => [.. ArgsFaults, .. OptionFaults];

        public static Entry Read(ConsoleRequest request, TaskDescriptor task)
        {
            var form = SchemaForm.From(task.ArgsSchema);
            var raw = form.RawOnly || request.Field("as") == "json";
            var (args, faults) = raw ? SchemaForm.ReadRaw(request.Field("raw")) : form.Read(request.RawField);
            var fields = JobFields.Read(request.Field);
            // Read as the API reads a body, so that a form and a call mean and refuse the same.
            var body = Encoding.UTF8.GetBytes(CallLines.JobBody(task.Name, args, fields, exact: true));
            request.Service<SubmissionReader>().TryRead(body, request.View.Namespace, null, out var submission, out var refusal);
            string[] inputs = [.. form.Fields.Select(field => field.Input), "raw", .. JobFields.All.Select(field => field.Name)];
            var values = inputs.ToDictionary(input => input, input => request.RawField(input) ?? "", StringComparer.Ordinal);
            var options = refusal is null ? [] : refusal.Faults.Count > 0 ? refusal.Faults : [new FieldFault("", refusal.Detail)];
            return new Entry(args, fields, faults.Count == 0 ? submission : null, faults, options, form, raw, values);
        }
    }
}
