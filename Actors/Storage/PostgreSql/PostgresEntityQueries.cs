using System.Text.Json;
using ActorPerf.Data;
using ActorPerf.Storage.Entities;
using ActorPerf.Storage.Sql;
using ActorPerf.Storage.Sqlite;
using ActorPerf.Tasks;
using Npgsql;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>Queries over entities.</summary>
internal static class PostgresEntityQueries
{
    private static readonly PostgresDialect Dialect = PostgresDialect.Instance;

    public static async Task<EntityPage> PageAsync(NpgsqlDataSource source, QueryPlan plan, bool indexed, CancellationToken ct)
    {
        var sql = EntityStatements.Page(Dialect, plan, plan.Limit + 1);
        await using var command = source.CreateCommand(sql.ToString());
        Bind(command, sql);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var entities = new List<Entity>(Math.Min(plan.Limit, 256));
        QueryPlace? next = null;
        var bytes = 0L;
        while (await reader.ReadAsync(ct))
        {
            // Full before its limit: the driver passes over the rest of the answer, row by row.
            if (plan.IsFull(entities.Count, bytes)) return Done(entities, plan, next ?? PlaceOf(entities[^1], plan), indexed);
            var id = EntityId.FromBytes(reader.GetFieldValue<byte[]>(0));
            entities.Add(new Entity(Key.Of(plan.Namespace, plan.Kind, id), reader.GetInt64(1), plan.KeysOnly ? default : reader.GetFieldValue<byte[]>(3), SqliteTime.ToTime(reader.GetInt64(2))));
            bytes += entities[^1].Data.Length;
            if (plan.KeysOnly && entities.Count == plan.Limit)
                next = new QueryPlace([.. plan.Order.Select((_, i) => SortValue.FromBytes(reader.GetFieldValue<byte[]>(3 + i)).ToEntityValue())], id);
        }
        return Done(entities, plan, null, indexed);
    }

    public static async Task<long> CountAsync(NpgsqlDataSource source, Namespace ns, string kind, Condition where, long most, CancellationToken ct)
    {
        var sql = EntityStatements.Count(Dialect, ns, kind, where, most);
        await using var command = source.CreateCommand(sql.ToString());
        Bind(command, sql);
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    public static void Bind(NpgsqlCommand command, SqlText sql)
    {
        foreach (var value in sql.Values)
        {
            command.Parameters.Add(value switch
            {
                long number => new NpgsqlParameter<long> { TypedValue = number },
                string text => new NpgsqlParameter<string> { TypedValue = text },
                byte[] bytes => new NpgsqlParameter<byte[]> { TypedValue = bytes },
                byte[][] list => new NpgsqlParameter<byte[][]> { TypedValue = list },
                _ => throw new InvalidOperationException($"a parameter of type {value.GetType().Name}"),
            });
        }
    }

    private static EntityPage Done(List<Entity> entities, QueryPlan plan, QueryPlace? next, bool indexed)
    {
        if (plan.Select.Count > 0)
            for (var i = 0; i < entities.Count; i++) entities[i] = entities[i] with { Data = EntityProjection.Select(entities[i].Data, plan.Select) };
        return new EntityPage(entities, next, indexed);
    }

    private static QueryPlace PlaceOf(Entity last, QueryPlan plan)
    {
        if (plan.Order.Count == 0) return new QueryPlace([], last.Key.Id);
        using var document = JsonDocument.Parse(last.Data);
        return new QueryPlace([.. plan.Order.Select(order => SortValue.Of(order.Path.Find(document.RootElement)).ToEntityValue())], last.Key.Id);
    }
}
