using ActorPerf.Data;
using ActorPerf.Storage.PostgreSql;
using ActorPerf.Storage.Sqlite;
using Npgsql;

namespace ActorPerf.Benchmarks.Harness;

/// <summary>Entities in a PostgreSQL database, whose connections are 16 at most.</summary>
internal sealed class PostgresEntityReads : EntityReads
{
    /// <summary>What to say where there is no database.</summary>
    public const string LeftOut = $"PostgreSQL is left out: set {Variable} to the connection string of a database that may be written to";

    private const string Variable = "ACTORPERF_BENCH_POSTGRES";
    private const int Connections = 16;

    private readonly PostgresDatabase _database;
    private readonly string _connectionString;

    private PostgresEntityReads(PostgresDatabase database, string connectionString)
    {
        (_database, _connectionString) = (database, connectionString);
        Store = new PostgresEntityStore(database);
    }

    /// <summary>Null where none is named.</summary>
    public static string? ConnectionString => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named : null;

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

    // By the statement for one key: the one for many costs more than twice as much.
    public override async Task<IReadOnlyList<double>> OneAtATimeAsync(int samples)
    {
        await using var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT version, updated_at, data FROM actorperf.entity WHERE namespace = $1 AND kind = $2 AND id = $3", connection);
        var wanted = new NpgsqlParameter<byte[]>();
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Namespace.Name });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Kind });
        command.Parameters.Add(wanted);
        wanted.TypedValue = [];
        await command.PrepareAsync();
        var random = new Random(1);
        return await LoneCalls.SampleAsync(samples, async _ =>
        {
            var id = (EntityId)random.Next(1, Count + 1);
            wanted.TypedValue = id.ToBytes();
            await using var reader = await command.ExecuteReaderAsync();
            if (!await reader.ReadAsync()) throw new InvalidOperationException("An entity is missing.");
            GC.KeepAlive(new Entity(Key.Of(Namespace, Kind, id), reader.GetInt64(0), reader.GetFieldValue<byte[]>(2), SqliteTime.ToTime(reader.GetInt64(1))));
        });
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
