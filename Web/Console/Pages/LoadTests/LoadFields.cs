using ActorPerf.Load;
using ActorPerf.Load.Plans;
using ActorPerf.Tasks;
using ActorPerf.Web.Console.Forms;

namespace ActorPerf.Web.Console.Pages.LoadTests;

/// <summary>The texts of the form that starts a load test, Locust's fields first.</summary>
public sealed record LoadFields(IReadOnlyDictionary<string, string> Texts)
{
    /// <summary>Fields of a closed model; they are not read where the model is a rate.</summary>
    public static IReadOnlyList<OptionField> OfUsers { get; } = [new("users", "Users", OptionKind.Number), new("spawnRate", "Spawn rate, users/s", OptionKind.Text)];

    /// <summary>Fields of an open model.</summary>
    public static IReadOnlyList<OptionField> OfRate { get; } = [new("rate", "Rate, iterations/s", OptionKind.Text), new("maxUsers", "Most users", OptionKind.Number)];

    public static IReadOnlyList<OptionField> More { get; } =
    [
        new("warmUp", "Warm-up", OptionKind.Text), new("seed", "Seed", OptionKind.Number), new("maxRequests", "Most requests", OptionKind.Number),
        new("tags", "Tags", OptionKind.Text), new("excludeTags", "Without tags", OptionKind.Text), new("requestTimeout", "Request timeout", OptionKind.Text), new("label", "Label", OptionKind.Text),
    ];

    /// <summary>Fields that hold one item a line, or a few words.</summary>
    private static readonly Dictionary<string, char[]> Several = new(StringComparer.Ordinal)
    {
        ["stages"] = ['\n', ' ', ','], ["thresholds"] = ['\n'], ["variables"] = ['\n'], ["tags"] = [' ', ','], ["excludeTags"] = [' ', ','],
    };

    private static readonly string[] Kept = ["scenario", "host", "model", "runTime", "stages", "thresholds", "variables", "watchTarget", "key", .. OfUsers.Concat(OfRate).Concat(More).Select(static field => field.Name)];

    /// <param name="host">The target that stands in an empty form.</param>
    /// <param name="scenario">The scenario that is chosen in an empty form.</param>
    public static LoadFields Empty(string host, string scenario) => new(new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["scenario"] = scenario, ["host"] = host, ["model"] = "users", ["users"] = "10", ["spawnRate"] = "2", ["runTime"] = "1m",
    });

    public static LoadFields Read(Func<string, string?> field) =>
        new(Kept.Select(name => KeyValuePair.Create(name, field(name) ?? "")).Where(static pair => pair.Value.Length > 0).ToDictionary(StringComparer.Ordinal));

    public string Value(string name) => Texts.TryGetValue(name, out var text) ? text : "";

    public bool IsRate => Value("model") == "rate";

    public bool HasMore => More.Any(one => Value(one.Name).Length > 0) || Value("stages").Length > 0 || Value("variables").Length > 0 || Value("watchTarget").Length > 0;

    /// <summary>The plan that the form asks for; null with what is wrong.</summary>
    public LoadPlan? ToPlan(out IReadOnlyList<FieldFault> faults)
    {
        var draft = new LoadDraft();
        var others = (IsRate ? OfUsers : OfRate).Select(static field => field.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, text) in Texts)
        {
            if (name == "model" || others.Contains(name)) continue;
            if (Several.TryGetValue(name, out var separators)) draft.AddAll(name, text.Split(separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
            else draft.Add(name, text);
        }

        if (IsRate && !draft.Has("rate")) draft.Add("rate", draft.Has("stages") ? "0" : "");
        var plan = draft.ToPlan(out faults);
        if (!IsRate || draft.Has("rate")) return plan;
        faults = [.. faults, new FieldFault("/model/rate", "Write how many iterations start a second.")];
        return null;
    }

    /// <summary>The field that a pointer into a plan means; "" where it is none of the form's.</summary>
    public static string FieldOf(string pointer)
    {
        var name = pointer.Split('/', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(static part => part != "model") ?? "";
        return Kept.Contains(name) ? name : "";
    }
}
