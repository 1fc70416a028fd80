using ActorPerf.Storage.Sql;
using Npgsql;
using static ActorPerf.Storage.PostgreSql.PostgresValues;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>Keys of all nodes of a database.</summary>
internal sealed class PostgresSessionKeys(NpgsqlDataSource source) : ISessionKeys
{
    private const string Table = PostgresDialect.Schema + ".session_key";

    public IReadOnlyList<string> Read() => Ask(() =>
    {
        using var command = source.CreateCommand($"SELECT key FROM {Table} ORDER BY seq");
        using var reader = command.ExecuteReader();
        var keys = new List<string>();
        while (reader.Read()) keys.Add(reader.GetString(0));
        return keys;
    });

    public bool TryAdd(string key, int? known) => Ask(() =>
    {
        // Two nodes that start at once take turns, and the second one finds the first one's.
        using var batch = source.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))").Bind(Text(Table)));
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"INSERT INTO {Table} (at, key) SELECT {PostgresTime.Now}, $1 WHERE $2 IS NULL OR (SELECT count(*) FROM {Table}) = $2").Bind(
            Text(key), Number(known)));
        batch.ExecuteNonQuery();
        return batch.BatchCommands[1].RecordsAffected == 1;
    });

    private static T Ask<T>(Func<T> ask)
    {
        try
        {
            return ask();
        }
        catch (Exception exception) when (PostgresFaults.Translate(exception) is var translated && !ReferenceEquals(translated, exception))
        {
            throw translated;
        }
    }
}
