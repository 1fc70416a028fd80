using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static SQLitePCL.raw;

namespace ActorPerf.Storage.Sqlite;

/// <summary>Stands between somebody else's statements and the writer's connection: SQLite asks it about every table that a statement would touch, and every
/// so often whether the statement may go on.</summary>
/// <remarks>It stays on the connection from its first use and lets everything pass while no work runs: to be set anew would make SQLite prepare all
/// of our own statements again.</remarks>
internal sealed unsafe class SqliteGuard : IDisposable
{
    private const int Instructions = 1_000;      // some ten microseconds
    private const int Ok = 0;
    private const int Deny = 1;                  // SQLITE_DENY: the statement is not prepared

    private static readonly string[] Schema = ["sqlite_master", "sqlite_schema", "sqlite_sequence"];

    private readonly SqliteHandle _handle;
    private readonly TimeProvider _time;
    private readonly GCHandle _self;
    private long _started;
    private string? _index;                      // the newest that the work makes
    private bool _on;

    public SqliteGuard(SqliteHandle handle, TimeProvider time)
    {
        (_handle, _time) = (handle, time);
        _self = GCHandle.Alloc(this);
        if (SqliteNative.SetAuthorizer(handle.Database, &Authorize, GCHandle.ToIntPtr(_self)) == Ok) return;
        _self.Free();
        throw new InvalidOperationException("SQLite took no authorizer.");
    }

    /// <summary>Why the newest statement that was not allowed was not; null where all were.</summary>
    public string? Denied { get; private set; }

    /// <summary>A statement was broken off because the work took too long.</summary>
    public bool Interrupted { get; private set; }

    /// <summary>From here on statements are somebody else's.</summary>
    public void Enter()
    {
        (Denied, Interrupted, _index, _started, _on) = (null, false, null, _time.GetTimestamp(), true);
        SqliteNative.SetProgress(_handle.Database, Instructions, &Progress, GCHandle.ToIntPtr(_self));
    }

    /// <returns>How long it was.</returns>
    public TimeSpan Leave()
    {
        _on = false;
        SqliteNative.SetProgress(_handle.Database, 0, null, 0);
        return _time.GetElapsedTime(_started);
    }

    /// <summary>A fault that is not the statement's doing: no space, a failing disk, a damaged file, no memory.</summary>
    public static bool IsEngines(SqliteFaultException fault) =>
        fault.PrimaryCode is SQLITE_FULL or SQLITE_IOERR or SQLITE_CORRUPT or SQLITE_NOTADB or SQLITE_READONLY or SQLITE_CANTOPEN or SQLITE_PERM or SQLITE_NOMEM;

    /// <summary>After the connection is closed.</summary>
    public void Dispose() => _self.Free();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Progress(nint state)
    {
        if (GCHandle.FromIntPtr(state).Target is not SqliteGuard guard || guard._time.GetElapsedTime(guard._started) <= ISqliteTransactions.Longest) return 0;
        guard.Interrupted = true;
        return 1;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Authorize(nint state, int action, byte* first, byte* second, byte* database, byte* inner)
    {
        if (GCHandle.FromIntPtr(state).Target is not SqliteGuard { _on: true } guard) return Ok;
        if (action == SQLITE_CREATE_INDEX) guard._index = Marshal.PtrToStringUTF8((nint)first);
        // To make an index SQLite fills it, which is asked for as if it were made anew.
        if (action == SQLITE_REINDEX && guard._index is { } index && index == Marshal.PtrToStringUTF8((nint)first)) return Ok;
        var fault = Fault(action, Marshal.PtrToStringUTF8((nint)first), Marshal.PtrToStringUTF8((nint)second), Marshal.PtrToStringUTF8((nint)database));
        if (fault is null) return Ok;
        guard.Denied = fault;
        return Deny;
    }

    /// <summary>Null when it is allowed.</summary>
    private static string? Fault(int action, string? first, string? second, string? database) => action switch
    {
        // ALTER looks there, too, for what may name the table.
        SQLITE_READ or SQLITE_UPDATE when database is "temp" && first is "sqlite_temp_master" or "sqlite_temp_schema" => null,
        // So does DROP, for the statistics that the node's own ANALYZE wrote of it.
        SQLITE_READ or SQLITE_DELETE when first is "sqlite_stat1" or "sqlite_stat4" => null,
        _ when database is not (null or "main") => $"The database '{database}' is not part of the transaction. Use tables of the node's file.",
        SQLITE_SELECT or SQLITE_RECURSIVE => null,
        SQLITE_FUNCTION => second is "load_extension" ? "load_extension is not allowed in a node's transaction." : null,
        SQLITE_READ or SQLITE_INSERT or SQLITE_UPDATE or SQLITE_DELETE or SQLITE_CREATE_TABLE or SQLITE_DROP_TABLE or SQLITE_CREATE_VIEW or SQLITE_DROP_VIEW => Table(first),
        SQLITE_CREATE_INDEX or SQLITE_DROP_INDEX or SQLITE_CREATE_TRIGGER or SQLITE_DROP_TRIGGER or SQLITE_ALTER_TABLE => Table(second),
        SQLITE_TRANSACTION or SQLITE_SAVEPOINT => "BEGIN, COMMIT, ROLLBACK and savepoints are the node's: leave the work by an exception to take it back.",
        SQLITE_PRAGMA => $"PRAGMA {first} is not allowed in a node's transaction.",
        SQLITE_ATTACH or SQLITE_DETACH => "ATTACH and DETACH are not allowed in a node's transaction.",
        _ => "Statements of this kind are not allowed in a node's transaction: use SELECT, INSERT, UPDATE, DELETE, and CREATE, ALTER or DROP of tables, indexes, views and triggers of your own.",
    };

    private static string? Table(string? name) =>
        name is null || Schema.Contains(name, StringComparer.OrdinalIgnoreCase) ? null
        : SqliteSchema.Tables.Contains(name) ? $"Table '{name}' is ActorPerf's own. Use tables of your own, and IJobs or IData for what ActorPerf keeps."
        : name.StartsWith("sqlite_", StringComparison.OrdinalIgnoreCase) || name.StartsWith("pragma_", StringComparison.OrdinalIgnoreCase) ? $"Table '{name}' is SQLite's own. Use tables of your own."
        : null;
}
