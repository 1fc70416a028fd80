using System.Collections.Concurrent;
using ActorPerf.Storage.Entities;
using ActorPerf.Storage.Sql;

namespace ActorPerf.Storage.Sqlite;

/// <summary>Remembers by a statement's shape whether an index answers it, as SQLite's own plan says.</summary>
internal sealed class SqliteEntityPlans
{
    private const int MaxShapes = 1_000;

    private readonly ConcurrentDictionary<string, bool> _indexed = new(StringComparer.Ordinal);

    public bool IsIndexed(SqliteSession session, QueryPlan plan)
    {
        var shape = plan.Shape();
        if (_indexed.TryGetValue(shape, out var indexed)) return indexed;
        if (_indexed.Count >= MaxShapes) _indexed.Clear();
        return _indexed[shape] = Explain(session, plan);
    }

    /// <summary>The indexes changed.</summary>
    public void Clear() => _indexed.Clear();

    /// <summary>SQLite's plan, a line each.</summary>
    public static IReadOnlyList<string> Explain(SqliteHandle handle, SqlText sql)
    {
        var lines = new List<string>();
        using var statement = handle.Prepare("EXPLAIN QUERY PLAN " + sql);
        while (statement.Step()) lines.Add(statement.Text(3));
        return lines;
    }

    private static bool Explain(SqliteSession session, QueryPlan plan)
    {
        // A plan does not tell which conditions are checked row by row, so those that its search names are counted.
        if (EntityStatements.Demands(SqliteDialect.Instance, plan) is not { } demands) return false;
        var lines = Explain(session.Handle, EntityStatements.Page(SqliteDialect.Instance, plan with { Place = null }, plan.Limit));
        return lines.All(line => !line.Contains("TEMP B-TREE", StringComparison.Ordinal))
            && lines.Any(line => line.StartsWith("SEARCH", StringComparison.Ordinal) && line.Split("<expr>").Length - 1 == demands);
    }
}
