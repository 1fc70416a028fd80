using ActorPerf.Load;
using ActorPerf.Load.Figures;

namespace ActorPerf.Web.Console.Pages.LoadTests;

/// <summary>What can be run, what runs, what has run?</summary>
public sealed record LoadPageModel(IReadOnlyList<LoadScenario> Scenarios, IReadOnlyList<LoadLine> Lines)
{
    public required LoadFields Fields { get; init; }

    /// <summary>What is wrong, by field; "" for what concerns none.</summary>
    public IReadOnlyDictionary<string, string> Faults { get; init; } = new Dictionary<string, string>();

    /// <summary>The plan as it would be run, where it was asked to be shown.</summary>
    public LoadPlan? Review { get; init; }

    public LoadLine? Running => Lines.FirstOrDefault(static line => line.Verdict == LoadVerdict.Open);

    public IReadOnlyList<LoadLine> Past => [.. Ended(Lines)];

    internal static IEnumerable<LoadLine> Ended(IEnumerable<LoadLine> lines) => lines.Where(static line => line.Verdict != LoadVerdict.Open);

    public LoadScenario? Scenario => Scenarios.FirstOrDefault(scenario => scenario.Name == Fields.Value("scenario"));

    public string? Fault(string field) => Faults.TryGetValue(field, out var fault) ? fault : null;

    /// <summary>A colour by what a run says.</summary>
    public static string Level(LoadVerdict verdict) => verdict switch
    {
        LoadVerdict.Passed => "good",
        LoadVerdict.Open => "notice",
        _ => "bad",
    };
}
