using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>Parameters by place, and columns that may be null. Every parameter names its type, so that a null has one.</summary>
internal static class PostgresValues
{
    public static NpgsqlCommand Bind(this NpgsqlCommand command, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        return command;
    }

    public static NpgsqlBatchCommand Bind(this NpgsqlBatchCommand command, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        return command;
    }

    /// <summary>All rows.</summary>
    public static async Task<List<T>> ListAsync<T>(this NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken ct)
    {
        var rows = new List<T>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct)) rows.Add(read(reader));
        return rows;
    }

    /// <summary>Text as the server can keep it: it knows neither U+0000 nor half of a surrogate pair, and takes U+FFFD in their place.</summary>
    public static NpgsqlParameter Text(string? value) => Of(NpgsqlDbType.Text, value is null ? null : Storable(value));

    public static NpgsqlParameter Number(long? value) => Of(NpgsqlDbType.Bigint, value);

    public static NpgsqlParameter Small(int? value) => Of(NpgsqlDbType.Integer, value);

    public static NpgsqlParameter Real(double value) => Of(NpgsqlDbType.Double, value);

    public static NpgsqlParameter Flag(bool? value) => Of(NpgsqlDbType.Boolean, value);

    public static NpgsqlParameter Id(Guid? value) => Of(NpgsqlDbType.Uuid, value);

    public static NpgsqlParameter Bytes(byte[]? value) => Of(NpgsqlDbType.Bytea, value);

    public static NpgsqlParameter Time(DateTimeOffset? value) => Number(PostgresTime.ToMicroseconds(value));

    public static NpgsqlParameter Texts(IEnumerable<string?> values) => Of(NpgsqlDbType.Array | NpgsqlDbType.Text, values.Select(value => value is null ? null : Storable(value)).ToArray());

    public static NpgsqlParameter Numbers(IEnumerable<long> values) => Of(NpgsqlDbType.Array | NpgsqlDbType.Bigint, values.ToArray());

    public static NpgsqlParameter Smalls(IEnumerable<int> values) => Of(NpgsqlDbType.Array | NpgsqlDbType.Integer, values.ToArray());

    public static NpgsqlParameter Ids(IEnumerable<Guid?> values) => Of(NpgsqlDbType.Array | NpgsqlDbType.Uuid, values.ToArray());

    public static string? TextOrNull(this NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    public static long? NumberOrNull(this NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);

    public static Guid? IdOrNull(this NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetGuid(column);

    public static byte[]? BytesOrNull(this NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<byte[]>(column);

    public static DateTimeOffset Time(this NpgsqlDataReader reader, int column) => PostgresTime.ToTime(reader.GetInt64(column));

    public static DateTimeOffset? TimeOrNull(this NpgsqlDataReader reader, int column) => PostgresTime.ToTime(reader.NumberOrNull(column));

    /// <summary>A list of texts as one column; null for an empty one.</summary>
    public static string? WriteList(IReadOnlyList<string> list) => list.Count == 0 ? null : JsonSerializer.Serialize(list, StorageJson.Default.IReadOnlyListString);

    public static IReadOnlyList<string> ReadList(this NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? [] : JsonSerializer.Deserialize(reader.GetString(column), StorageJson.Default.IReadOnlyListString) ?? [];

    private static NpgsqlParameter Of(NpgsqlDbType type, object? value) => new() { NpgsqlDbType = type, Value = value ?? DBNull.Value };

    private static string Storable(string text)
    {
        for (var i = 0; i < text.Length; i++)
            if (text[i] == '\0' || char.IsSurrogate(text[i])) return Replaced(text);
        return text;
    }

    private static string Replaced(string text) => string.Concat(text.EnumerateRunes().Select(rune => rune.Value == 0 ? "\uFFFD" : rune.ToString()));
}
