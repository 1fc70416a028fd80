using System.Globalization;
using ActorPerf.Data;
using ActorPerf.Storage.Entities;

namespace ActorPerf.Storage.Sql;

/// <summary>PostgreSQL: a value is ordered by one expression, the bytes of <see cref="SortValue.ToBytes"/>, which a function of our schema makes on the server.
/// Bytes compare the same under every collation, one column of an index holds them, and one comparison of them says all.</summary>
internal sealed class PostgresDialect : EntityDialect
{
    public const string Schema = "actorperf";

    public static PostgresDialect Instance { get; } = new();

    public override string IndexWay => "CONCURRENTLY ";

    public override string Table => Schema + ".entity";

    public override string Parameter(int number) => string.Create(CultureInfo.InvariantCulture, $"${number}");

    public override string Name(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public override IReadOnlyList<string> OrderOf(EntityPath path) => [KeyOf(path)];

    public override IReadOnlyList<object> OrderValues(SortValue value) => [value.ToBytes()];

    public override int Pinned(Condition condition) => condition switch
    {
        Condition.Is { Rank: not (SortRank.Number or SortRank.Text) } => 1,
        Condition.Compare { Operator: EntityOperator.Eq } => 1,
        _ => 0,
    };

    protected override void Leaf(SqlText sql, Condition condition)
    {
        switch (condition)
        {
            case Condition.Is { Rank: SortRank.Number or SortRank.Text } @is:
                Range(sql, KeyOf(@is.Path), First(@is.Rank), First(@is.Rank + 1));
                break;
            case Condition.Is @is:
                sql.Add(KeyOf(@is.Path)).Add(" = ").Value(First(@is.Rank));
                break;
            case Condition.Present present:
                sql.Add(KeyOf(present.Path)).Add(" >= ").Value(First(SortRank.Null));
                break;
            case Condition.Compare compare:
                Compare(sql, KeyOf(compare.Path), compare.Operator, compare.Value.Rank, compare.Value.ToBytes());
                break;
            case Condition.OneOf oneOf:
                sql.Add(KeyOf(oneOf.Path)).Add(" = ANY (").Value(oneOf.Values.Select(value => value.ToBytes()).ToArray()).Add(")");
                break;
            case Condition.Prefix prefix:
                Range(sql, KeyOf(prefix.Path), SortValue.Of(prefix.Text).ToBytes(), [(byte)SortRank.Text, .. Behind(prefix.Text)]);
                break;
            default:
                throw new InvalidOperationException("not a condition on one path");
        }
    }

    private static void Compare(SqlText sql, string key, EntityOperator op, SortRank rank, byte[] value)
    {
        switch (op)
        {
            case EntityOperator.Eq: sql.Add(key).Add(" = ").Value(value); break;
            case EntityOperator.Lt: Range(sql, key, First(rank), value); break;
            case EntityOperator.Le: Range(sql, key, First(rank), value, to: " <= "); break;
            case EntityOperator.Gt: Range(sql, key, value, First(rank + 1), from: " > "); break;
            case EntityOperator.Ge: Range(sql, key, value, First(rank + 1)); break;
            default:
                sql.Add("(");
                Range(sql, key, First(rank), First(rank + 1));
                sql.Add(" AND ").Add(key).Add(" <> ").Value(value).Add(")");
                break;
        }
    }

    private static void Range(SqlText sql, string key, byte[] low, byte[] high, string from = " >= ", string to = " < ") =>
        sql.Add("(").Add(key).Add(from).Value(low).Add(" AND ").Add(key).Add(to).Value(high).Add(")");

    /// <summary>Before all values of a sort: the others only have more bytes behind it.</summary>
    private static byte[] First(SortRank rank) => [(byte)rank];

    private static string KeyOf(EntityPath path) =>
        $"{Schema}.entity_key(data, {Constant("{" + string.Join(',', path.Parts.Select(part => $"\"{part.Name}\"")) + "}")}::text[])";
}
