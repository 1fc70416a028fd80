using System.Text;
using ActorPerf.Data;

namespace ActorPerf.Storage.Entities;

/// <summary>A filter as statements are made of it: two-valued, each comparison within one sort, which it demands.</summary>
internal abstract record Condition
{
    private Condition()
    {
    }

    /// <summary>The same for every entity.</summary>
    public sealed record Constant(bool Holds) : Condition;

    /// <summary>The value's sort.</summary>
    public sealed record Is(EntityPath Path, SortRank Rank) : Condition;

    /// <summary>There is a value, whatever its sort.</summary>
    public sealed record Present(EntityPath Path) : Condition;

    /// <summary>A number against a number, or a text against a text.</summary>
    public sealed record Compare(EntityPath Path, EntityOperator Operator, SortValue Value) : Condition;

    /// <param name="Values">All numbers or all texts, at least one.</param>
    public sealed record OneOf(EntityPath Path, IReadOnlyList<SortValue> Values) : Condition;

    /// <param name="Text">Not empty.</param>
    public sealed record Prefix(EntityPath Path, string Text) : Condition;

    public sealed record All(IReadOnlyList<Condition> Parts) : Condition;

    public sealed record Any(IReadOnlyList<Condition> Parts) : Condition;

    public sealed record Not(Condition Part) : Condition;

    /// <exception cref="ArgumentException">It is too large, or a path or value breaks its rule.</exception>
    public static Condition Of(EntityFilter? filter)
    {
        if (filter is null) return new Constant(true);
        var left = EntityFilter.MaxConditions;
        return Read(filter, 0, ref left);
    }

    /// <summary>The conditions that must all hold.</summary>
    public IEnumerable<Condition> Conjuncts() => this switch
    {
        All all => all.Parts.SelectMany(part => part.Conjuncts()),
        Constant { Holds: true } => [],
        _ => [this],
    };

    /// <summary>Writes the shape: everything but the values.</summary>
    public void Describe(StringBuilder text)
    {
        switch (this)
        {
            case Constant constant: text.Append(constant.Holds ? '1' : '0'); break;
            case Is @is: text.Append(@is.Path.Text).Append(':').Append((int)@is.Rank); break;
            case Present present: text.Append(present.Path.Text).Append('?'); break;
            case Compare compare: text.Append(compare.Path.Text).Append((int)compare.Operator).Append(':').Append((int)compare.Value.Rank); break;
            case OneOf oneOf: text.Append(oneOf.Path.Text).Append("in").Append(oneOf.Values.Count).Append(':').Append((int)oneOf.Values[0].Rank); break;
            case Prefix prefix: text.Append(prefix.Path.Text).Append('*'); break;
            case Not not: Describe(text, '!', [not.Part]); break;
            case All all: Describe(text, '&', all.Parts); break;
            case Any any: Describe(text, '+', any.Parts); break;
            default: throw new InvalidOperationException("an unknown condition");
        }
    }

    private static void Describe(StringBuilder text, char sign, IReadOnlyList<Condition> parts)
    {
        text.Append(sign).Append('(');
        foreach (var part in parts)
        {
            part.Describe(text);
            text.Append(' ');
        }
        text.Append(')');
    }

    // Groups are not counted: a reader of some other language may put any number of them around what its user wrote, and is not to know how many that makes here.
    private static Condition Read(EntityFilter filter, int depth, ref int left)
    {
        var isGroup = filter is EntityFilter.Not or EntityFilter.And { All.Count: > 0 } or EntityFilter.Or { Any.Count: > 0 };
        if (depth > EntityFilter.MaxDepth || (!isGroup && --left < 0))
            throw new ArgumentException($"The filter is too large: at most {EntityFilter.MaxDepth} levels and {EntityFilter.MaxConditions} conditions are allowed.", nameof(filter));
        switch (filter)
        {
            case EntityFilter.Compare compare:
                return Comparison(EntityPath.Parse(compare.Path), compare.Operator, SortValue.Of(compare.Value));
            case EntityFilter.In { Values.Count: >= 1 and <= EntityFilter.MaxValues } among:
                return Among(EntityPath.Parse(among.Path), [.. among.Values.Select(SortValue.Of)]);
            case EntityFilter.In among:
                throw new ArgumentException($"'in' with {among.Values.Count} values; 1 to {EntityFilter.MaxValues} are allowed.", nameof(filter));
            case EntityFilter.StartsWith { Text.Length: 0 } any:
                return new Is(EntityPath.Parse(any.Path), SortRank.Text);
            case EntityFilter.StartsWith prefix:
                return new Prefix(EntityPath.Parse(prefix.Path), Unicode.Checked(prefix.Text));
            case EntityFilter.Exists exists:
                return exists.Wanted ? new Present(EntityPath.Parse(exists.Path)) : new Is(EntityPath.Parse(exists.Path), SortRank.Missing);
            case EntityFilter.Not not:
                return new Not(Read(not.Filter, depth + 1, ref left));
            case EntityFilter.And and:
                return Join(and.All, depth, ref left, parts => new All(parts), none: true);
            case EntityFilter.Or or:
                return Join(or.Any, depth, ref left, parts => new Any(parts), none: false);
            default:
                throw new ArgumentException($"{filter} is an unknown filter.", nameof(filter));
        }
    }

    private static Condition Join(IReadOnlyList<EntityFilter> filters, int depth, ref int left, Func<IReadOnlyList<Condition>, Condition> join, bool none)
    {
        var parts = new List<Condition>(Math.Min(filters.Count, EntityFilter.MaxConditions));
        foreach (var filter in filters) parts.Add(Read(filter, depth + 1, ref left));
        return parts.Count switch
        {
            0 => new Constant(none),
            1 => parts[0],
            _ => join(parts),
        };
    }

    private static Condition Comparison(EntityPath path, EntityOperator op, SortValue value) => value.Rank switch
    {
        SortRank.Number or SortRank.Text => new Compare(path, op, value),
        SortRank.Null => Meets(op, 0) ? new Is(path, SortRank.Null) : new Constant(false),
        SortRank.False or SortRank.True => Booleans(path, op, value.Rank),
        _ => throw new ArgumentException("A filter compares with null, true, false, a number or a text.", nameof(value)),
    };

    /// <summary>False and true are two sorts here and one in a comparison.</summary>
    private static Condition Booleans(EntityPath path, EntityOperator op, SortRank with)
    {
        var no = Meets(op, SortRank.False - with);
        var yes = Meets(op, SortRank.True - with);
        if (no && yes) return new Any([new Is(path, SortRank.False), new Is(path, SortRank.True)]);
        return no || yes ? new Is(path, yes ? SortRank.True : SortRank.False) : new Constant(false);
    }

    private static bool Meets(EntityOperator op, int order) => op switch
    {
        EntityOperator.Eq => order == 0,
        EntityOperator.Ne => order != 0,
        EntityOperator.Lt => order < 0,
        EntityOperator.Le => order <= 0,
        EntityOperator.Gt => order > 0,
        _ => order >= 0,
    };

    private static Condition Among(EntityPath path, IReadOnlyList<SortValue> values)
    {
        var parts = new List<Condition>();
        foreach (var sort in values.Distinct().GroupBy(value => value.Rank))
        {
            if (sort.Key is SortRank.Missing or SortRank.Structure) throw new ArgumentException("A filter compares with null, true, false, a number or a text.", nameof(values));
            parts.Add(sort.Key is SortRank.Number or SortRank.Text ? new OneOf(path, [.. sort]) : new Is(path, sort.Key));
        }
        return parts.Count == 1 ? parts[0] : new Any(parts);
    }
}
