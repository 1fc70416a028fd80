using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ActorPerf.Load.Figures;

/// <summary>Durations as numbers of seconds, to the microsecond.</summary>
internal sealed class SecondsJson : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => FromSeconds(reader.GetDouble());

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => writer.WriteNumberValue(Of(value));

    /// <summary>Exact where a binary fraction would add digits that nobody measured.</summary>
    public static decimal Of(TimeSpan value) => (long)Math.Round(value.TotalMicroseconds) / 1_000_000m;

    public static TimeSpan FromSeconds(double seconds)
    {
        if (!(Math.Abs(seconds) < 1e9)) throw new JsonException($"{seconds} seconds are no duration of a load test.");
        return TimeSpan.FromMicroseconds(Math.Round(seconds * 1e6));
    }
}

/// <summary>Times of day: RFC 3339, UTC, milliseconds.</summary>
internal sealed class MomentJson : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
}

/// <summary>Rates and shares with six digits after the point; JSON has no word for what is not finite, so it is zero.</summary>
internal sealed class FiniteJson : JsonConverter<double>
{
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options) => writer.WriteNumberValue(double.IsFinite(value) ? Math.Round(value, 6) : 0);
}

internal sealed class LoadStateJson() : JsonStringEnumConverter<LoadState>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);

internal sealed class LoadVerdictJson() : JsonStringEnumConverter<LoadVerdict>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);

/// <summary>A plan's model as the object that the API takes: one with <c>rate</c> is open, else it is closed.</summary>
internal sealed class LoadModelJson : JsonConverter<LoadModel>
{
    public override LoadModel? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return document.RootElement.TryGetProperty("rate", out _)
            ? document.RootElement.Deserialize(LoadJson.Default.Open)
            : document.RootElement.Deserialize(LoadJson.Default.Closed);
    }

    public override void Write(Utf8JsonWriter writer, LoadModel value, JsonSerializerOptions options)
    {
        switch (value)
        {
            case LoadModel.Closed closed: JsonSerializer.Serialize(writer, closed, LoadJson.Default.Closed); break;
            case LoadModel.Open open: JsonSerializer.Serialize(writer, open, LoadJson.Default.Open); break;
            default: throw new JsonException($"A model of kind {value.GetType().Name} has no form in JSON.");
        }
    }
}

/// <summary>A threshold as its text; as an object where it can end the run.</summary>
internal sealed class LoadThresholdJson : JsonConverter<LoadThreshold>
{
    public override LoadThreshold? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String) return Parse(reader.GetString());
        using var document = JsonDocument.ParseValue(ref reader);
        var (text, delay) = (document.RootElement.GetProperty("threshold").GetString(), document.RootElement.GetProperty("delayAbort").GetDouble());
        return Parse(text) with { AbortOnFail = true, DelayAbort = SecondsJson.FromSeconds(delay) };
    }

    public override void Write(Utf8JsonWriter writer, LoadThreshold value, JsonSerializerOptions options)
    {
        if (!value.AbortOnFail)
        {
            writer.WriteStringValue(value.ToString());
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("threshold", value.ToString());
        writer.WriteBoolean("abortOnFail", true);
        writer.WriteNumber("delayAbort", SecondsJson.Of(value.DelayAbort));
        writer.WriteEndObject();
    }

    private static LoadThreshold Parse(string? text) => LoadThreshold.Parse(text, out var fault) ?? throw new JsonException(fault);
}
