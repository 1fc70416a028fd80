using System.Globalization;
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

    private PostgresDatabase(NpgsqlDataSource source, NpgsqlDataSource reserved, string description) => (Source, Reserved, Description) = (source, reserved, description);

    /// <summary>Where it is, for people; without secrets.</summary>
    public string Description { get; }

    internal NpgsqlDataSource Source { get; }

    /// <summary>Connections outside the pool, for those who keep one.</summary>
    internal NpgsqlDataSource Reserved { get; }

    /// <summary>Connects, checks the server and brings our schema (<c>actorperf</c>) up to date.</summary>
    /// <param name="connectionString">As Npgsql reads it: <c>Host=…;Username=…;Password=…;Database=…</c>.</param>
    /// <exception cref="StorageSetupException">It cannot be used as configured; the message says why and what to do.</exception>
    public static async Task<PostgresDatabase> OpenAsync(string connectionString, CancellationToken ct)
    {
        var settings = Settings(connectionString);
        var source = new NpgsqlDataSourceBuilder(settings.ConnectionString).Build();
        var description = $"postgresql://{settings.Host}:{settings.Port}/{settings.Database}";
        try
        {
            await using var connection = await source.OpenConnectionAsync(ct);
            await CheckServerAsync(connection, description, ct);
            await MigrateAsync(connection, description, ct);
            settings.Pooling = false;
            return new PostgresDatabase(source, new NpgsqlDataSourceBuilder(settings.ConnectionString).Build(), description);
        }
        catch (Exception exception)
        {
            await source.DisposeAsync();
            if (exception is NpgsqlException or TimeoutException) throw new StorageSetupException($"{description} cannot be used: {exception.Message} Check actorperf.storage.connection-string, and that the server runs.", exception);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        await Reserved.DisposeAsync();
    }

    public void Dispose()
    {
        Source.Dispose();
        Reserved.Dispose();
    }

    /// <summary>The pool is ours alone, and every statement's text is constant or one of few: the driver prepares by itself what comes twice.</summary>
    private static NpgsqlConnectionStringBuilder Settings(string connectionString)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(connectionString);
            if (settings.MaxAutoPrepare == 0) settings.MaxAutoPrepare = 100;
            if (settings.AutoPrepareMinUsages > 2) settings.AutoPrepareMinUsages = 2;
            settings.NoResetOnClose = true;
            settings.ApplicationName ??= "actorperf";
            if (!string.IsNullOrEmpty(settings.Host)) return settings;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            throw new StorageSetupException($"The connection string for PostgreSQL cannot be read: {exception.Message} Write \"Host=db;Username=app;Password=…;Database=app\".", exception);
        }
        throw new StorageSetupException("The connection string for PostgreSQL names no host. Write \"Host=db;Username=app;Password=…;Database=app\".");
    }

    private static async Task CheckServerAsync(NpgsqlConnection connection, string description, CancellationToken ct)
    {
        if (connection.PostgreSqlVersion.Major < OldestServer)
            throw new StorageSetupException($"{description} runs PostgreSQL {connection.PostgreSqlVersion}; {OldestServer} is the oldest this program works with.");
        var encoding = await ScalarAsync<string>(connection, "SELECT current_setting('server_encoding')", ct);
        if (encoding != "UTF8") throw new StorageSetupException($"{description} keeps text as {encoding}. Make a database with ENCODING 'UTF8'.");
    }

    private static async Task MigrateAsync(NpgsqlConnection connection, string description, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({MigrationLock.ToString(CultureInfo.InvariantCulture)})", ct);
        await ExecuteAsync(connection, $"CREATE SCHEMA IF NOT EXISTS {PostgresDialect.Schema}", ct);
        await ExecuteAsync(connection, $"CREATE TABLE IF NOT EXISTS {PostgresDialect.Schema}.schema_version (version integer NOT NULL)", ct);
        var found = await ScalarAsync<int>(connection, $"SELECT coalesce(max(version), 0) FROM {PostgresDialect.Schema}.schema_version", ct);
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
