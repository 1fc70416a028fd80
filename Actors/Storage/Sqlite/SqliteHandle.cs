using SQLitePCL;

namespace ActorPerf.Storage.Sqlite;

/// <summary>One connection to a SQLite database, used by one thread at a time. A thin cover of SQLite's C interface, which the hot path needs:
/// cached statements, blobs bound without copies of ours, extended error codes.</summary>
internal sealed class SqliteHandle : IDisposable
{
    private const int NoMutex = 0x8000;        // SQLITE_OPEN_NOMUTEX: one thread at a time is our own rule, so SQLite need not lock
    private const int DbStatusCacheWrite = 9;  // SQLITE_DBSTATUS_CACHE_WRITE: pages written, which in WAL mode are frames

    private const int ConfigMemStatus = 9;     // SQLITE_CONFIG_MEMSTATUS: without it every allocation of SQLite takes one lock to count itself

    static SqliteHandle()
    {
        Batteries_V2.Init();
        // Refused, and no harm done, where another part of the process has started the library already.
        raw.sqlite3_config(ConfigMemStatus, 0);
    }

    private readonly sqlite3 _db;
    private readonly nint _database;
    private readonly List<SqliteStatement> _statements = [];

    private SqliteHandle(sqlite3 db) => (_db, _database) = (db, db.DangerousGetHandle());

    /// <summary>The connection itself, for <see cref="SqliteNative"/>.</summary>
    internal nint Database => _database;

    public static string EngineVersion => raw.sqlite3_libversion().utf8_to_string();

    /// <param name="path">A file; created when <paramref name="readOnly"/> is false and it is not there.</param>
    public static SqliteHandle Open(string path, bool readOnly)
    {
        var flags = NoMutex | (readOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE);
        var code = raw.sqlite3_open_v2(path, out var db, flags, null);
        if (code != raw.SQLITE_OK)
        {
            var message = db is null ? "cannot open" : raw.sqlite3_errmsg(db).utf8_to_string();
            db?.Dispose();
            throw new SqliteFaultException(code, message, path);
        }
        raw.sqlite3_extended_result_codes(db, 1);
        return new SqliteHandle(db);
    }

    public SqliteStatement Prepare(string sql)
    {
        var code = raw.sqlite3_prepare_v3(_db, sql, raw.SQLITE_PREPARE_PERSISTENT, out var statement);
        if (code != raw.SQLITE_OK) throw Fault(code, sql);
        var prepared = new SqliteStatement(this, statement, sql);
        _statements.Add(prepared);
        return prepared;
    }

    /// <summary>Prepares a text that somebody else wrote.</summary>
    /// <exception cref="ArgumentException">It holds no statement, or several.</exception>
    public SqliteStatement PrepareOne(string sql)
    {
        var code = raw.sqlite3_prepare_v3(_db, sql, 0, out var statement, out var tail);
        if (code != raw.SQLITE_OK) throw Fault(code, sql);
        if (statement.IsInvalid || tail.AsSpan().Trim(" \t\r\n;").Length > 0)
        {
            statement.Dispose();
            throw new ArgumentException($"Give one SQL statement at a time, not none and not several: {sql}", nameof(sql));
        }
        var prepared = new SqliteStatement(this, statement, sql);
        _statements.Add(prepared);
        return prepared;
    }

    /// <summary>Runs statements that return nothing.</summary>
    public void Execute(string sql)
    {
        var code = raw.sqlite3_exec(_db, sql);
        if (code != raw.SQLITE_OK) throw Fault(code, sql);
    }

    /// <summary>The first column of the first row as text; null for none.</summary>
    public string? Scalar(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() && !statement.IsNull(0) ? statement.Text(0) : null;
    }

    /// <summary>Rows that the latest INSERT, UPDATE or DELETE changed.</summary>
    public int Changes() => SqliteNative.Changes(_database);

    /// <summary>True outside a transaction: SQLite ended it by itself after some errors.</summary>
    public bool AutoCommit => raw.sqlite3_get_autocommit(_db) != 0;

    /// <summary>Pages written since the last call.</summary>
    public int TakePagesWritten()
    {
        raw.sqlite3_db_status(_db, DbStatusCacheWrite, out var current, out _, 1);
        return current;
    }

    /// <summary>Moves committed frames from the log into the database, as far as readers allow.</summary>
    public void Checkpoint()
    {
        var code = raw.sqlite3_wal_checkpoint_v2(_db, "main", raw.SQLITE_CHECKPOINT_PASSIVE, out _, out _);
        if (code is not (raw.SQLITE_OK or raw.SQLITE_BUSY)) throw Fault(code, "checkpoint");
    }

    /// <summary>Ends the statement that runs, from another thread: its step fails with SQLITE_INTERRUPT.</summary>
    public void Interrupt() => raw.sqlite3_interrupt(_db);

    public void Dispose()
    {
        foreach (var statement in _statements) statement.Release();
        _statements.Clear();
        _db.Dispose();
    }

    internal SqliteFaultException Fault(int code, string sql) => new(
        raw.sqlite3_extended_errcode(_db) is var extended && (extended & 0xff) == (code & 0xff) ? extended : code,
        raw.sqlite3_errmsg(_db).utf8_to_string(), sql);

    internal void Forget(SqliteStatement statement) => _statements.Remove(statement);
}

/// <summary>An error of SQLite, with its extended code.</summary>
internal sealed class SqliteFaultException(int code, string message, string statement)
    : Exception($"SQLite error {code}: {message}")
{
    public int Code { get; } = code;

    public int PrimaryCode => Code & 0xff;

    public string Statement { get; } = statement;
}
