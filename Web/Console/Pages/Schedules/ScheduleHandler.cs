using System.Runtime.CompilerServices;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Tasks;
using ActorPerf.Web.Console.Export;
using ActorPerf.Web.Console.Forms;
using ActorPerf.Web.Console.Live;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

/// <summary>What runs next: the schedules, one with its ticks, when an expression would fire. Changes are <see cref="ScheduleActHandler"/>'s.</summary>
internal static class ScheduleHandler
{
    private const int PageSize = 50;
    private const int StripLength = 16;
    private const int Previewed = 5;

    private static readonly ExportColumn<Schedule>[] Columns =
    [
        new("name", each => each.Name), new("cron", each => each.Definition.Cron), new("timeZone", each => each.Definition.TimeZone), new("words", each => each.Words), new("task", each => each.Definition.Task),
        new("queue", each => each.Definition.Queue), new("priority", each => each.Definition.Priority), new("overlap", each => each.Definition.Overlap.Word), new("misfire", each => each.Definition.Misfire.Word),
        new("paused", each => each.Definition.Paused), new("source", each => each.IsStored ? "api" : "config"), new("next", each => each.Next), new("lastAt", each => each.Last?.At),
        new("lastOutcome", each => each.Last?.Outcome.Word), new("lastJob", each => each.Last?.Job?.ToString()), new("error", each => each.Error),
    ];

    public static async Task<IResult> ListAsync(ConsoleRequest request)
    {
        if (request.Query("new") is not null) return Form(request, ScheduleForm.New(request));
        return ConsolePage.Of<SchedulesPage>(request.View, await ListAsync(request.Service<ISchedules>(), request.Jobs, request.View, request.Query("after"), request.Aborted));
    }

    /// <summary>The list, or one of them where the address names it.</summary>
    public static (string Key, Func<ILiveSource> Open)? Live(ConsoleRequest request)
    {
        var (schedules, jobs, view) = (request.Service<ISchedules>(), request.Jobs, request.View);
        if (request.Query("name") is { } name)
            return ($"schedule {name}", () => new LiveQuestion(async ct => await ReadAsync(schedules, jobs, view.Namespace, name, ct) is { } model ? model.Live(view.Links) : new LiveState { Shape = "gone" }));
        var after = request.Query("after");
        return ($"schedules {after}", () => new LiveQuestion(async ct => (await ListAsync(schedules, jobs, view, after, ct)).Live()));
    }

    private static async Task<SchedulesModel> ListAsync(ISchedules schedules, IJobs jobs, ConsoleView view, string? after, CancellationToken ct)
    {
        var ns = view.Namespace;
        var page = await schedules.ListAsync(ns, after, PageSize, ct);
        var histories = new Dictionary<string, IReadOnlyList<ScheduleTick>>(StringComparer.Ordinal);
        foreach (var schedule in page) histories[schedule.Name] = [.. (await schedules.HistoryAsync(ns, schedule.Name, ct) ?? []).Take(StripLength)];
        var states = await StatesAsync(jobs, ns, histories.Values.SelectMany(ticks => ticks), ct);
        return new SchedulesModel(
            [.. page.Select(schedule => new ScheduleLine(schedule, Ticks(histories[schedule.Name], states)))],
            page.Count == PageSize ? view.Links.To("schedules", "after", page[^1].Name) : null, after);
    }

    public static Task<IResult> SaveAsync(ConsoleRequest request) => Task.FromResult(ListExport.Of(
        "schedules", request.Http.Request.RouteValues["format"] as string, Columns, RowsAsync(request.Service<ISchedules>(), request.View.Namespace, request.Aborted)));

    public static async Task<IResult> ShowAsync(ConsoleRequest request)
    {
        if (await ReadAsync(request.Service<ISchedules>(), request.Jobs, request.View.Namespace, NameOf(request), request.Aborted) is not { } model) return request.NotFound(NoSuch(request));
        return request.Query("edit") is not null ? Form(request, ScheduleForm.Of(request, model.Schedule)) : ConsolePage.Of<OneSchedulePage>(request.View, model);
    }

    /// <summary>Null where there is none of this name.</summary>
    private static async Task<ScheduleModel?> ReadAsync(ISchedules schedules, IJobs jobs, Namespace ns, string name, CancellationToken ct)
    {
        if (await schedules.GetAsync(ns, name, ct) is not { } schedule) return null;
        var history = await schedules.HistoryAsync(ns, schedule.Name, ct) ?? [];
        var next = schedules.Preview(schedule.Definition.Cron, schedule.Definition.TimeZone, Previewed) is PreviewReply.Done(_, var ticks) && !schedule.Definition.Paused ? ticks : [];
        return new ScheduleModel(schedule, Ticks(history, await StatesAsync(jobs, ns, history, ct)), next);
    }

    /// <summary>When what is typed would fire, for the form's script.</summary>
    public static Task<IResult> PreviewAsync(ConsoleRequest request) =>
        Task.FromResult(Results.Json(SchedulePreview.Of(request.Service<ISchedules>(), request.Query("cron"), request.Query("timeZone")), LinesJson.Default.SchedulePreview));

    public static IResult Form(ConsoleRequest request, ScheduleForm form) =>
        ConsolePage.Of<ScheduleFormPage>(request.View, form, form.IsRefused ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK);

    public static string NameOf(ConsoleRequest request) => request.Http.Request.RouteValues["name"] as string ?? "";

    public static string NoSuch(ConsoleRequest request) => $"There is no schedule '{Wire.JsonFault.Shown(NameOf(request))}' in this namespace.";

    /// <summary>What became of the jobs of ticks; those that are kept no more are absent.</summary>
    private static async Task<Dictionary<JobId, JobState>> StatesAsync(IJobs jobs, Namespace ns, IEnumerable<ScheduleTick> ticks, CancellationToken ct)
    {
        var ids = ticks.Select(tick => tick.Job).OfType<JobId>().Distinct().ToList();
        if (ids.Count == 0) return [];
        return (await jobs.GetManyAsync(ns, ids, ct)).OfType<Job>().ToDictionary(job => job.Row.Id, job => job.Row.State);
    }

    private static IReadOnlyList<TickLine> Ticks(IReadOnlyList<ScheduleTick> ticks, Dictionary<JobId, JobState> states) =>
        [.. ticks.Select(tick => new TickLine(tick, tick.Job is { } job && states.TryGetValue(job, out var state) ? state : null))];

    private static async IAsyncEnumerable<Schedule> RowsAsync(ISchedules schedules, Namespace ns, [EnumeratorCancellation] CancellationToken ct)
    {
        string? after = null;
        do
        {
            var page = await schedules.ListAsync(ns, after, 500, ct);
            foreach (var schedule in page) yield return schedule;
            after = page.Count == 500 ? page[^1].Name : null;
        }
        while (after is not null);
    }
}
