using System.Text.Json;
using System.Text.Unicode;
using ActorPerf.Data;

namespace ActorPerf.Storage.Entities;

/// <summary>What an entity's data must be, the same in every store, so that data moves from one to another unchanged.</summary>
internal static class EntityBytes
{
    public const int MaxBytes = 1024 * 1024;
    private const int MaxDepth = 64;
    private const int SafeDigits = 300;         // a literal so short, without an exponent, is within a double's range

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = MaxDepth };

    /// <exception cref="EntityFaultException">It breaks a rule of docs/formats/entity.md.</exception>
    public static void Check(Key key, ReadOnlyMemory<byte> data)
    {
        if (Fault(data) is { } fault) throw new EntityFaultException($"{key} cannot be stored: {fault}");
    }

    /// <summary>Null where it is sound; else what is wrong with it.</summary>
    public static string? Fault(ReadOnlyMemory<byte> data)
    {
        if (data.Length > MaxBytes) return $"it has {data.Length} bytes, and {MaxBytes} are allowed. Split it, or keep the large part in a kind of its own.";
        if (!Utf8.IsValid(data.Span)) return "it is not valid UTF-8.";
        try
        {
            using var document = JsonDocument.Parse(data, Strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object) return "it must be a JSON object.";
        }
        catch (JsonException exception)
        {
            return $"it is no JSON object with distinct members: {exception.Message}";
        }
        return TokenFault(data.Span);
    }

    private static string? TokenFault(ReadOnlySpan<byte> data)
    {
        var reader = new Utf8JsonReader(data, new JsonReaderOptions { MaxDepth = MaxDepth });
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.String or JsonTokenType.PropertyName when reader.ValueIsEscaped && !IsText(ref reader):
                    return "a text holds half a surrogate pair or the character U+0000, which databases cannot hold.";
                case JsonTokenType.Number when !IsInRange(ref reader):
                    return "a number is beyond the range of a double (about 1e308).";
                default:
                    break;
            }
        }
        return null;
    }

    private static bool IsText(ref Utf8JsonReader reader)
    {
        try
        {
            return !reader.GetString()!.Contains('\0');
        }
        catch (InvalidOperationException)
        {
            return false;      // how the reader says that a pair is broken
        }
    }

    private static bool IsInRange(ref Utf8JsonReader reader)
    {
        var literal = reader.ValueSpan;
        if (literal.Length <= SafeDigits && literal.IndexOfAny((byte)'e', (byte)'E') < 0) return true;
        var value = reader.GetDouble();
        if (!double.IsFinite(value)) return false;
        var exponent = literal.IndexOfAny((byte)'e', (byte)'E');
        var digits = exponent < 0 ? literal : literal[..exponent];
        return value != 0 || digits.IndexOfAnyInRange((byte)'1', (byte)'9') < 0;
    }
}
