using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;
using SQLitePCL;

namespace ActorPerf.Storage.Sqlite;

/// <summary>A prepared statement. Bind from 1 in order, step, read columns from 0; <see cref="Reset"/> makes it ready again.</summary>
/// <remarks>Short texts and blobs are kept in memory of the statement's own, so that SQLite need not copy them; a value bound from there is
/// valid until the next one takes its place, which is all that SQLite asks.</remarks>
internal sealed unsafe class SqliteStatement(SqliteHandle owner, sqlite3_stmt statement, string sql) : IDisposable
{
    private const int ShortBytes = 1_024;      // of all values of one run together; a job's row has about 100

    private readonly byte* _short = (byte*)NativeMemory.Alloc(ShortBytes);
    private nint _handle = statement.DangerousGetHandle();
    private int _used;
    private int _next = 1;

    public SqliteStatement Bind(long value)
    {
        Bound(SqliteNative.BindLong(_handle, _next++, value));
        return this;
    }

    public SqliteStatement Bind(double value)
    {
        Bound(SqliteNative.BindDouble(_handle, _next++, value));
        return this;
    }

    public SqliteStatement Bind(long? value) => value is { } present ? Bind(present) : BindNull();

    public SqliteStatement Bind(string? text)
    {
        if (text is null) return BindNull();
        if (text.Length * 3 <= ShortBytes - _used)
        {
            var length = Encoding.UTF8.GetBytes(text, new Span<byte>(_short + _used, ShortBytes - _used));
            Bound(SqliteNative.BindShortText(_handle, _next++, _short + _used, length, SqliteNative.Static));
            _used += length;
            return this;
        }
        var utf8 = Encoding.UTF8.GetBytes(text);
        fixed (byte* bytes = utf8) Bound(SqliteNative.BindText(_handle, _next++, bytes, utf8.Length, SqliteNative.Transient));
        return this;
    }

    public SqliteStatement Bind(ReadOnlySpan<byte> blob)
    {
        // An empty span binds NULL; an empty blob is not the same thing, and nothing here stores one.
        if (blob.IsEmpty) return BindNull();
        if (blob.Length <= ShortBytes - _used)
        {
            blob.CopyTo(new Span<byte>(_short + _used, blob.Length));
            return BindKept(blob.Length);
        }
        fixed (byte* bytes = blob) Bound(SqliteNative.BindBlob(_handle, _next++, bytes, blob.Length, SqliteNative.Transient));
        return this;
    }

    /// <summary>Binds UTF-8 as text.</summary>
    public SqliteStatement BindUtf8(ReadOnlySpan<byte> text)
    {
        if (text.Length <= ShortBytes - _used)
        {
            text.CopyTo(new Span<byte>(_short + _used, text.Length));
            Bound(SqliteNative.BindShortText(_handle, _next++, _short + _used, text.Length, SqliteNative.Static));
            _used += text.Length;
            return this;
        }
        fixed (byte* bytes = text) Bound(SqliteNative.BindText(_handle, _next++, bytes, text.Length, SqliteNative.Transient));
        return this;
    }

    public SqliteStatement Bind(Guid value)
    {
        const int Length = 16;
        if (Length > ShortBytes - _used) return Bind(value.ToByteArray(bigEndian: true));
        value.TryWriteBytes(new Span<byte>(_short + _used, Length), bigEndian: true, out _);
        return BindKept(Length);
    }

    public SqliteStatement Bind(Guid? value) => value is { } present ? Bind(present) : BindNull();

    public SqliteStatement BindNull()
    {
        Bound(SqliteNative.BindNull(_handle, _next++));
        return this;
    }

    /// <summary>True when there is a row to read; false at the end.</summary>
    public bool Step()
    {
        var code = SqliteNative.Step(_handle);
        if (code == raw.SQLITE_ROW) return true;
        if (code == raw.SQLITE_DONE) return false;
        return Fail(code);
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
        _ = SqliteNative.Reset(_handle);       // repeats the code of the last step, which was told already
        _next = 1;
        _used = 0;
    }

    public bool IsNull(int column) => SqliteNative.ColumnType(_handle, column) == raw.SQLITE_NULL;

    public bool IsInteger(int column) => SqliteNative.ColumnType(_handle, column) == raw.SQLITE_INTEGER;

    public long Long(int column) => SqliteNative.ColumnLong(_handle, column);

    public int Int(int column) => (int)Long(column);

    public long? LongOrNull(int column) => IsNull(column) ? null : Long(column);

    public string Text(int column) => Encoding.UTF8.GetString(Bytes(column));

    /// <summary>The column's text as UTF-8, valid until the next step.</summary>
    public ReadOnlySpan<byte> Utf8(int column) => Bytes(column);

    public double Double(int column) => SqliteNative.ColumnDouble(_handle, column);

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    /// <summary>The column's bytes, valid until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column)
    {
        // The pointer first: asking for it may convert the value, and with it the length.
        var bytes = SqliteNative.ColumnBytes(_handle, column);
        return new ReadOnlySpan<byte>(bytes, SqliteNative.ColumnLength(_handle, column));
    }

    /// <summary>The column as it is kept: null, <see cref="long"/>, <see cref="double"/>, <see cref="string"/> or a byte array.</summary>
    public object? Value(int column) => SqliteNative.ColumnType(_handle, column) switch
    {
        raw.SQLITE_NULL => null,
        raw.SQLITE_INTEGER => Long(column),
        raw.SQLITE_FLOAT => Double(column),
        raw.SQLITE_TEXT => Text(column),
        _ => Bytes(column).ToArray(),
    };

    public int Columns => raw.sqlite3_column_count(statement);

    public int Parameters => raw.sqlite3_bind_parameter_count(statement);

    public byte[]? BlobOrNull(int column) => IsNull(column) ? null : Bytes(column).ToArray();

    public Guid Guid(int column) => new(Bytes(column), bigEndian: true);

    public Guid? GuidOrNull(int column) => IsNull(column) ? null : Guid(column);

    public void Dispose()
    {
        owner.Forget(this);
        Release();
    }

    internal void Release()
    {
        if (_handle == 0) return;
        _handle = 0;      // SQLite refuses a null handle instead of reading freed memory
        statement.Dispose();
        NativeMemory.Free(_short);
    }

    private void Bound(int code)
    {
        // Out of memory, or a value beyond SQLite's bounds: the row must not be written with a hole.
        if (code != raw.SQLITE_OK) Fail(code);
    }

    [DoesNotReturn]
    private bool Fail(int code)
    {
        var fault = owner.Fault(code, sql);
        Reset();
        throw fault;
    }

    private SqliteStatement BindKept(int length)
    {
        Bound(SqliteNative.BindShortBlob(_handle, _next++, _short + _used, length, SqliteNative.Static));
        _used += length;
        return this;
    }
}
