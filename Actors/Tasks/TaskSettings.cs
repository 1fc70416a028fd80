using System.Globalization;
using ActorPerf.Configuration;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Tasks;

/// <summary>Reads the settings of one task, and says of a faulty one where it stands, what it is, and what it should be.</summary>
/// <param name="section">The task's section, or one below it.</param>
/// <param name="root">Knows where settings were written; null: nobody does.</param>
internal sealed class TaskSettings(IConfigurationSection section, IConfiguration? root)
{
    public string? this[string key] => section[key];

    public bool Has(string key) => section.GetSection(key).Exists();

    public TaskSettings Below(string key) => new(section.GetSection(key), root);

    public string? Value => section.Value;

    public bool Exists => section.Exists();

    public IEnumerable<string> Names => section.GetChildren().Select(child => child.Key);

    /// <summary>Folder of the file in which the setting stands; the current one where it stands in no file.</summary>
    public string Folder =>
        Origin(section.Path) is { Line: > 0 } origin && Path.GetDirectoryName(Path.GetFullPath(origin.Source)) is { } folder ? folder : Directory.GetCurrentDirectory();

    /// <exception cref="TaskSetupException">A key is none of these.</exception>
    public void CheckKeys(IReadOnlyList<string> known)
    {
        foreach (var name in Names)
        {
            if (known.Contains(name, StringComparer.OrdinalIgnoreCase)) continue;
            var nearest = TaskNames.Nearest(name, known);
            throw new TaskSetupException($"{Place(Key(name))}{Dotted(Key(name))} is unknown{(nearest is null ? "" : $"; did you mean '{nearest}'?")} Known: {string.Join(", ", known)}.");
        }
    }

    /// <param name="key">Empty for the section itself.</param>
    public TimeSpan? Duration(string key, TimeSpan least, TimeSpan most)
    {
        if (Text(key) is not { } text) return null;
        return Durations.TryParse(text.Replace(" ", "", StringComparison.Ordinal), out var duration) && duration >= least && duration <= most
            ? duration
            : throw Fault(key, $"must be a duration from {Durations.Format(least)} to {Durations.Format(most)}, such as 30s or 1h30m");
    }

    public int? Whole(string key, int least, int most)
    {
        if (Text(key) is not { } text) return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw Fault(key, $"must be a whole number from {least} to {most}");
    }

    public double? Number(string key, double least, double most, string rule)
    {
        if (Text(key) is not { } text) return null;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw Fault(key, rule);
    }

    public bool? Flag(string key) => Text(key) switch
    {
        null => null,
        "true" or "on" or "yes" => true,
        "false" or "off" or "no" => false,
        _ => throw Fault(key, "must be on or off"),
    };

    /// <summary>A list of texts; null where the setting is not there.</summary>
    /// <param name="rule">What the list must be, for the message.</param>
    public IReadOnlyList<string>? List(string key, int most, Func<string, bool> fits, string rule)
    {
        var list = section.GetSection(key);
        if (!list.Exists() && list.Value is null) return null;
        if (list.Value is { Length: > 0 }) throw Fault(key, rule);
        var values = list.GetChildren().Select(item => item.Value ?? "").ToArray();
        return values.Length <= most && values.All(fits) ? values : throw Fault(key, rule, string.Join(", ", values));
    }

    /// <summary>A fault of a setting, with its place, name and value.</summary>
    public TaskSetupException Fault(string key, string rule, string? value = null) =>
        new($"{Place(Key(key))}{Dotted(Key(key))} = '{value ?? Text(key)}' {rule}.");

    private string? Text(string key) => key.Length == 0 ? section.Value : section[key];

    private string Key(string key) => key.Length == 0 ? section.Path : $"{section.Path}:{key}";

    private string Place(string key) => Origin(key) is { } origin ? $"{origin}: " : "";

    private Origin? Origin(string key) => root is not null && root.TryGetOrigin(key, out var origin) ? origin.Value : null;

    private static string Dotted(string key) => key.Replace(':', '.');
}
