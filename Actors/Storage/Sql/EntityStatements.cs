using ActorPerf.Data;
using ActorPerf.Storage.Entities;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sql;

/// <summary>The statements of entity queries, for any dialect.</summary>
/// <remarks>
/// A page behind a place is what lies behind it at the last column of the order with all others equal, then at the one before it, and so on: one SELECT for each, which
/// an index answers with one seek, joined in that order. A single comparison of rows would read again what lies before the place wherever directions are mixed.
/// Columns that a condition makes constant take no part. The kind is written into the text, since indexes are partial and a parameter would hide them.
/// </remarks>
internal static class EntityStatements
{
    /// <summary>Columns of a page, in this order: id, version, updated_at, then the data, or the expressions of the order where only keys are asked for.</summary>
    public static SqlText Page(EntityDialect dialect, QueryPlan plan, int limit)
    {
        var sql = new SqlText(dialect);
        var columns = Columns(dialect, plan);
        if (plan.Place is not { } place)
        {
            Select(sql, dialect, plan, columns, 0, null);
            return sql.Add(" LIMIT ").Value((long)limit);
        }
        var values = PlaceValues(dialect, columns, place.Values, place.Id);
        for (var last = columns.Count - 1; last >= 0; last--)
        {
            sql.Add(last == columns.Count - 1 ? "SELECT * FROM (" : " UNION ALL SELECT * FROM (");
            Select(sql, dialect, plan, columns, last, values);
            sql.Add(" LIMIT ").Value((long)limit).Add($") AS s{last}");
        }
        return sql.Add(" LIMIT ").Value((long)limit);
    }

    /// <summary>Counts up to a number.</summary>
    public static SqlText Count(EntityDialect dialect, Namespace ns, string kind, Condition where, long most)
    {
        var sql = new SqlText(dialect).Add("SELECT count(*) FROM (SELECT 1 FROM ").Add(dialect.Table);
        From(sql, dialect, ns, kind, where);
        return sql.Add(" LIMIT ").Value(most).Add(") AS counted");
    }

    /// <summary>Makes an index unless it is there.</summary>
    public static string Index(EntityDialect dialect, EntityIndex index)
    {
        var columns = index.Paths.SelectMany(path => dialect.OrderOf(path.Path).Select(expression => $"({expression}){(path.Descending ? " DESC" : "")}"));
        return $"CREATE INDEX {dialect.IndexWay}IF NOT EXISTS {dialect.Name(index.Name)} ON {dialect.Table} (namespace, {string.Join(", ", columns)}, id){dialect.IndexOptions} WHERE kind = {SqlDialect.Constant(index.Kind)}";
    }

    /// <summary>How many expressions of paths an index must answer for the statement to read nothing in vain; null where no index can: an alternative, a negation.</summary>
    public static int? Demands(EntityDialect dialect, QueryPlan plan)
    {
        var demands = new HashSet<(string, char)>();
        foreach (var condition in plan.Where.Conjuncts())
        {
            switch (condition)
            {
                case Condition.Is @is: demands.Add((dialect.OrderOf(@is.Path)[0], '=')); break;
                case Condition.Present present: demands.Add((dialect.OrderOf(present.Path)[0], '>')); break;
                case Condition.Compare { Operator: EntityOperator.Ne }: return null;
                case Condition.Compare compare:
                    demands.Add((dialect.OrderOf(compare.Path)[0], '='));
                    demands.Add((dialect.OrderOf(compare.Path)[^1], EntityDialectSign(compare.Operator)));
                    break;
                case Condition.OneOf oneOf:
                    demands.Add((dialect.OrderOf(oneOf.Path)[0], '='));
                    demands.Add((dialect.OrderOf(oneOf.Path)[^1], '='));
                    break;
                case Condition.Prefix prefix:
                    demands.Add((dialect.OrderOf(prefix.Path)[0], '='));
                    demands.Add((dialect.OrderOf(prefix.Path)[^1], '>'));
                    demands.Add((dialect.OrderOf(prefix.Path)[^1], '<'));
                    break;
                default: return null;
            }
        }
        return demands.Count;
    }

    private static char EntityDialectSign(EntityOperator op) => op switch
    {
        EntityOperator.Eq => '=',
        EntityOperator.Lt or EntityOperator.Le => '<',
        _ => '>',
    };

    private static void Select(SqlText sql, EntityDialect dialect, QueryPlan plan, List<Column> columns, int last, List<object>? place)
    {
        sql.Add("SELECT id, version, updated_at");
        if (!plan.KeysOnly) sql.Add(", data");
        else foreach (var (path, _) in plan.Order) foreach (var expression in dialect.OrderOf(path)) sql.Add(", ").Add(expression);
        sql.Add(" FROM ").Add(dialect.Table);
        From(sql, dialect, plan.Namespace, plan.Kind, plan.Where);
        if (place is not null)
        {
            for (var i = 0; i < last; i++) sql.Add(" AND ").Add(columns[i].Expression).Add(" = ").Value(place[i]);
            sql.Add(" AND ").Add(columns[last].Expression).Add(columns[last].Descending ? " < " : " > ").Value(place[last]);
        }
        sql.Add(" ORDER BY ");
        for (var i = last; i < columns.Count; i++) sql.Add(i > last ? ", " : "").Add(columns[i].Expression).Add(columns[i].Descending ? " DESC" : "");
    }

    private static void From(SqlText sql, EntityDialect dialect, Namespace ns, string kind, Condition where)
    {
        sql.Add(" WHERE namespace = ").Value(ns.Name).Add(" AND kind = ").Add(SqlDialect.Constant(kind));
        if (where is Condition.Constant { Holds: true }) return;
        sql.Add(" AND ");
        dialect.Where(sql, where);
    }

    /// <summary>What the page is ordered by, without what the filter makes constant; the id last.</summary>
    private static List<Column> Columns(EntityDialect dialect, QueryPlan plan)
    {
        var pinned = new Dictionary<EntityPath, int>();
        foreach (var condition in plan.Where.Conjuncts())
            if (PathOf(condition) is { } path) pinned[path] = Math.Max(pinned.GetValueOrDefault(path), dialect.Pinned(condition));
        var columns = new List<Column>();
        for (var i = 0; i < plan.Order.Count; i++)
        {
            var (path, descending) = plan.Order[i];
            var expressions = dialect.OrderOf(path);
            for (var part = pinned.GetValueOrDefault(path); part < expressions.Count; part++) columns.Add(new Column(expressions[part], descending, i, part));
            pinned[path] = expressions.Count;      // named twice, it says nothing the second time
        }
        columns.Add(new Column("id", false, -1, 0));
        return columns;
    }

    private static List<object> PlaceValues(EntityDialect dialect, List<Column> columns, IReadOnlyList<SortValue> values, EntityId id) =>
        columns.ConvertAll(column => column.Order < 0 ? id.ToBytes() : dialect.OrderValues(values[column.Order])[column.Part]);

    private static EntityPath? PathOf(Condition condition) => condition switch
    {
        Condition.Is @is => @is.Path,
        Condition.Compare compare => compare.Path,
        Condition.OneOf oneOf => oneOf.Path,
        Condition.Prefix prefix => prefix.Path,
        _ => null,
    };

    /// <param name="Order">Which of the query's orders; -1: the id.</param>
    /// <param name="Part">Which of that order's expressions.</param>
    private readonly record struct Column(string Expression, bool Descending, int Order, int Part);
}
