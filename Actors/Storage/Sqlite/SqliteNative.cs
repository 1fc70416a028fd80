using System.Runtime.InteropServices;

namespace ActorPerf.Storage.Sqlite;

/// <summary>The calls of SQLite's C interface that are made for every value of every row, on bare handles.</summary>
/// <remarks>
/// A job makes about 150 of them. Through the package's safe handles each also counts a reference up and down and tells the collector that it
/// leaves managed code, which together cost a tenth of the writer's time. All but <see cref="Step"/> and <see cref="Reset"/> return within
/// nanoseconds, take no lock (connections are opened without one) and call nothing back, so they may keep the collector waiting that long.
/// The caller owns the handle and keeps it alive: <see cref="SqliteStatement"/>, <see cref="SqliteHandle"/>.
/// </remarks>
internal static unsafe partial class SqliteNative
{
    private const string Library = "e_sqlite3";      // the one that the package brings and has loaded

    /// <summary>The value stays where it is until it is bound anew.</summary>
    public const nint Static = 0;

    /// <summary>SQLite takes a copy.</summary>
    public const nint Transient = -1;

    [LibraryImport(Library, EntryPoint = "sqlite3_step")]
    public static partial int Step(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_reset")]
    public static partial int Reset(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_changes"), SuppressGCTransition]
    public static partial int Changes(nint database);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_int64"), SuppressGCTransition]
    public static partial int BindLong(nint statement, int index, long value);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_double"), SuppressGCTransition]
    public static partial int BindDouble(nint statement, int index, double value);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_null"), SuppressGCTransition]
    public static partial int BindNull(nint statement, int index);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_text"), SuppressGCTransition]
    public static partial int BindShortText(nint statement, int index, byte* utf8, int bytes, nint lifetime);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_blob"), SuppressGCTransition]
    public static partial int BindShortBlob(nint statement, int index, byte* blob, int bytes, nint lifetime);

    /// <summary>For texts whose copy takes long enough that the collector should not wait for it.</summary>
    [LibraryImport(Library, EntryPoint = "sqlite3_bind_text")]
    public static partial int BindText(nint statement, int index, byte* utf8, int bytes, nint lifetime);

    /// <inheritdoc cref="BindText"/>
    [LibraryImport(Library, EntryPoint = "sqlite3_bind_blob")]
    public static partial int BindBlob(nint statement, int index, byte* blob, int bytes, nint lifetime);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_type"), SuppressGCTransition]
    public static partial int ColumnType(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_int64"), SuppressGCTransition]
    public static partial long ColumnLong(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_double"), SuppressGCTransition]
    public static partial double ColumnDouble(nint statement, int column);

    /// <summary>A blob's or a text's bytes (the database is UTF-8); null for NULL and for nothing.</summary>
    [LibraryImport(Library, EntryPoint = "sqlite3_column_blob"), SuppressGCTransition]
    public static partial byte* ColumnBytes(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_bytes"), SuppressGCTransition]
    public static partial int ColumnLength(nint statement, int column);

    /// <summary>Asks before a statement is prepared: action, its two names, database, trigger or view.</summary>
    [LibraryImport(Library, EntryPoint = "sqlite3_set_authorizer")]
    public static partial int SetAuthorizer(nint database, delegate* unmanaged[Cdecl]<nint, int, byte*, byte*, byte*, byte*, int> ask, nint state);

    /// <summary>Asks every so many instructions whether to go on; anything but 0 interrupts.</summary>
    [LibraryImport(Library, EntryPoint = "sqlite3_progress_handler")]
    public static partial void SetProgress(nint database, int instructions, delegate* unmanaged[Cdecl]<nint, int> ask, nint state);
}
