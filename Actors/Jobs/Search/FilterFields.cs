namespace ActorPerf.Jobs.Search;

/// <summary>The fields that a search knows, by name: docs/search.md lists them.</summary>
public static class FilterFields
{
    /// <summary>In front of a dotted path into the arguments.</summary>
    public const string Arguments = "args.";

    public const string State = "state";
    public const string Id = "id";
    public const string Parent = "parent";
    public const string Error = "error";

    public static IReadOnlyDictionary<string, NameField> Names { get; } = new Dictionary<string, NameField>(StringComparer.OrdinalIgnoreCase)
    {
        ["task"] = NameField.Task, ["queue"] = NameField.Queue, ["tag"] = NameField.Tag, ["node"] = NameField.Node, ["schedule"] = NameField.Schedule,
        ["workflow"] = NameField.Workflow, ["limitKey"] = NameField.LimitKey, ["uniqueKey"] = NameField.UniqueKey,
    };

    public static IReadOnlyDictionary<string, NumberField> Numbers { get; } = new Dictionary<string, NumberField>(StringComparer.OrdinalIgnoreCase)
    {
        ["attempt"] = NumberField.Attempt, ["priority"] = NumberField.Priority, ["crashes"] = NumberField.Crashes,
    };

    public static IReadOnlyDictionary<string, SpanField> Spans { get; } = new Dictionary<string, SpanField>(StringComparer.OrdinalIgnoreCase)
    {
        ["waited"] = SpanField.Waited, ["ran"] = SpanField.Ran,
    };

    public static IReadOnlyDictionary<string, TimeField> Times { get; } = new Dictionary<string, TimeField>(StringComparer.OrdinalIgnoreCase)
    {
        ["created"] = TimeField.Created, ["started"] = TimeField.Started, ["finished"] = TimeField.Finished,
    };

    /// <summary>Every field, with the form that people write it in, as suggestions show it.</summary>
    public static IReadOnlyList<string> All { get; } =
        [State, .. Names.Keys, Id, Parent, Error, Arguments + "PATH", .. Numbers.Keys, .. Spans.Keys, .. Times.Keys];

    internal static string NameOf(NameField field) => Names.First(name => name.Value == field).Key;

    internal static string NameOf(NumberField field) => Numbers.First(name => name.Value == field).Key;

    internal static string NameOf(SpanField field) => Spans.First(name => name.Value == field).Key;

    internal static string NameOf(TimeField field) => Times.First(name => name.Value == field).Key;
}
