using System.Globalization;
using System.Text;
using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Web.Console.Forms;

/// <summary>What the form says about a job besides its arguments, as written; options left open are absent. What they mean is the API's own reader to judge.</summary>
public sealed class JobFields
{
    private readonly Dictionary<string, string> _given;

    public JobFields(params IEnumerable<KeyValuePair<string, string?>> given) =>
        _given = given.Where(pair => !string.IsNullOrWhiteSpace(pair.Value)).ToDictionary(pair => pair.Key, pair => (pair.Value ?? "").Trim(), StringComparer.Ordinal);

    /// <summary>The options that every job has, in the order of the form.</summary>
    public static IReadOnlyList<OptionField> All { get; } =
    [
        new("queue", "Queue", OptionKind.Text, Switch: "--queue"),
        new("priority", "Priority, 0 to 9", OptionKind.Number, "5", Switch: "--priority"),
        new("delay", "Delay", OptionKind.Text, "none, or 30s, 5m", Switch: "--delay"),
        new("runAt", "Or not before", OptionKind.Text, "2027-01-31T08:00:00Z", Switch: "--run-at"),
        new("tags", "Tags", OptionKind.Words, "nightly, eu", Switch: "--tag"),
        new("maxAttempts", "Attempts at most", OptionKind.Number, "5", Switch: "--max-attempts"),
        new("timeout", "Time-out of one attempt", OptionKind.Text, "none, or 10m", Switch: "--timeout"),
        new("expiresIn", "Give up if not started within", OptionKind.Text, "never, or 1h", Switch: "--expires-in"),
        new("uniqueKey", "Unique key", OptionKind.Text, "one job at a time holds it", Switch: "--unique-key"),
        new("uniquePolicy", "Where another job holds it", OptionKind.Choice, Choices: Wire.Words.UniquePolicies, Switch: "--unique-policy"),
        new("uniqueUntil", "Held until that has", OptionKind.Choice, Choices: Wire.Words.UniqueUntils, Switch: "--unique-until"),
        new("limitKey", "Limit key", OptionKind.Text, "shares a limit with its like", Switch: "--limit-key"),
        new("callback", "Tell this address of its end", OptionKind.Text, "https://…", Switch: "--callback"),
        new("meta", "Notes of your own", OptionKind.Json, "{\"ticket\": 4711}", Switch: "--meta"),
    ];

    /// <summary>As it was entered; "" where left open.</summary>
    public string this[string name] => _given.GetValueOrDefault(name, "");

    /// <param name="value">Of a field of the form or the address, by its name.</param>
    public static JobFields Read(Func<string, string?> value) => new(All.Select(field => new KeyValuePair<string, string?>(field.Name, value(field.Name))));

    /// <summary>The options of a job, as a submission of its like would say them.</summary>
    /// <param name="ownQueue">The task's queue, which goes without saying; null: it is said.</param>
    public static JobFields Of(JobRow row, DateTimeOffset now, string? ownQueue = null) => new(
        new("queue", row.Queue == ownQueue ? null : row.Queue),
        new("priority", row.Priority == 5 ? null : row.Priority.ToString(CultureInfo.InvariantCulture)),
        new("runAt", row.State == JobState.Scheduled && row.RunAt > now ? Console.Words.Exact(row.RunAt) : null),
        new("tags", OptionField.Join(row.Tags)),
        new("maxAttempts", row.MaxAttempts == 5 ? null : row.MaxAttempts.ToString(CultureInfo.InvariantCulture)),
        new("timeout", row.Timeout is { } timeout ? Durations.Format(timeout) : null),
        new("expiresIn", row.ExpiresAt is { } expires && expires > row.CreatedAt ? Durations.Format(expires - row.CreatedAt) : null),
        new("uniqueKey", row.UniqueKey),
        new("uniquePolicy", row.UniqueKey is null || row.UniquePolicy == default ? null : Wire.Words.UniquePolicies[(int)row.UniquePolicy]),
        new("uniqueUntil", row.UniqueKey is null || row.UniqueUntil == default ? null : Wire.Words.UniqueUntils[(int)row.UniqueUntil]),
        new("limitKey", row.LimitKey),
        new("callback", row.Callback),
        new("meta", row.Meta.IsEmpty ? null : Encoding.UTF8.GetString(row.Meta.Span)));

    /// <summary>The body that the API takes.</summary>
    /// <param name="args">JSON, well-formed.</param>
    internal void WriteTo(Utf8JsonWriter json, string task, string args)
    {
        json.WriteStartObject();
        json.WriteString("task", task);
        json.WritePropertyName("args");
        json.WriteRawValue(args);
        foreach (var field in All)
            if (this[field.Name] is { Length: > 0 } text) field.WriteTo(json, text);
        json.WriteEndObject();
    }

    /// <summary>What the command line takes: switch and value, in turn.</summary>
    public IEnumerable<(string Switch, string Value)> Switches() =>
        from field in All
        where this[field.Name].Length > 0
        from value in field.Kind == OptionKind.Words ? OptionField.Split(this[field.Name]) : [this[field.Name]]
        select (field.Switch, value);
}
