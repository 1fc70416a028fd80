using System.Globalization;
using System.Text.Json;

namespace ActorPerf.Node.Output;

/// <summary>Reads answers leniently: a member that an older or newer node lacks is empty, not an error.</summary>
public static class JsonReading
{
    extension(JsonElement element)
    {
        /// <summary>The member, or null where it is missing or JSON null.</summary>
        public JsonElement? Member(string name) =>
            element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
                ? value
                : null;

        /// <summary>The member as text: strings without quotes, arrays of words joined by commas, other values as JSON; empty where missing.</summary>
        public string Text(string name) => element.Member(name) is { } value ? Plain(value) : "";

        public double? Number(string name) =>
            element.Member(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var number) ? number : null;

        public bool Flag(string name) => element.Member(name) is { ValueKind: JsonValueKind.True };

        /// <summary>The member's items; empty where it is missing or no array.</summary>
        public IReadOnlyList<JsonElement> Items(string name) =>
            element.Member(name) is { ValueKind: JsonValueKind.Array } array ? [.. array.EnumerateArray()] : [];

        /// <summary>A number of seconds in words, such as <c>1.5 s</c>; empty where missing.</summary>
        public string Seconds(string name) => element.Number(name) is { } seconds ? Words.Duration(seconds) : "";

        /// <summary>A number of bytes in words, such as <c>1.5 MiB</c>; empty where missing.</summary>
        public string Bytes(string name) => element.Number(name) is { } bytes ? Words.Bytes(bytes) : "";
    }

    private static string Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString() ?? "",
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        JsonValueKind.Array when value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) =>
            string.Join(", ", value.EnumerateArray().Select(item => item.GetString())),
        JsonValueKind.Number => value.GetRawText(),
        _ => JsonText.Compact(value),
    };
}

/// <summary>Amounts as people read them.</summary>
public static class Words
{
    public static string Duration(double seconds) => Math.Abs(seconds) switch
    {
        < 0.0005 => "0 s",
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:0} ms"),
        < 120 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.#} s"),
        < 7200 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0.#} min"),
        < 172_800 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:0.#} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 86_400:0.#} d"),
    };

    public static string Bytes(double bytes) => bytes switch
    {
        < 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes:0} B"),
        < 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024:0.#} KiB"),
        < 1024 * 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024 / 1024:0.#} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024 / 1024 / 1024:0.##} GiB"),
    };
}
