using ActorPerf.Tasks;

namespace ActorPerf.Data;

/// <summary>Which entities of a kind, in which order, and how much of them. One page of it is one statement.</summary>
public sealed record EntityQuery(Namespace Namespace, string Kind)
{
    public const int MaxPage = 2_000;

    /// <summary>Null: all.</summary>
    public EntityFilter? Filter { get; init; }

    /// <summary>The key, ascending, is always the last order.</summary>
    public IReadOnlyList<EntityOrder> Order { get; init; } = [];

    /// <summary>1 to <see cref="MaxPage"/>.</summary>
    public int Limit { get; init; } = 200;

    /// <summary>The page ends before its limit with the entity whose data brings it to so many bytes: it has fewer than that and one entity more. What is left out by <see cref="Select"/> counts too. 1 and up.</summary>
    public long MaxBytes { get; init; } = long.MaxValue;

    /// <summary>Where the last page ended; null at the start.</summary>
    public QueryPlace? After { get; init; }

    /// <summary>Leaves <see cref="Entity.Data"/> empty.</summary>
    public bool KeysOnly { get; init; }

    /// <summary>Only these top-level members are returned; empty: all.</summary>
    public IReadOnlyList<string> Select { get; init; } = [];
}

/// <param name="Path">Members joined by dots; at most 8 of them, each at most 64 characters of <c>A-Z a-z 0-9 _ -</c> (a number addresses an array's item).</param>
public readonly record struct EntityOrder(string Path, bool Descending = false);

/// <summary>A condition on an entity's JSON.</summary>
/// <remarks>
/// Values are compared only with values of their own sort: a number with numbers (by value: 1 equals 1.0), a text with texts (by UTF-8 bytes), true and false
/// with each other, null with null. A path that is missing, or holds another sort, meets no comparison, also not <see cref="EntityOperator.Ne"/>;
/// an object or array meets only <see cref="Exists"/>. In an order: missing first, then null, false, true, numbers, texts, then objects and arrays, which are equal among themselves; descending the other way round.
/// A number written as a 64-bit integer is exact, any other counts as the double nearest to it.
/// </remarks>
public abstract record EntityFilter
{
    /// <summary>Groups (<see cref="And"/>, <see cref="Or"/>, <see cref="Not"/>) around one condition. The wire's eight levels are eighteen of them at most.</summary>
    public const int MaxDepth = 24;

    /// <summary>Comparisons and the like in a filter, a group that holds nothing among them; the wire allows half as many. Groups are not counted:
    /// there is something in each, so depth and conditions bound their number.</summary>
    public const int MaxConditions = 200;

    /// <summary>Of one <see cref="In"/>.</summary>
    public const int MaxValues = 100;

    private EntityFilter()
    {
    }

    public sealed record Compare(string Path, EntityOperator Operator, EntityValue Value) : EntityFilter;

    /// <param name="Values">1 to 100.</param>
    public sealed record In(string Path, IReadOnlyList<EntityValue> Values) : EntityFilter;

    public sealed record StartsWith(string Path, string Text) : EntityFilter;

    /// <param name="Wanted">False: where it is missing.</param>
    public sealed record Exists(string Path, bool Wanted = true) : EntityFilter;

    public sealed record And(IReadOnlyList<EntityFilter> All) : EntityFilter;

    public sealed record Or(IReadOnlyList<EntityFilter> Any) : EntityFilter;

    public sealed record Not(EntityFilter Filter) : EntityFilter;
}

/// <summary>As on the wire: <c>eq ne lt le gt ge</c>.</summary>
public enum EntityOperator
{
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// <summary>A JSON scalar in a filter or a place.</summary>
public abstract record EntityValue
{
    private EntityValue()
    {
    }

    public sealed record Null : EntityValue;

    public sealed record Boolean(bool Value) : EntityValue;

    /// <summary>A 64-bit integer, exact.</summary>
    public sealed record Integer(long Value) : EntityValue;

    public sealed record Number(double Value) : EntityValue;

    public sealed record Text(string Value) : EntityValue;

    /// <summary>An object or an array, whichever. Only in a place: a filter compares with none.</summary>
    public sealed record Structure : EntityValue;
}

/// <summary>Where a page ended: the last row's values of the orders, and its id.</summary>
/// <param name="Values">One per order; null where the path was missing.</param>
public sealed record QueryPlace(IReadOnlyList<EntityValue?> Values, EntityId Id);

/// <param name="Items">In order; at most the limit.</param>
/// <param name="Next">Null when there is no more.</param>
/// <param name="Indexed">False when the statement had to read rows that it then left out or sort them: declare an index.</param>
public sealed record EntityPage(IReadOnlyList<Entity> Items, QueryPlace? Next, bool Indexed);
