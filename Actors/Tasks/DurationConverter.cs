using System.Text.Json;
using System.Text.Json.Serialization;

namespace ActorPerf.Tasks;

/// <summary>Reads and writes a <see cref="TimeSpan"/> as the text of <see cref="Durations"/>.</summary>
internal sealed class DurationConverter : JsonConverter<TimeSpan>
{
    public const string Expected = "must be a duration such as \"5s\", \"1500ms\", \"1h30m\" or \"7d\"; never negative";

    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var length = reader.HasValueSequence ? reader.ValueSequence.Length : reader.ValueSpan.Length;
        if (reader.TokenType != JsonTokenType.String || length > Durations.MaxLength) throw new JsonException(Expected);
        Span<char> text = stackalloc char[Durations.MaxLength];
        return Durations.TryParse(text[..reader.CopyString(text)], out var duration) ? duration : throw new JsonException(Expected);
    }

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options)
    {
        if (value < TimeSpan.Zero)
        {
            writer.WriteStringValue(Durations.Format(value));
            return;
        }
        Span<char> text = stackalloc char[Durations.MaxLength];
        writer.WriteStringValue(text[..Durations.Write(value, text)]);
    }
}
