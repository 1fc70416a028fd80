using ActorPerf.Data;
using ActorPerf.Storage.Entities;

namespace ActorPerf.Storage.Sql;

/// <summary>SQLite: a value is ordered by two expressions, its sort and itself. Within a sort SQLite's own comparison is the one we promise: integers exactly,
/// integers against doubles by value, texts by their bytes.</summary>
internal sealed class SqliteDialect : EntityDialect
{
    public static SqliteDialect Instance { get; } = new();

    public override string Table => "entity";

    public override string Parameter(int number) => "?";

    public override string Name(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public override IReadOnlyList<string> OrderOf(EntityPath path) => [Rank(path), Self(path)];

    // 0 stands in for the value of a sort that has only one: a NULL would make every comparison with it unknown.
    public override IReadOnlyList<object> OrderValues(SortValue value) => [(long)value.Rank, value.Rank is SortRank.Number or SortRank.Text ? Scalar(value) : 0L];

    public override int Pinned(Condition condition) => condition switch
    {
        Condition.Is { Rank: SortRank.Number or SortRank.Text } => 1,
        Condition.Is => 2,
        Condition.Compare { Operator: EntityOperator.Eq } => 2,
        Condition.Compare or Condition.OneOf or Condition.Prefix => 1,
        _ => 0,
    };

    protected override void Leaf(SqlText sql, Condition condition)
    {
        switch (condition)
        {
            case Condition.Is @is:
                sql.Add(Rank(@is.Path)).Add(" = ").Value((long)@is.Rank);
                break;
            case Condition.Present present:
                sql.Add(Rank(present.Path)).Add(" > ").Value((long)SortRank.Missing);
                break;
            case Condition.Compare compare:
                sql.Add("(").Add(Rank(compare.Path)).Add(" = ").Value((long)compare.Value.Rank)
                    .Add(" AND ").Add(Self(compare.Path)).Add($" {Sign(compare.Operator)} ").Value(Scalar(compare.Value)).Add(")");
                break;
            case Condition.OneOf oneOf:
                sql.Add("(").Add(Rank(oneOf.Path)).Add(" = ").Value((long)oneOf.Values[0].Rank).Add(" AND ").Add(Self(oneOf.Path)).Add(" IN (");
                for (var i = 0; i < oneOf.Values.Count; i++) sql.Add(i > 0 ? ", " : "").Value(Scalar(oneOf.Values[i]));
                sql.Add("))");
                break;
            case Condition.Prefix prefix:
                sql.Add("(").Add(Rank(prefix.Path)).Add(" = ").Value((long)SortRank.Text).Add(" AND ").Add(Self(prefix.Path)).Add(" >= ").Value(prefix.Text)
                    .Add(" AND ").Add(Self(prefix.Path)).Add(" < ").Value(new Utf8Text(Behind(prefix.Text))).Add(")");
                break;
            default:
                throw new InvalidOperationException("not a condition on one path");
        }
    }

    private static object Scalar(SortValue value) => value.Text ?? (value.Integer is { } integer ? integer : (object)value.Double);

    private static string Rank(EntityPath path) =>
        $"CASE json_type(data, {Place(path)}) WHEN 'null' THEN 1 WHEN 'false' THEN 2 WHEN 'true' THEN 3 WHEN 'integer' THEN 4 WHEN 'real' THEN 4 WHEN 'text' THEN 5 "
        + "WHEN 'object' THEN 6 WHEN 'array' THEN 6 ELSE 0 END";

    private static string Self(EntityPath path) =>
        $"CASE json_type(data, {Place(path)}) WHEN 'integer' THEN json_extract(data, {Place(path)}) WHEN 'real' THEN json_extract(data, {Place(path)}) "
        + $"WHEN 'text' THEN json_extract(data, {Place(path)}) ELSE 0 END";

    private static string Place(EntityPath path) => Constant("$" + string.Concat(path.Parts.Select(part => part.Item is { } item ? $"[{item}]" : $".\"{part.Name}\"")));
}
