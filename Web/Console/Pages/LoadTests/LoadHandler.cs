using System.Text.Json;
using ActorPerf.Load;
using ActorPerf.Load.Figures;
using ActorPerf.Tasks;
using ActorPerf.Web.Console.Export;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages.LoadTests;

/// <summary>The form that starts load tests, and those that were.</summary>
internal static class LoadHandler
{
    private static readonly ExportColumn<LoadLine>[] Columns =
    [
        new("id", line => line.Id.ToString("D")), new("label", line => line.Label), new("scenario", line => line.Scenario), new("host", line => line.Host), new("load", line => line.Load),
        new("state", line => Word(line.State)), new("verdict", line => Word(line.Verdict)), new("startedAt", line => line.StartedAt), new("elapsed", line => line.Elapsed), new("requests", line => line.Requests),
        new("failures", line => line.Failures), new("perSecond", line => line.PerSecond), new("median", line => line.Median), new("p95", line => line.P95), new("saturated", line => line.Saturated),
    ];

    public static async Task<IResult> ShowAsync(ConsoleRequest request)
    {
        var runs = request.Service<LoadRuns>();
        var chosen = request.Query("scenario") ?? Usual(runs.Tests.Scenarios);
        return ConsolePage.Of<LoadPage>(request.View, await ModelAsync(request, LoadFields.Empty(OwnAddress.Of(request.Http), chosen)));
    }

    /// <summary>Those of the list: the runs that have ended.</summary>
    public static async Task<IResult> SaveAsync(ConsoleRequest request) => ListExport.Of(
        "load-tests", request.Http.Request.RouteValues["format"] as string, Columns, LoadPageModel.Ended(await request.Service<LoadRuns>().ListAsync(request.Aborted)).ToAsyncEnumerable());

    /// <summary>As the API writes it: <c>failures-seen</c>.</summary>
    private static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    /// <summary>The scenario that shows most of a node; the first where it is not there, "" where none is.</summary>
    private static string Usual(IReadOnlyList<LoadScenario> scenarios) =>
        scenarios.Any(static scenario => scenario.Name == "submit-and-wait") ? "submit-and-wait" : scenarios is [var first, ..] ? first.Name : "";

    /// <summary>Shows what would be sent, or starts it.</summary>
    public static async Task<IResult> SendAsync(ConsoleRequest request)
    {
        var runs = request.Service<LoadRuns>();
        var fields = LoadFields.Read(request.Field);
        var plan = fields.ToPlan(out var faults);
        if (plan is not null && runs.Tests.Check(plan) is { } refusal) faults = refusal.Faults.Count > 0 ? refusal.Faults : [new FieldFault("", refusal.Detail)];
        if (plan is null || faults.Count > 0) return Shown(request, await ModelAsync(request, fields) with { Faults = Faults(faults) }, StatusCodes.Status400BadRequest);
        if (request.Field("act") == "review") return Shown(request, await ModelAsync(request, fields) with { Review = plan }, StatusCodes.Status200OK);
        switch (await runs.StartAsync(plan, "console", request.Aborted))
        {
            case LoadOutcome.Done { Run.Id: var id }:
                await request.RecordAsync("startLoadRun", $"{plan.Scenario} against {plan.Host}");
                return request.Redirect(request.Links.To($"load/{id:D}"));
            case LoadOutcome.Refused refused:
                return Shown(request, await ModelAsync(request, fields) with { Faults = Faults(refused.Refusal.Faults.Count > 0 ? refused.Refusal.Faults : [new FieldFault("", refused.Refusal.Detail)]) }, StatusCodes.Status409Conflict);
            default: throw new InvalidOperationException("A run was neither started nor refused.");
        }
    }

    private static IResult Shown(ConsoleRequest request, LoadPageModel model, int status) => ConsolePage.Of<LoadPage>(request.View, model, status);

    private static async Task<LoadPageModel> ModelAsync(ConsoleRequest request, LoadFields fields)
    {
        var runs = request.Service<LoadRuns>();
        return new LoadPageModel(runs.Tests.Scenarios, await runs.ListAsync(request.Aborted)) { Fields = fields };
    }

    private static Dictionary<string, string> Faults(IReadOnlyList<FieldFault> faults) =>
        faults.GroupBy(static fault => LoadFields.FieldOf(fault.Pointer)).ToDictionary(static group => group.Key, static group => string.Join(' ', group.Select(static fault => fault.Message)), StringComparer.Ordinal);
}
