using System.Text;
using ActorPerf.Data;
using ActorPerf.Storage.Entities;

namespace ActorPerf.Storage.Sql;

/// <summary>How one database orders and compares what stands at a path of an entity's JSON. Every expression is two-valued: none is ever NULL.</summary>
internal abstract class EntityDialect : SqlDialect
{
    /// <summary>The table of entities.</summary>
    public abstract string Table { get; }

    /// <summary>The expressions that a value is ordered by, in their order. Index and statement must use the same text for the database to see that they are one.</summary>
    public abstract IReadOnlyList<string> OrderOf(EntityPath path);

    /// <summary>What <see cref="OrderOf"/> gives for a value, as parameters.</summary>
    public abstract IReadOnlyList<object> OrderValues(SortValue value);

    /// <summary>How many of <see cref="OrderOf"/> are constant where a condition holds: 0, all, or those of the sort.</summary>
    public abstract int Pinned(Condition condition);

    /// <summary>A condition on one path.</summary>
    protected abstract void Leaf(SqlText sql, Condition condition);

    /// <summary>What stands behind an index's columns, such as its condition's spelling.</summary>
    public virtual string IndexOptions => "";

    /// <summary>How an index is made without holding up writes; empty where there is one writer anyway.</summary>
    public virtual string IndexWay => "";

    public void Where(SqlText sql, Condition condition)
    {
        switch (condition)
        {
            case Condition.Constant constant: sql.Add(constant.Holds ? "1 = 1" : "1 = 0"); break;
            case Condition.All all: Join(sql, " AND ", all.Parts); break;
            case Condition.Any any: Join(sql, " OR ", any.Parts); break;
            case Condition.Not not:
                sql.Add("NOT (");
                Where(sql, not.Part);
                sql.Add(")");
                break;
            default: Leaf(sql, condition); break;
        }
    }

    protected static string Sign(EntityOperator op) => op switch
    {
        EntityOperator.Eq => "=",
        EntityOperator.Ne => "<>",
        EntityOperator.Lt => "<",
        EntityOperator.Le => "<=",
        EntityOperator.Gt => ">",
        _ => ">=",
    };

    /// <summary>The first bytes behind all texts that begin with this one. UTF-8 has no byte 0xFF, so the last byte can always be raised.</summary>
    protected static byte[] Behind(string prefix)
    {
        var bytes = Encoding.UTF8.GetBytes(prefix);
        bytes[^1]++;
        return bytes;
    }

    private void Join(SqlText sql, string word, IReadOnlyList<Condition> parts)
    {
        sql.Add("(");
        for (var i = 0; i < parts.Count; i++)
        {
            if (i > 0) sql.Add(word);
            Where(sql, parts[i]);
        }
        sql.Add(")");
    }
}
