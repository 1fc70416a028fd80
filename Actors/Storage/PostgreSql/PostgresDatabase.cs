using System.Globalization;
using ActorPerf.Cluster;
using ActorPerf.Storage.Sql;
using Npgsql;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>A PostgreSQL database: its connections and our schema in it.</summary>
public sealed class PostgresDatabase : IAsyncDisposable, IDisposable
{
    /// <summary>The oldest server this program is tested with.</summary>
    public const int OldestServer = 13;

    /// <summary>Held while the schema is brought up to date, so that of nodes that start together one does it.</summary>
    private const long MigrationLock = 0x6163_746f_7270_6572;      // "actorper"

    /// <summary>Connections of a node's pool unless the connection string says otherwise: several nodes are to fit into a server that takes a hundred.</summary>
    private const int PoolSize = 24;

    /// <summary>The longest that a transaction of ours may pause between two statements.</summary>
    internal static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <summary>Likewise under the lock that all members take in turns.</summary>
    internal static readonly TimeSpan LongestReservedPause = TimeSpan.FromSeconds(2);

    private PostgresDatabase(NpgsqlConnectionStringBuilder settings, string said)
    {
        Source = Build(settings, LongestPause);
        Unpooled = Build(PostgresSettings.Unpooled(settings), LongestPause);
        Reserved = Build(PostgresSettings.Reserved(settings), LongestReservedPause);
        Own = new NpgsqlDataSourceBuilder(PostgresSettings.Own(settings, said).ConnectionString).Build();
        Description = PostgresSettings.Describe(settings);
    }

    /// <summary>Where it is, for people; without secrets.</summary>
    public string Description { get; }

    internal NpgsqlDataSource Source { get; }

    /// <summary>Connections outside the pool, each kept by one that writes.</summary>
    internal NpgsqlDataSource Unpooled { get; }

    /// <summary>Connections outside the pool, for what must not wait for one of it and is answered soon or not at all: the lease, and hints.</summary>
    internal NpgsqlDataSource Reserved { get; }

    /// <summary>Connections for callers' own SQL: a pool of their own, whose connections come back from it as new.</summary>
    internal NpgsqlDataSource Own { get; }

    /// <summary>Connects, checks the server and brings our schema (<c>actorperf</c>) up to date.</summary>
    /// <param name="connectionString">As Npgsql reads it: <c>Host=…;Username=…;Password=…;Database=…</c>.</param>
    /// <exception cref="StorageSetupException">It cannot be used as configured; the message says why and what to do.</exception>
    public static async Task<PostgresDatabase> OpenAsync(string connectionString, CancellationToken ct)
    {
        var settings = PostgresSettings.Of(connectionString, PoolSize);
        var database = new PostgresDatabase(settings, connectionString);
        try
        {
            await using var connection = await database.Source.OpenConnectionAsync(ct);
            await CheckServerAsync(connection, database.Description, ct);
            await MigrateAsync(connection, database.Description, ct);
            return database;
        }
        catch (Exception exception)
        {
            await database.DisposeAsync();
            if (PostgresSetupFaults.Explain(exception, settings) is { } words) throw new StorageSetupException(words, exception);
            throw;
        }
    }

    /// <summary>Reads a database as it is.</summary>
    /// <exception cref="StorageSetupException">It cannot be read, or holds another schema than this program knows.</exception>
    internal static async Task<T> LookAsync<T>(string connectionString, Func<NpgsqlDataSource, CancellationToken, Task<T>> read, CancellationToken ct)
    {
        var settings = PostgresSettings.Of(connectionString, PoolSize);
        await using var source = new NpgsqlDataSourceBuilder(settings.ConnectionString).Build();
        try
        {
            await using (var connection = await source.OpenConnectionAsync(ct))
            {
                var found = await FoundVersionAsync(connection, ct);
                if (found != PostgresSchema.Version)
                {
                    throw new StorageSetupException(found == 0
                        ? $"{PostgresSettings.Describe(settings)} has no schema {PostgresDialect.Schema} of ours. Name the database in actorperf.storage.connection-string."
                        : $"{PostgresSettings.Describe(settings)} has schema {found}, and this program reads schema {PostgresSchema.Version}. Use the program of that version.");
                }
            }
            return await read(source, ct);
        }
        catch (Exception exception) when (PostgresSetupFaults.Explain(exception, settings) is { } words)
        {
            throw new StorageSetupException(words, exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Own.DisposeAsync();
        await Reserved.DisposeAsync();
        await Unpooled.DisposeAsync();
        await Source.DisposeAsync();
    }

    public void Dispose()
    {
        Own.Dispose();
        Reserved.Dispose();
        Unpooled.Dispose();
        Source.Dispose();
    }

    /// <summary>A node that stops in the middle of a transaction, frozen or cut off, must not hold up the others with its locks: the server ends what says nothing.</summary>
    private static NpgsqlDataSource Build(NpgsqlConnectionStringBuilder settings, TimeSpan longestPause)
    {
        var sql = string.Create(CultureInfo.InvariantCulture, $"SET idle_in_transaction_session_timeout = {(int)longestPause.TotalMilliseconds}");
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        builder.UsePhysicalConnectionInitializer(
            connection =>
            {
                using var command = new NpgsqlCommand(sql, connection);
                command.ExecuteNonQuery();
            },
            connection => ExecuteAsync(connection, sql, CancellationToken.None));
        return builder.Build();
    }

    private static async Task CheckServerAsync(NpgsqlConnection connection, string description, CancellationToken ct)
    {
        if (connection.PostgreSqlVersion.Major < OldestServer)
            throw new StorageSetupException($"{description} runs PostgreSQL {connection.PostgreSqlVersion}; {OldestServer} is the oldest this program works with. Upgrade the server.");
        if (await ScalarAsync<bool>(connection, "SELECT pg_is_in_recovery()", ct))
            throw new StorageSetupException($"{description} is a standby, which takes no writes. Name the primary in actorperf.storage.connection-string.");
        var encoding = await ScalarAsync<string>(connection, "SELECT current_setting('server_encoding')", ct);
        if (encoding != "UTF8") throw new StorageSetupException($"{description} keeps text as {encoding}. Make a database with ENCODING 'UTF8'.");
    }

    /// <summary>The schema's version; 0 where there is none.</summary>
    private static async Task<int> FoundVersionAsync(NpgsqlConnection connection, CancellationToken ct) =>
        await ScalarAsync<bool>(connection, $"SELECT to_regclass('{PostgresDialect.Schema}.schema_version') IS NULL", ct)
            ? 0
            : await ScalarAsync<int>(connection, $"SELECT coalesce(max(version), 0) FROM {PostgresDialect.Schema}.schema_version", ct);

    private static async Task MigrateAsync(NpgsqlConnection connection, string description, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({MigrationLock.ToString(CultureInfo.InvariantCulture)})", ct);
        // Asked first: the right to create schemas is needed only by the node that creates it.
        if (await ScalarAsync<bool>(connection, $"SELECT to_regnamespace('{PostgresDialect.Schema}') IS NULL", ct))
            await ExecuteAsync(connection, $"CREATE SCHEMA {PostgresDialect.Schema}", ct);
        await ExecuteAsync(connection, $"CREATE TABLE IF NOT EXISTS {PostgresDialect.Schema}.schema_version (version integer NOT NULL)", ct);
        var found = await FoundVersionAsync(connection, ct);
        if (found > PostgresSchema.Version)
        {
            throw new StorageSetupException(
                $"{description} has schema {found}, and this program knows schemas up to {PostgresSchema.Version}. Run the newer program, or restore a backup made before the upgrade.");
        }
        for (var step = found; step < PostgresSchema.Version; step++) await ExecuteAsync(connection, PostgresSchema.Steps[step], ct);
        if (found < PostgresSchema.Version)
        {
            await ExecuteAsync(connection, string.Create(
                CultureInfo.InvariantCulture,
                $"DELETE FROM {PostgresDialect.Schema}.schema_version; INSERT INTO {PostgresDialect.Schema}.schema_version VALUES ({PostgresSchema.Version})"), ct);
            CrashPoints.Reach(CrashPoints.MigrationBeforeCommit);
        }
        await transaction.CommitAsync(ct);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }

    private static async Task<T> ScalarAsync<T>(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(ct))!;
    }
}
