using ActorPerf.Cluster;
using System.Globalization;
using ActorPerf.Jobs;
using Microsoft.Data.Sqlite;

namespace ActorPerf.Storage.Sqlite;

/// <summary>One SQLite file: its lock, its schema, the only writer with its queue, and the readers.</summary>
/// <remarks>Invariants: one process has the file (a lock file proves every earlier owner dead); one connection writes, and it alone moves the log
/// into the database; commits are synced before they are reported (WAL, synchronous=FULL).</remarks>
internal sealed class SqliteDatabase : IWriteConnection, IDisposable
{
    /// <summary>The oldest engine this program was tested with.</summary>
    public static Version OldestEngine { get; } = new(3, 50, 0);

    private const int Readers = 2;
    private const int CheckpointPages = 4_000;      // about 32 MiB of log
    private const string Pragmas = "PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF; PRAGMA busy_timeout = 5000;";

    private readonly SqliteLock _lock;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private int _pages;

    private SqliteDatabase(string path, SqliteLock held, SqliteHandle writer, Action<Exception> fatal)
    {
        Path = path;
        _lock = held;
        Writer = writer;
        _begin = writer.Prepare("BEGIN IMMEDIATE");
        _commit = writer.Prepare("COMMIT");
        Queue = new WriteQueue("actorperf-writer", this, fatal);
        Reads = new SqliteReaders(path, Readers);
    }

    public string Path { get; }

    public SqliteHandle Writer { get; }

    public WriteQueue Queue { get; }

    public SqliteReaders Reads { get; }

    /// <summary>Opens or creates the file of a connection string (<c>Data Source=…</c>), takes its lock, checks it and brings its schema up to date.</summary>
    /// <param name="connectionString">Only <c>Data Source</c> is read.</param>
    /// <param name="fatal">Told once when acknowledged work may be gone: the node must stop.</param>
    /// <exception cref="StorageSetupException">It cannot be used; the message says why and what to do.</exception>
    public static SqliteDatabase Open(string connectionString, Action<Exception> fatal)
    {
        var path = PathOf(connectionString);
        CheckEngine();
        PrepareFolder(path);
        var held = SqliteLock.Take(path);
        try
        {
            return Open(path, held, fatal);
        }
        catch (SqliteFaultException fault)
        {
            held.Dispose();
            throw Explain(path, fault);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>The file a connection string names.</summary>
    public static string PathOf(string connectionString)
    {
        try
        {
            var source = new SqliteConnectionStringBuilder(connectionString).DataSource;
            if (source.Length > 0 && !source.StartsWith(':')) return System.IO.Path.GetFullPath(source);
        }
        catch (ArgumentException)
        {
            // Told below together with an empty or in-memory source.
        }
        throw new StorageSetupException(
            "actorperf.storage.connection-string must be 'Data Source=FILE' for SQLite, such as \"Data Source=data/actorperf.db\". "
            + "For a store that is gone with the process, set actorperf.storage.provider = memory.");
    }

    public void Begin()
    {
        _begin.Step();
        _begin.Reset();
    }

    public void Commit()
    {
        _commit.Step();
        _commit.Reset();
    }

    public void Rollback()
    {
        if (Writer.AutoCommit) return;
        try
        {
            Writer.Execute("ROLLBACK");
        }
        catch (SqliteFaultException)
        {
            // SQLite ended the transaction itself, which is what was wanted.
        }
    }

    public void Tend()
    {
        _pages += Writer.TakePagesWritten();
        if (_pages < CheckpointPages) return;
        _pages = 0;
        Writer.Checkpoint();
    }

    public WriteFault Classify(Exception exception) => exception is SqliteFaultException fault
        ? fault.PrimaryCode switch
        {
            SQLitePCL.raw.SQLITE_FULL => WriteFault.Full,
            SQLitePCL.raw.SQLITE_IOERR or SQLitePCL.raw.SQLITE_CORRUPT or SQLitePCL.raw.SQLITE_NOTADB or SQLitePCL.raw.SQLITE_READONLY
                or SQLitePCL.raw.SQLITE_CANTOPEN or SQLitePCL.raw.SQLITE_PERM => WriteFault.Fatal,
            _ => WriteFault.Item,
        }
        : WriteFault.Item;

    /// <summary>Copies the database as of one moment into a new file, while work goes on.</summary>
    /// <returns>Its size in bytes.</returns>
    /// <exception cref="IOException">The file exists already or cannot be written.</exception>
    public Task<long> BackupAsync(string target, CancellationToken ct) => Task.Factory.StartNew(
        () => Backup(Path, target), ct, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public void Dispose()
    {
        Queue.Dispose();
        Reads.Dispose();
        Writer.Dispose();
        _lock.Dispose();
    }

    private static long Backup(string source, string target)
    {
        // VACUUM INTO reads one snapshot and writes a compact file; it never overwrites.
        if (File.Exists(target)) throw new IOException($"{target} exists already. Name a new file.");
        var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(target))!;
        if (!Directory.Exists(folder)) throw new IOException($"The folder {folder} does not exist. Make it, or name another file.");
        var partial = target + ".partial";
        File.Delete(partial);
        using (var reader = SqliteHandle.Open(source, readOnly: true))
        using (var copy = reader.Prepare("VACUUM INTO ?"))
        {
            copy.Bind(partial).Run();
        }
        using (var written = new FileStream(partial, FileMode.Open, FileAccess.ReadWrite)) written.Flush(flushToDisk: true);
        File.Move(partial, target);
        return new FileInfo(target).Length;
    }

    private static SqliteDatabase Open(string path, SqliteLock held, Action<Exception> fatal)
    {
        var writer = SqliteHandle.Open(path, readOnly: false);
        try
        {
            // The file's header is read here, so a file that is no database is refused before anything is written.
            writer.Execute("PRAGMA page_size = 8192; PRAGMA auto_vacuum = NONE;");
            if (writer.Scalar("PRAGMA journal_mode = WAL") != "wal")
                throw new StorageSetupException($"{path} cannot use a write-ahead log there. Move the data to a local disk.");
            writer.Execute("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; " + Pragmas);
            CheckIntegrity(path, writer);
            Migrate(path, writer);
            return new SqliteDatabase(path, held, writer, fatal);
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    private static void CheckEngine()
    {
        var engine = SqliteHandle.EngineVersion;
        if (System.Version.Parse(engine) < OldestEngine)
            throw new StorageSetupException($"SQLite {engine} is older than {OldestEngine}, the oldest this program is tested with. Install it again with its own SQLite.");
    }

    private static void CheckIntegrity(string path, SqliteHandle writer)
    {
        // A full check reads every page; a large file gets the header and the schema, and `actorperf verify` does the rest.
        var quick = new FileInfo(path).Length < 64L * 1024 * 1024;
        var answer = quick ? writer.Scalar("PRAGMA quick_check(1)") : writer.Scalar("SELECT 'ok' FROM sqlite_schema LIMIT 1") ?? "ok";
        if (answer != "ok")
            throw new StorageSetupException($"{path} is damaged ({answer}). Nothing was changed. Restore a backup, or look at it with 'actorperf verify --offline'.");
    }

    private static void Migrate(string path, SqliteHandle writer)
    {
        var found = int.Parse(writer.Scalar("PRAGMA user_version")!, CultureInfo.InvariantCulture);
        if (found > SqliteSchema.Version)
        {
            throw new StorageSetupException(
                $"{path} has schema {found}, and this program knows schemas up to {SqliteSchema.Version}. Run the newer program, or restore a backup made before the upgrade.");
        }
        for (var step = found; step < SqliteSchema.Version; step++)
        {
            writer.Execute("BEGIN IMMEDIATE; " + SqliteSchema.Steps[step]);
            CrashPoints.Reach(CrashPoints.MigrationBeforeCommit);
            writer.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {step + 1}; COMMIT;"));
        }
    }

    private static void PrepareFolder(string path)
    {
        var folder = System.IO.Path.GetDirectoryName(path)!;
        try
        {
            // 0700: what jobs carry is for this user alone.
            if (!Directory.Exists(folder))
            {
                if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
                else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StorageSetupException($"The data folder {folder} cannot be made: {exception.Message} Set actorperf.storage.connection-string to a folder that this user may write.", exception);
        }
        if (SqliteLock.NetworkFileSystem(folder) is { } kind)
        {
            throw new StorageSetupException(
                $"{folder} is on a network file system ({kind}), where file locks and syncs cannot be trusted. Use a local disk, or a database server for several nodes.");
        }
    }

    private static StorageSetupException Explain(string path, SqliteFaultException fault) => new(
        fault.PrimaryCode switch
        {
            SQLitePCL.raw.SQLITE_NOTADB => $"{path} is no SQLite database. Nothing was changed. Name another file in actorperf.storage.connection-string, or restore a backup.",
            SQLitePCL.raw.SQLITE_CORRUPT => $"{path} is damaged ({fault.Message}). Nothing was changed. Restore a backup, or look at it with 'actorperf verify --offline'.",
            SQLitePCL.raw.SQLITE_FULL => $"The disk of {path} is full. Free space and start again.",
            SQLitePCL.raw.SQLITE_CANTOPEN or SQLitePCL.raw.SQLITE_PERM or SQLitePCL.raw.SQLITE_READONLY or SQLitePCL.raw.SQLITE_IOERR =>
                $"{path} cannot be opened for writing ({fault.Message}). Check its owner and permissions, or name another file in actorperf.storage.connection-string.",
            _ => $"{path} cannot be used: {fault.Message}.",
        },
        fault);
}
