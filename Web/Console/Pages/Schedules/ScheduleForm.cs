using System.Globalization;
using System.Text;
using System.Text.Json;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Tasks;
using ActorPerf.Web.Console.Forms;

namespace ActorPerf.Web.Console.Pages;

/// <summary>A schedule's form: what it shows, and the body of the API that it says.</summary>
/// <param name="Existing">Its name cannot be changed; null for a new one.</param>
public sealed record ScheduleForm(string? Existing, IReadOnlyDictionary<string, string> Values)
{
    /// <summary>What a schedule says beside its name, cron, time zone, task and arguments, which have places of their own.</summary>
    public static IReadOnlyList<OptionField> Options { get; } =
    [
        new("overlap", "While the job before still runs", OptionKind.Choice, Choices: ScheduleWords.Overlaps),
        new("misfire", "Ticks that were missed", OptionKind.Choice, Choices: ScheduleWords.Misfires),
        new("misfireLimit", "Of all missed ones, at most", OptionKind.Number, "100"),
        new("jitter", "Start up to so much later", OptionKind.Text, "none, or 30s"),
        new("queue", "Queue", OptionKind.Text, "the task's own"),
        new("priority", "Priority, 0 to 9", OptionKind.Number, "5"),
        new("maxAttempts", "Attempts at most", OptionKind.Number, "5"),
        new("timeout", "Time-out of one attempt", OptionKind.Text, "none, or 10m"),
        new("expiresIn", "Give up if not started within", OptionKind.Text, "never, or 1h"),
        new("tags", "Tags", OptionKind.Words, "nightly, eu"),
        new("meta", "Notes of your own", OptionKind.Json, "{\"ticket\": 4711}"),
    ];

    private static readonly string[] Own = ["name", "cron", "timeZone", "task", "args", "paused"];

    public IReadOnlyList<TaskDescriptor> Tasks { get; init; } = [];
    internal SchedulePreview Preview { get; init; } = new(null, [], null);
    public IReadOnlyList<FieldFault> Faults { get; init; } = [];

    /// <summary>Why it was refused; null before it was sent.</summary>
    public string? Refusal { get; init; }

    public bool IsRefused => Refusal is not null;

    public string Value(string name) => Values.GetValueOrDefault(name, "");

    /// <summary>Faults of a member or inside it; null for none.</summary>
    public string? Fault(string name) => string.Join(' ', Faults.Where(fault => IsOf(fault, name)).Select(fault => fault.Message)) is { Length: > 0 } text ? text : null;

    /// <summary>Faults that no field shows.</summary>
    public IEnumerable<FieldFault> Elsewhere => Faults.Where(fault => !Own.Concat(Options.Select(option => option.Name)).Any(name => IsOf(fault, name)));

    public bool HasOptions => Options.Any(option => Value(option.Name).Length > 0 || Fault(option.Name) is not null);

    /// <summary>An empty form, or one that the address fills (from a task's page, say).</summary>
    internal static ScheduleForm New(ConsoleRequest request) => Ready(request, null, name => request.Query(name) ?? (name == "timeZone" ? "UTC" : name == "args" ? "{}" : ""));

    internal static ScheduleForm Of(ConsoleRequest request, Schedule schedule)
    {
        var it = schedule.Definition;
        var values = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["name"] = schedule.Name, ["cron"] = it.Cron, ["timeZone"] = it.TimeZone, ["task"] = it.Task, ["args"] = Parts.PayloadText.Whole(it.Args), ["paused"] = it.Paused ? "1" : "",
            ["overlap"] = it.Overlap.Word, ["misfire"] = it.Misfire.Word, ["misfireLimit"] = it.MisfireLimit == 100 ? "" : it.MisfireLimit.ToString(CultureInfo.InvariantCulture),
            ["jitter"] = it.Jitter > TimeSpan.Zero ? Durations.Format(it.Jitter) : "", ["queue"] = it.Queue ?? "", ["priority"] = it.Priority == 5 ? "" : it.Priority.ToString(CultureInfo.InvariantCulture),
            ["maxAttempts"] = it.MaxAttempts?.ToString(CultureInfo.InvariantCulture) ?? "", ["timeout"] = it.Timeout is { } timeout ? Durations.Format(timeout) : "",
            ["expiresIn"] = it.ExpiresIn is { } expires ? Durations.Format(expires) : "", ["tags"] = OptionField.Join(it.Tags), ["meta"] = it.Meta.IsEmpty ? "" : Encoding.UTF8.GetString(it.Meta.Span),
        };
        return Ready(request, schedule.Name, name => values.GetValueOrDefault(name, ""));
    }

    /// <summary>What was posted.</summary>
    internal static ScheduleForm Posted(ConsoleRequest request) => Ready(request, request.Field("existing"), name => request.RawField(name) ?? "");

    private static ScheduleForm Ready(ConsoleRequest request, string? existing, Func<string, string> value)
    {
        var values = Own.Concat(Options.Select(field => field.Name)).ToDictionary(name => name, value, StringComparer.Ordinal);
        return new ScheduleForm(existing, values)
        {
            Tasks = [.. request.Catalog.All.Where(task => !task.Internal)],
            Preview = SchedulePreview.Of(request.Service<ISchedules>(), values["cron"], values["timeZone"]),
        };
    }

    /// <summary>The body of <c>PUT /schedules/{name}</c>; read by the API's own reader, so that a form and a call mean and refuse the same.</summary>
    internal byte[] Body()
    {
        using var into = new MemoryStream();
        using (var json = new Utf8JsonWriter(into))
        {
            json.WriteStartObject();
            foreach (var name in new[] { "cron", "timeZone", "task" })
                if (Value(name).Trim() is { Length: > 0 } text) json.WriteString(name, text);
            if (SchemaForm.ReadRaw(Value("args")) is { Faults.Count: 0 } args)
            {
                json.WritePropertyName("args");
                json.WriteRawValue(args.Args);
            }
            if (Value("paused").Length > 0) json.WriteBoolean("paused", true);
            foreach (var field in Options)
                if (Value(field.Name).Trim() is { Length: > 0 } text) field.WriteTo(json, text);
            json.WriteEndObject();
        }
        return into.ToArray();
    }

    private static bool IsOf(FieldFault fault, string name) => fault.Pointer == "/" + name || fault.Pointer.StartsWith($"/{name}/", StringComparison.Ordinal);
}
