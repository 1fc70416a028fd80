using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ActorPerf.Tasks;

/// <summary>Writes typed arguments in canonical form. On the way of every cache hit: writer and buffer are kept per thread.</summary>
internal static class ArgsKey
{
    private const int KeptCapacity = 64 * 1024;

    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer)? _kept;

    /// <returns>False where a value cannot be written as JSON, such as an infinite number.</returns>
    public static bool TryWrite<TArgs>(TArgs args, JsonTypeInfo<TArgs> type, [NotNullWhen(true)] out byte[]? canonical)
    {
        var (buffer, writer) = _kept ?? Create(type.Options);
        _kept = null; // a converter of a user's type may come back here
        try
        {
            JsonSerializer.Serialize(writer, args, type);
            return CanonicalJson.TryWrite(buffer.WrittenSpan, out canonical);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            canonical = null;
            return false;
        }
        finally
        {
            if (buffer.Capacity <= KeptCapacity)
            {
                buffer.ResetWrittenCount();
                writer.Reset();
                _kept = (buffer, writer);
            }
        }
    }

    private static (ArrayBufferWriter<byte>, Utf8JsonWriter) Create(JsonSerializerOptions options)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        return (buffer, new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = options.Encoder, SkipValidation = true }));
    }
}
