using System.Runtime.CompilerServices;
using System.Text;
using SQLitePCL;

namespace ActorPerf.Storage.Sqlite;

/// <summary>A prepared statement. Bind from 1 in order, step, read columns from 0; <see cref="Reset"/> makes it ready again.</summary>
internal sealed class SqliteStatement(SqliteHandle owner, sqlite3_stmt statement, string sql) : IDisposable
{
    private const int StackBytes = 512;

    private int _next = 1;

    public SqliteStatement Bind(long value)
    {
        raw.sqlite3_bind_int64(statement, _next++, value);
        return this;
    }

    public SqliteStatement Bind(double value)
    {
        raw.sqlite3_bind_double(statement, _next++, value);
        return this;
    }

    public SqliteStatement Bind(long? value) => value is { } present ? Bind(present) : BindNull();

    [SkipLocalsInit]       // clearing the buffer costs more than filling it
    public SqliteStatement Bind(string? text)
    {
        if (text is null) return BindNull();
        Span<byte> stack = stackalloc byte[StackBytes];
        var utf8 = text.Length * 3 <= StackBytes ? stack : new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        var length = Encoding.UTF8.GetBytes(text, utf8);
        raw.sqlite3_bind_text(statement, _next++, utf8[..length]);
        return this;
    }

    public SqliteStatement Bind(ReadOnlySpan<byte> blob)
    {
        // An empty span binds NULL; an empty blob is not the same thing, and nothing here stores one.
        if (blob.IsEmpty) return BindNull();
        raw.sqlite3_bind_blob(statement, _next++, blob);
        return this;
    }

    /// <summary>Binds UTF-8 as text.</summary>
    public SqliteStatement BindUtf8(ReadOnlySpan<byte> text)
    {
        // An empty span binds NULL; the empty string binds a text without characters.
        if (text.IsEmpty) raw.sqlite3_bind_text(statement, _next++, "");
        else raw.sqlite3_bind_text(statement, _next++, text);
        return this;
    }

    public SqliteStatement Bind(Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        raw.sqlite3_bind_blob(statement, _next++, bytes);
        return this;
    }

    public SqliteStatement Bind(Guid? value) => value is { } present ? Bind(present) : BindNull();

    public SqliteStatement BindNull()
    {
        raw.sqlite3_bind_null(statement, _next++);
        return this;
    }

    /// <summary>True when there is a row to read; false at the end.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(statement);
        if (code == raw.SQLITE_ROW) return true;
        if (code == raw.SQLITE_DONE) return false;
        var fault = owner.Fault(code, sql);
        Reset();
        throw fault;
    }

    /// <summary>Runs a statement without rows and makes it ready again.</summary>
    /// <returns>Rows changed.</returns>
    public int Run()
    {
        Step();
        Reset();
        return owner.Changes();
    }

    public void Reset()
    {
        raw.sqlite3_reset(statement);
        _next = 1;
    }

    public bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

    public bool IsInteger(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_INTEGER;

    public long Long(int column) => raw.sqlite3_column_int64(statement, column);

    public int Int(int column) => raw.sqlite3_column_int(statement, column);

    public long? LongOrNull(int column) => IsNull(column) ? null : Long(column);

    public string Text(int column) => raw.sqlite3_column_text(statement, column).utf8_to_string();

    /// <summary>The column's text as UTF-8, valid until the next step.</summary>
    public ReadOnlySpan<byte> Utf8(int column) => raw.sqlite3_column_blob(statement, column);

    public double Double(int column) => raw.sqlite3_column_double(statement, column);

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    /// <summary>The column's bytes, valid until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(statement, column);

    public byte[]? BlobOrNull(int column) => IsNull(column) ? null : Bytes(column).ToArray();

    public Guid Guid(int column) => new(Bytes(column), bigEndian: true);

    public Guid? GuidOrNull(int column) => IsNull(column) ? null : Guid(column);

    public void Dispose()
    {
        owner.Forget(this);
        Release();
    }

    internal void Release() => statement.Dispose();
}
