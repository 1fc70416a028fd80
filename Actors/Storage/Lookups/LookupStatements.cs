using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ActorPerf.Data;
using ActorPerf.Storage.Sql;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace ActorPerf.Storage.Lookups;

/// <summary>What ids a key column can hold.</summary>
internal enum LookupKeyType
{
    Integer,
    Uuid,
    Text,
}

/// <summary>How one database is asked for its catalogue, and for many rows by their keys. The first column of every answer is the place of the key in the call.</summary>
internal abstract class LookupStatements
{
    private LookupStatements()
    {
    }

    protected abstract SqlDialect Dialect { get; }

    /// <summary>Lists tables and views, each with its schema: <c>schema, name, whether that schema needs no mention</c>.</summary>
    public abstract string Tables { get; }

    /// <summary>Lists columns of a table, in their order: <c>name, type</c>. Parameters: schema, table.</summary>
    public abstract string Columns { get; }

    public static LookupStatements Of(string provider) => provider switch
    {
        "sqlite" => new Sqlite(),
        "postgresql" => new Postgres(),
        _ => new SqlServer(),
    };

    public abstract DbParameter CatalogueParameter(int number, string value);

    /// <summary>Null where a column of this type is no key that ids could name.</summary>
    public abstract LookupKeyType? KeyTypeOf(string type);

    /// <summary>Fills in the statement for these keys.</summary>
    /// <param name="keys"><c>long</c>, <c>Guid</c> or <c>string</c>, as the column's type is; at least one.</param>
    public abstract void Fill(DbCommand command, LookupShape shape, IReadOnlyList<object> keys);

    /// <summary>The columns of the row, as they stand in a SELECT.</summary>
    protected string RowOf(LookupShape shape) => string.Join(", ", shape.Columns.Select(column => $"t.{Dialect.Name(column)}"));

    protected string KeyOf(LookupShape shape) => $"t.{Dialect.Name(shape.Key)}";

    protected string TableOf(LookupShape shape) => shape.Schema.Length > 0 ? $"{Dialect.Name(shape.Schema)}.{Dialect.Name(shape.Table)}" : Dialect.Name(shape.Table);

    private static void Add(DbCommand command, DbParameter parameter) => command.Parameters.Add(parameter);

    /// <summary>One text for every number of keys, the keys a JSON array that stands on the outer side, so that each is one seek.</summary>
    private sealed class Sqlite : LookupStatements
    {
        protected override SqlDialect Dialect => SqliteDialect.Instance;

        public override string Tables => "SELECT '', name, 1 FROM sqlite_schema WHERE type IN ('table', 'view')";

        public override string Columns => "SELECT name, type FROM pragma_table_xinfo(@p2) WHERE @p1 = '' ORDER BY cid";

        public override DbParameter CatalogueParameter(int number, string value) => new SqliteParameter(string.Create(CultureInfo.InvariantCulture, $"@p{number}"), value);

        // SQLite's own rule of affinity: INT makes an integer; CHAR, CLOB or TEXT a text.
        public override LookupKeyType? KeyTypeOf(string type) =>
            type.Contains("INT", StringComparison.OrdinalIgnoreCase) ? LookupKeyType.Integer
            : type.Contains("CHAR", StringComparison.OrdinalIgnoreCase) || type.Contains("CLOB", StringComparison.OrdinalIgnoreCase) || type.Contains("TEXT", StringComparison.OrdinalIgnoreCase)
                || type.Equals("UUID", StringComparison.OrdinalIgnoreCase) ? LookupKeyType.Text
            : null;

        public override void Fill(DbCommand command, LookupShape shape, IReadOnlyList<object> keys)
        {
            if (keys.Count == 1)
            {
                command.CommandText = $"SELECT 0, {RowOf(shape)} FROM {TableOf(shape)} t WHERE {KeyOf(shape)} = @p1";
                Add(command, new SqliteParameter("@p1", keys[0]));
                return;
            }
            command.CommandText = $"SELECT k.key, {RowOf(shape)} FROM json_each(@p1) k CROSS JOIN {TableOf(shape)} t ON {KeyOf(shape)} = k.value";
            Add(command, new SqliteParameter("@p1", Json(keys)));
        }

        private static string Json(IReadOnlyList<object> keys)
        {
            using var stream = new MemoryStream();
            using (var writer = new Utf8JsonWriter(stream))
            {
                writer.WriteStartArray();
                foreach (var key in keys)
                {
                    if (key is long number) writer.WriteNumberValue(number);
                    else writer.WriteStringValue((string)key);
                }
                writer.WriteEndArray();
            }
            return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
        }
    }

    /// <summary>One text for every number of keys; a single one stands by itself, for the planner treats it better.</summary>
    private sealed class Postgres : LookupStatements
    {
        protected override SqlDialect Dialect => PostgresDialect.Instance;

        public override string Tables => """
            SELECT n.nspname, c.relname, pg_table_is_visible(c.oid)::integer FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
            """;

        public override string Columns => """
            SELECT a.attname, t.typname FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_type t ON t.oid = a.atttypid WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
            """;

        public override DbParameter CatalogueParameter(int number, string value) => new NpgsqlParameter<string> { TypedValue = value };

        public override LookupKeyType? KeyTypeOf(string type) => type switch
        {
            "int2" or "int4" or "int8" => LookupKeyType.Integer,
            "uuid" => LookupKeyType.Uuid,
            "text" or "varchar" or "bpchar" => LookupKeyType.Text,
            _ => null,
        };

        public override void Fill(DbCommand command, LookupShape shape, IReadOnlyList<object> keys)
        {
            // Of the column's own type, so that the comparison stays on the index.
            var type = shape.KeyType switch { LookupKeyType.Integer => "bigint", LookupKeyType.Uuid => "uuid", _ => shape.KeyTypeName == "bpchar" ? "bpchar" : "text" };
            if (keys.Count == 1)
            {
                command.CommandText = $"SELECT 0, {RowOf(shape)} FROM {TableOf(shape)} t WHERE {KeyOf(shape)} = $1::{type}";
                Add(command, shape.KeyType switch
                {
                    LookupKeyType.Integer => new NpgsqlParameter<long> { TypedValue = (long)keys[0] },
                    LookupKeyType.Uuid => new NpgsqlParameter<Guid> { TypedValue = (Guid)keys[0] },
                    _ => new NpgsqlParameter<string> { TypedValue = (string)keys[0] },
                });
                return;
            }
            command.CommandText = $"SELECT (k.n - 1)::integer, {RowOf(shape)} FROM unnest($1::{type}[]) WITH ORDINALITY AS k (key, n) JOIN {TableOf(shape)} t ON {KeyOf(shape)} = k.key";
            Add(command, shape.KeyType switch
            {
                LookupKeyType.Integer => new NpgsqlParameter<long[]> { TypedValue = [.. keys.Cast<long>()] },
                LookupKeyType.Uuid => new NpgsqlParameter<Guid[]> { TypedValue = [.. keys.Cast<Guid>()] },
                _ => new NpgsqlParameter<string[]> { TypedValue = [.. keys.Cast<string>()] },
            });
        }
    }

    /// <summary>Numbers of keys come in few sizes, each with its own text and so its own plan; the rest of a size is filled with its last key. A table of values
    /// needs nothing to be created in the user's database, which a table-valued parameter would.</summary>
    private sealed class SqlServer : LookupStatements
    {
        private const int KeyLength = 450;

        protected override SqlDialect Dialect => SqlServerDialect.Instance;

        public override string Tables => "SELECT TABLE_SCHEMA, TABLE_NAME, CASE WHEN TABLE_SCHEMA = SCHEMA_NAME() THEN 1 ELSE 0 END FROM INFORMATION_SCHEMA.TABLES";

        public override string Columns => "SELECT COLUMN_NAME, DATA_TYPE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = @p1 AND TABLE_NAME = @p2 ORDER BY ORDINAL_POSITION";

        public override DbParameter CatalogueParameter(int number, string value) =>
            new SqlParameter(string.Create(CultureInfo.InvariantCulture, $"@p{number}"), SqlDbType.NVarChar, 128) { Value = value };

        public override LookupKeyType? KeyTypeOf(string type) => type switch
        {
            "tinyint" or "smallint" or "int" or "bigint" => LookupKeyType.Integer,
            "uniqueidentifier" => LookupKeyType.Uuid,
            "char" or "varchar" or "nchar" or "nvarchar" => LookupKeyType.Text,
            _ => null,
        };

        public override void Fill(DbCommand command, LookupShape shape, IReadOnlyList<object> keys)
        {
            var size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)keys.Count);
            for (var i = 0; i < size; i++)
                Add(command, Parameter(string.Create(CultureInfo.InvariantCulture, $"@p{i + 1}"), shape, keys[Math.Min(i, keys.Count - 1)]));
            command.CommandText = size == 1
                ? $"SELECT 0, {RowOf(shape)} FROM {TableOf(shape)} t WHERE {KeyOf(shape)} = @p1"
                : $"SELECT k.n, {RowOf(shape)} FROM (VALUES {Values(size)}) AS k (n, [key]) INNER LOOP JOIN {TableOf(shape)} t ON {KeyOf(shape)} = k.[key]";
        }

        private static string Values(int size) => string.Join(", ", Enumerable.Range(0, size).Select(i => string.Create(CultureInfo.InvariantCulture, $"({i}, @p{i + 1})")));

        // A parameter of another type than the column's would make the server convert the column, row by row.
        private static SqlParameter Parameter(string name, LookupShape shape, object key) => shape.KeyType switch
        {
            LookupKeyType.Integer => new SqlParameter(name, SqlDbType.BigInt) { Value = key },
            LookupKeyType.Uuid => new SqlParameter(name, SqlDbType.UniqueIdentifier) { Value = key },
            _ => new SqlParameter(name, shape.KeyTypeName is "char" or "varchar" ? SqlDbType.VarChar : SqlDbType.NVarChar, KeyLength) { Value = key },
        };
    }
}

/// <summary>A table as it was found in the catalogue.</summary>
/// <param name="Schema">Empty where there are none.</param>
/// <param name="Columns">Those to be served.</param>
internal sealed record LookupShape(string Schema, string Table, string Key, LookupKeyType KeyType, string KeyTypeName, IReadOnlyList<string> Columns);
