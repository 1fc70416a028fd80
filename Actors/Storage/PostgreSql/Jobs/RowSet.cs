using ActorPerf.Storage.Sql;
using Npgsql;
using NpgsqlTypes;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>A column of rows that go to the server as arrays: its name, type, and what each row has in it.</summary>
internal sealed record Column<T>(string Name, string Type, Func<IReadOnlyList<T>, NpgsqlParameter> Values);

/// <summary>Many rows in one statement, an array for each column: a statement costs the same however many rows it carries, so this is how a batch becomes cheap behind a wire.</summary>
internal static class RowSet
{
    public static Column<T> Text<T>(string name, Func<T, string?> of) => new(name, "text", rows => PostgresValues.Texts(rows.Select(of)));

    public static Column<T> Number<T>(string name, Func<T, long> of) => new(name, "bigint", rows => Array(NpgsqlDbType.Bigint, rows, of));

    public static Column<T> NumberOrNull<T>(string name, Func<T, long?> of) => new(name, "bigint", rows => Array(NpgsqlDbType.Bigint, rows, of));

    public static Column<T> Id<T>(string name, Func<T, Guid> of) => new(name, "uuid", rows => Array(NpgsqlDbType.Uuid, rows, of));

    public static Column<T> IdOrNull<T>(string name, Func<T, Guid?> of) => new(name, "uuid", rows => Array(NpgsqlDbType.Uuid, rows, of));

    public static Column<T> Real<T>(string name, Func<T, double> of) => new(name, "double precision", rows => Array(NpgsqlDbType.Double, rows, of));

    public static Column<T> Flag<T>(string name, Func<T, bool> of) => new(name, "boolean", rows => Array(NpgsqlDbType.Boolean, rows, of));

    public static Column<T> Bytes<T>(string name, Func<T, byte[]?> of) => new(name, "bytea", rows => Array(NpgsqlDbType.Bytea, rows, of));

    /// <summary><c>unnest(…) AS w (…)</c> with a parameter for each column.</summary>
    /// <param name="first">Number of the first parameter.</param>
    public static string Unnest<T>(IReadOnlyList<Column<T>> columns, int first = 1) =>
        $"unnest({string.Join(", ", columns.Select((column, i) => $"${i + first}::{column.Type}[]"))}) AS w ({Names(columns)})";

    public static string Names<T>(IEnumerable<Column<T>> columns) => string.Join(", ", columns.Select(column => column.Name));

    public static string Insert<T>(string table, IReadOnlyList<Column<T>> columns, string tail = "") =>
        $"INSERT INTO {PostgresDialect.Schema}.{table} ({Names(columns)}) SELECT {Names(columns)} FROM {Unnest(columns)} {tail}";

    public static NpgsqlParameter[] Bind<T>(IReadOnlyList<Column<T>> columns, IReadOnlyList<T> rows)
    {
        var parameters = new NpgsqlParameter[columns.Count];
        for (var i = 0; i < parameters.Length; i++) parameters[i] = columns[i].Values(rows);
        return parameters;
    }

    private static NpgsqlParameter<TValue[]> Array<T, TValue>(NpgsqlDbType type, IReadOnlyList<T> rows, Func<T, TValue> of)
    {
        var values = new TValue[rows.Count];
        for (var i = 0; i < values.Length; i++) values[i] = of(rows[i]);
        return new NpgsqlParameter<TValue[]> { NpgsqlDbType = NpgsqlDbType.Array | type, TypedValue = values };
    }
}
