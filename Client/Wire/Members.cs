using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using ActorPerf.Jobs;

namespace ActorPerf.Client.Wire;

/// <summary>Members of a JSON object that may be absent or null.</summary>
internal static class Members
{
    extension(JsonElement json)
    {
        public JsonElement? Member(string name) =>
            json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

        public string? Text(string name) => json.Member(name)?.GetString();

        /// <exception cref="JsonException">It is not there.</exception>
        public string Needed(string name) => json.Text(name) ?? throw new JsonException($"The node's answer has no '{name}'. Use a client of the node's version.");

        public long? Long(string name) => json.Member(name)?.GetInt64();

        public int Int(string name) => json.Member(name)?.GetInt32() ?? 0;

        public bool Flag(string name) => json.Member(name)?.GetBoolean() ?? false;

        /// <summary>A number of seconds.</summary>
        public TimeSpan? Seconds(string name) => json.Member(name) is { } seconds ? new TimeSpan((long)Math.Round(seconds.GetDecimal() * TimeSpan.TicksPerSecond)) : null;

        public DateTimeOffset? Time(string name) => json.Text(name) is { } text ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal) : null;

        public JobId? Id(string name) => json.Member(name) is { } id ? new JobId(id.GetGuid()) : null;

        /// <summary>Its exact bytes; null where it is absent or null.</summary>
        public ReadOnlyMemory<byte>? Raw(string name) => json.Member(name) is { } value ? new ReadOnlyMemory<byte>(JsonMarshal.GetRawUtf8Value(value).ToArray()) : default(ReadOnlyMemory<byte>?);

        public IEnumerable<JsonElement> Items(string name) => json.Member(name) is { ValueKind: JsonValueKind.Array } items ? items.EnumerateArray() : [];
    }

    /// <exception cref="JsonException">It is no state.</exception>
    public static JobState State(string? word) =>
        JobStates.TryParse(word, out var state) ? state : throw new JsonException($"The node speaks of a state '{word}'. Use a client of the node's version.");
}
