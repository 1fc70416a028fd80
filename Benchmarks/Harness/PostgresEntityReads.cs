using ActorPerf.Data;
using ActorPerf.Storage.PostgreSql;
using ActorPerf.Storage.Sqlite;
using Npgsql;

namespace ActorPerf.Benchmarks.Harness;

/// <summary>Entities in a PostgreSQL database, whose connections are 16 at most.</summary>
internal sealed class PostgresEntityReads : EntityReads
{
    private const int Connections = 16;

    private readonly PostgresDatabase _database;
    private readonly string _connectionString;

    private PostgresEntityReads(PostgresDatabase database, string connectionString)
    {
        (_database, _connectionString) = (database, connectionString);
        Store = new PostgresEntityStore(database);
    }

    public override IEntityStore Store { get; }

    /// <param name="connectionString">Of a database that may be written to; our schema in it is made anew.</param>
    public static async Task<PostgresEntityReads> OpenAsync(string connectionString)
    {
        var limited = new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = Connections, MinPoolSize = Connections }.ConnectionString;
        await using (var connection = new NpgsqlConnection(connectionString))
        {
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("DROP SCHEMA IF EXISTS actorperf CASCADE", connection);
            await command.ExecuteNonQueryAsync();
        }
        return new PostgresEntityReads(await PostgresDatabase.OpenAsync(limited, CancellationToken.None), connectionString);
    }

    public override ValueTask DisposeAsync() => _database.DisposeAsync();

    protected override async Task<long> ReadAsync(Func<bool> more, Func<EntityId[]> next)
    {
        await using var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            SELECT (k.n - 1)::integer, e.version, e.updated_at, e.data FROM unnest($2::bytea[]) WITH ORDINALITY AS k (id, n)
            CROSS JOIN LATERAL (SELECT version, updated_at, data FROM actorperf.entity WHERE namespace = $1 AND kind = 'Account' AND id = k.id LIMIT 1) e
            """, connection);
        var ids = new NpgsqlParameter<byte[][]> { TypedValue = [] };
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Namespace.Name });
        command.Parameters.Add(ids);
        await command.PrepareAsync();
        var read = 0L;
        while (more())
        {
            var wanted = next();
            ids.TypedValue = Array.ConvertAll(wanted, id => id.ToBytes());
            var entities = new Entity?[wanted.Length];
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                var i = reader.GetInt32(0);
                entities[i] = new Entity(Key.Of(Namespace, Kind, wanted[i]), reader.GetInt64(1), reader.GetFieldValue<byte[]>(3), SqliteTime.ToTime(reader.GetInt64(2)));
            }
            read += entities.Length;
        }
        return read;
    }
}
