using ActorPerf.Load;
using ActorPerf.Load.Figures;
using ActorPerf.Tasks;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages.LoadTests;

/// <summary>The form that starts load tests, and those that were.</summary>
internal static class LoadHandler
{
    public static async Task<IResult> ShowAsync(ConsoleRequest request)
    {
        var runs = request.Service<LoadRuns>();
        var origin = $"{request.Http.Request.Scheme}://{request.Http.Request.Host.ToUriComponent()}";
        var chosen = request.Query("scenario") ?? Usual(runs.Tests.Scenarios);
        return ConsolePage.Of<LoadPage>(request.View, await ModelAsync(request, LoadFields.Empty(origin, chosen)));
    }

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
