using System.Globalization;

namespace ActorPerf.Kernel;

/// <summary>Settings by dotted path. Immutable. Reading a path that is absent gives the default.</summary>
public class Config
{
    private readonly SortedDictionary<string, string?> _values;

    /// <summary>No settings at all.</summary>
    public Config() : this([]) { }

    private Config(IEnumerable<KeyValuePair<string, string?>> pairs)
    {
        _values = new(StringComparer.Ordinal);
        foreach (var (path, value) in pairs) _values[path] = value;
    }

    public static Config Empty { get; } = new();

    public virtual bool IsEmpty => _values.Count == 0;

    /// <summary>Makes settings of paths such as <c>akka.actor.deployment./compute/default.router</c>; of equal paths the last one counts.</summary>
    internal static Config FromPairs(IEnumerable<KeyValuePair<string, string?>> pairs) => new(pairs);

    public virtual bool HasPath(string path) => Find(path) is not null || UnderPath(path).Any();

    /// <summary>The settings below <paramref name="path"/>, empty when there are none.</summary>
    public virtual Config GetConfig(string path) => new(UnderPath(path).Select(pair => new KeyValuePair<string, string?>(pair.Key[(path.Length + 1)..], pair.Value)));

    public virtual string? GetString(string path, string? @default = null) => Find(path) ?? @default;

    public virtual bool GetBoolean(string path, bool @default = false) => Find(path) is { } text ? ToBoolean(path, text) : @default;

    public virtual int GetInt(string path, int @default = 0) => Find(path) is not { } text ? @default
        : int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : throw Unreadable(path, text, "a whole number");

    public virtual long GetLong(string path, long @default = 0) => Find(path) is not { } text ? @default
        : long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : throw Unreadable(path, text, "a whole number");

    public virtual double GetDouble(string path, double @default = 0) => Find(path) is not { } text ? @default
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : throw Unreadable(path, text, "a number");

    /// <summary>A list, or nothing where there is none.</summary>
    public virtual IList<string> GetStringList(string path)
    {
        var items = new List<string>();
        while (Find($"{path}.{items.Count}") is { } item) items.Add(item);
        return items;
    }

    public virtual IList<int> GetIntList(string path) => List(path, text =>
        int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : throw Unreadable(path, text, "a whole number"));

    public virtual IList<long> GetLongList(string path) => List(path, text =>
        long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : throw Unreadable(path, text, "a whole number"));

    public virtual IList<double> GetDoubleList(string path) => List(path, text =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : throw Unreadable(path, text, "a number"));

    public virtual IList<bool> GetBooleanList(string path) => List(path, text => ToBoolean(path, text));

    /// <summary>A duration: a number with ms, s, m, h or d (milliseconds without), or "infinite".</summary>
    public virtual TimeSpan GetTimeSpan(string path, TimeSpan? @default = null, bool allowInfinite = true)
    {
        if (Find(path) is not { } text) return @default ?? TimeSpan.Zero;
        if (allowInfinite && text is "infinite" or "off") return Timeout.InfiniteTimeSpan;
        return Durations.TryParse(text, out var duration) ? duration : throw Unreadable(path, text, "a duration such as 500ms, 5s or 2m");
    }

    /// <summary>These settings, and those of <paramref name="fallback"/> where these have none.</summary>
    public virtual Config WithFallback(Config fallback) => new(fallback._values.Where(pair => !IsReplaced(pair.Key)).Concat(_values));

    internal IEnumerable<KeyValuePair<string, string?>> AsPairs() => _values;

    /// <summary>A list is replaced whole, not item by item.</summary>
    private bool IsReplaced(string path)
    {
        var dot = path.LastIndexOf('.');
        return dot > 0 && !path.AsSpan(dot + 1).ContainsAnyExceptInRange('0', '9') && _values.ContainsKey($"{path[..dot]}.0");
    }

    private static bool ToBoolean(string path, string text) => text.ToLowerInvariant() switch
    {
        "on" or "true" or "yes" => true,
        "off" or "false" or "no" => false,
        _ => throw Unreadable(path, text, "on or off"),
    };

    private List<T> List<T>(string path, Func<string, T> read) => [.. GetStringList(path).Select(read)];

    private string? Find(string path) => _values.GetValueOrDefault(path);

    private IEnumerable<KeyValuePair<string, string?>> UnderPath(string path) =>
        _values.Where(pair => pair.Key.Length > path.Length && pair.Key[path.Length] == '.' && pair.Key.StartsWith(path, StringComparison.Ordinal));

    private static ConfigurationException Unreadable(string path, string text, string expected) =>
        new($"{path} is '{text}', which is not {expected}.");
}
