using System.Buffers;
using System.Data.Common;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Npgsql;

namespace ActorPerf.Storage.Lookups;

/// <summary>Writes a row as a JSON object: numbers as numbers, times in ISO 8601, UUIDs in lower case, bytes in base64, JSON columns as they are.</summary>
/// <remarks>What is written raw is one well-formed JSON value, so a row is always one object. PostgreSQL sees to that in columns of its JSON types; elsewhere a
/// type is a declaration that binds no value (SQLite), so each is looked at: a text that is JSON of at most 64 levels is that, any other a text, a BLOB is bytes, SQLite's
/// own JSONB among them.</remarks>
internal sealed class RowJson
{
    private readonly int[] _columns;
    private readonly JsonEncodedText[] _names;
    private readonly bool[] _json;
    private readonly bool _trusted;
    private readonly ArrayBufferWriter<byte> _buffer = new(256);

    /// <param name="first">The first column to write; those before it are ours.</param>
    /// <exception cref="InvalidOperationException">Two columns have one name.</exception>
    public RowJson(DbDataReader reader, int first)
    {
        _columns = [.. Enumerable.Range(first, reader.FieldCount - first)];
        var names = Array.ConvertAll(_columns, reader.GetName);
        if (names.Distinct(StringComparer.Ordinal).Count() < names.Length)
            throw new InvalidOperationException($"Two columns have one name ({string.Join(", ", names)}), so they cannot be members of one object. Name them apart with AS.");
        _names = Array.ConvertAll(names, name => JsonEncodedText.Encode(name));
        _json = Array.ConvertAll(_columns, column => IsJsonType(reader.GetDataTypeName(column)));
        _trusted = reader is NpgsqlDataReader;
    }

    /// <summary>The reader's current row.</summary>
    public ReadOnlyMemory<byte> Write(DbDataReader reader)
    {
        _buffer.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_buffer))
        {
            writer.WriteStartObject();
            for (var i = 0; i < _columns.Length; i++)
            {
                writer.WritePropertyName(_names[i]);
                if (reader.IsDBNull(_columns[i])) writer.WriteNullValue();
                else if (reader.GetValue(_columns[i]) is var value && _json[i] && value is string text && (_trusted || IsJson(text))) writer.WriteRawValue(text, skipInputValidation: true);
                else Write(writer, value);
            }
            writer.WriteEndObject();
        }
        return _buffer.WrittenSpan.ToArray();
    }

    private static bool IsJsonType(string type) => type.Equals("json", StringComparison.OrdinalIgnoreCase) || type.Equals("jsonb", StringComparison.OrdinalIgnoreCase);

    private static bool IsJson(string text)
    {
        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
            while (reader.Read())
            {
                // To the end: one value, and nothing behind it.
            }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static void Write(Utf8JsonWriter writer, object value)
    {
        switch (value)
        {
            case string text: writer.WriteStringValue(text); break;
            case long number: writer.WriteNumberValue(number); break;
            case int number: writer.WriteNumberValue(number); break;
            case short number: writer.WriteNumberValue(number); break;
            case byte number: writer.WriteNumberValue(number); break;
            case decimal number: writer.WriteNumberValue(number); break;
            case double number when double.IsFinite(number): writer.WriteNumberValue(number); break;
            case float number when float.IsFinite(number): writer.WriteNumberValue(number); break;
            case double or float: writer.WriteNullValue(); break;
            case bool flag: writer.WriteBooleanValue(flag); break;
            case Guid guid: writer.WriteStringValue(guid); break;
            case DateTime time: writer.WriteStringValue(time); break;
            case DateTimeOffset time: writer.WriteStringValue(time); break;
            case DateOnly date: writer.WriteStringValue(date.ToString("O", CultureInfo.InvariantCulture)); break;
            case TimeOnly time: writer.WriteStringValue(time.ToString("O", CultureInfo.InvariantCulture)); break;
            case TimeSpan span: writer.WriteStringValue(span.ToString("c", CultureInfo.InvariantCulture)); break;
            case byte[] bytes: writer.WriteBase64StringValue(bytes); break;
            case Array list:
                writer.WriteStartArray();
                foreach (var item in list)
                {
                    if (item is null or DBNull) writer.WriteNullValue();
                    else Write(writer, item);
                }
                writer.WriteEndArray();
                break;
            default: writer.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture)); break;
        }
    }
}
