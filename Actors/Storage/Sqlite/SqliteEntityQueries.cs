using System.Text;
using System.Text.Json;
using ActorPerf.Data;
using ActorPerf.Storage.Entities;
using ActorPerf.Storage.Sql;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <summary>Queries over entities. On a reader's thread.</summary>
internal static class SqliteEntityQueries
{
    private static readonly SqliteDialect Dialect = SqliteDialect.Instance;

    public static EntityPage Page(SqliteSession session, QueryPlan plan, SqliteEntityPlans plans)
    {
        var entities = new List<Entity>(Math.Min(plan.Limit + 1, 256));
        QueryPlace? next = null;
        var (more, bytes) = (false, 0L);
        using var s = Prepare(session, EntityStatements.Page(Dialect, plan, plan.Limit + 1));
        while (s.Step())
        {
            if (plan.IsFull(entities.Count, bytes))
            {
                more = true;
                break;
            }
            entities.Add(new Entity(
                Key.Of(plan.Namespace, plan.Kind, EntityId.FromBytes(s.Bytes(0))), s.Long(1), plan.KeysOnly ? default : s.Bytes(3).ToArray(), SqliteTime.ToTime(s.Long(2))));
            bytes += entities[^1].Data.Length;
            if (plan.KeysOnly && entities.Count == plan.Limit) next = PlaceOf(entities[^1].Key.Id, plan, s);
        }
        s.Reset();
        // Asked last: only a statement that ran makes sure that this connection knows of the newest indexes.
        return Done(entities, plan, more ? next ?? PlaceOf(entities[^1], plan) : null, plans.IsIndexed(session, plan));
    }

    public static long Count(SqliteSession session, Namespace ns, string kind, Condition where, long most)
    {
        using var s = Prepare(session, EntityStatements.Count(Dialect, ns, kind, where, most));
        s.Step();
        return s.Long(0);
    }

    // Not kept: a client's filters have no end of shapes, and preparing costs less than a page.
    private static SqliteStatement Prepare(SqliteSession session, SqlText sql)
    {
        var s = session.Handle.Prepare(sql.ToString());
        foreach (var value in sql.Values)
        {
            _ = value switch
            {
                long number => s.Bind(number),
                double number => s.Bind(number),
                string text => s.BindUtf8(Encoding.UTF8.GetBytes(text)),
                byte[] bytes => s.Bind(bytes),
                Utf8Text text => s.BindUtf8(text.Bytes),
                _ => throw new InvalidOperationException($"a parameter of type {value.GetType().Name}"),
            };
        }
        return s;
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

    /// <summary>Only keys were asked for: the row carries the expressions of its order.</summary>
    private static QueryPlace PlaceOf(EntityId id, QueryPlan plan, SqliteStatement row) => new(
        [.. plan.Order.Select((_, i) => Value(row, 3 + (2 * i)).ToEntityValue())], id);

    private static SortValue Value(SqliteStatement row, int column) => (SortRank)row.Int(column) switch
    {
        SortRank.Text => SortValue.Of(row.Text(column + 1)),
        SortRank.Number => row.IsInteger(column + 1) ? SortValue.Of(row.Long(column + 1)) : SortValue.Of(row.Double(column + 1)),
        var rank => SortValue.Of(rank),
    };
}
