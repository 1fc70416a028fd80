using System.Data.Common;
using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Storage.PostgreSql;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace ActorPerf.Storage.Lookups;

/// <summary>A database of the user's, for reading only: its connections, and where its driver's calls run.</summary>
internal abstract class UserDatabase : IAsyncDisposable
{
    private UserDatabase()
    {
    }

    /// <summary>Statements worth having under way at once.</summary>
    public abstract int Slots { get; }

    /// <param name="setting">Where the connection string comes from, for the message of a fault.</param>
    /// <exception cref="StorageSetupException">An unknown provider, or a connection string that cannot be read.</exception>
    public static UserDatabase Of(string provider, string connectionString, string setting)
    {
        try
        {
            return provider switch
            {
                "sqlite" => new Sqlite(connectionString),
                "postgresql" => new Postgres(connectionString),
                "sqlserver" => new SqlServer(connectionString),
                _ => throw new StorageSetupException($"{setting}.provider is '{provider}'; it must be one of sqlite, postgresql, sqlserver."),
            };
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            throw new StorageSetupException($"{setting}.connection-string cannot be read for {provider}: {exception.Message}", exception);
        }
    }

    /// <summary>An open connection, closed or given back by disposing of it.</summary>
    /// <param name="ct">Ends the opening, and, of a driver whose statements take no tokens, every statement of the connection: with an error of the driver's.</param>
    public abstract Task<DbConnection> OpenAsync(CancellationToken ct);

    /// <summary>Runs calls of the driver where they may block.</summary>
    public virtual Task<T> RunAsync<T>(Func<Task<T>> work) => work();

    /// <summary>Ends a statement that was begun and is not read to its end. For a driver that takes no tokens.</summary>
    public virtual void Interrupt(DbConnection connection)
    {
    }

    /// <summary>The exception to throw in place of a driver's; the same where it is no transient one.</summary>
    public abstract Exception Translate(Exception exception);

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public sealed class Sqlite : UserDatabase
    {
        private const int Threads = 2;

        /// <summary>Of SQLite's machine, between two looks at the token: some 100 µs.</summary>
        private const int Instructions = 10_000;

        private readonly string _connectionString;
        private readonly OwnThreads _threads = new("actorperf-lookup", Threads);

        // Without a pool: a pooled connection would keep the user's file open after us.
        public Sqlite(string connectionString) =>
            _connectionString = new SqliteConnectionStringBuilder(connectionString) { Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ConnectionString;

        public override int Slots => Threads;

        public override async Task<DbConnection> OpenAsync(CancellationToken ct)
        {
            var connection = new SqliteConnection(_connectionString);
            try
            {
                await connection.OpenAsync(ct);
                // Asked by the statement itself as it runs. An interrupt from outside is lost where it comes a moment before the statement begins.
                if (ct.CanBeCanceled) SQLitePCL.raw.sqlite3_progress_handler(connection.Handle, Instructions, _ => ct.IsCancellationRequested ? 1 : 0, null);
                return connection;
            }
            catch
            {
                await connection.DisposeAsync();
                throw;
            }
        }

        public override Task<T> RunAsync<T>(Func<Task<T>> work) => _threads.RunAsync(work);

        public override void Interrupt(DbConnection connection)
        {
            if (((SqliteConnection)connection).Handle is { IsClosed: false } handle) SQLitePCL.raw.sqlite3_interrupt(handle);
        }

        public override Exception Translate(Exception exception) => exception is SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED } busy
            ? new StoreUnavailableException("The SQLite file is locked by another program. Try again.", busy)
            : exception;

        public override ValueTask DisposeAsync()
        {
            _threads.Dispose();
            return base.DisposeAsync();
        }
    }

    public sealed class Postgres : UserDatabase
    {
        private readonly NpgsqlDataSource _source;

        public Postgres(string connectionString)
        {
            var settings = new NpgsqlConnectionStringBuilder(connectionString);
            if (settings.MaxAutoPrepare == 0) settings.MaxAutoPrepare = 20;
            // The server itself refuses to write on these connections.
            settings.Options = $"{settings.Options} -c default_transaction_read_only=on".Trim();
            settings.ApplicationName ??= "actorperf";
            PostgresSettings.WithoutKerberos(settings, new DbConnectionStringBuilder { ConnectionString = connectionString });
            _source = new NpgsqlDataSourceBuilder(settings.ConnectionString).Build();
        }

        public override int Slots => 4;

        public override async Task<DbConnection> OpenAsync(CancellationToken ct) => await _source.OpenConnectionAsync(ct);

        public override Exception Translate(Exception exception) => PostgresFaults.Translate(exception) is StoreUnavailableException away ? away : exception;

        public override async ValueTask DisposeAsync()
        {
            await _source.DisposeAsync();
            await base.DisposeAsync();
        }
    }

    public sealed class SqlServer(string connectionString) : UserDatabase
    {
        // Time-out, deadlock, connection lost, login while starting, throttled, moved.
        private static readonly int[] Transient = [-2, 1205, 64, 121, 233, 4060, 10053, 10054, 10060, 10928, 10929, 18401, 40197, 40501, 40613, 49918, 49919, 49920];

        private readonly string _connectionString =
            new SqlConnectionStringBuilder(connectionString) { ApplicationIntent = ApplicationIntent.ReadOnly, ApplicationName = "actorperf" }.ConnectionString;

        public override int Slots => 4;

        public override async Task<DbConnection> OpenAsync(CancellationToken ct)
        {
            var connection = new SqlConnection(_connectionString);
            try
            {
                await connection.OpenAsync(ct);
                return connection;
            }
            catch
            {
                await connection.DisposeAsync();
                throw;
            }
        }

        public override Exception Translate(Exception exception) => exception is SqlException sql && (sql.Class >= 20 || Transient.Contains(sql.Number))
            ? new StoreUnavailableException($"The database server cannot answer now ({sql.Message}). Try again.", sql)
            : exception;
    }
}
