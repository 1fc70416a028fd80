using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;

namespace ActorPerf.Data;

/// <summary>Builds a query over a typed kind: <c>data.Query(Accounts).Where(a => a.City == "Oslo").OrderBy(a => a.Name)</c>. Each call gives a new one.</summary>
public sealed class DataQuery<T> : QueryRows<Entity<T>>
{
    private readonly EntityKind<T> _kind;

    internal DataQuery(IData data, EntityKind<T> kind, EntityQuery query, bool viaCache, CallPlace place)
        : base(data, query, entity => TypedData.Read(kind, entity)!, viaCache, place) => _kind = kind;

    /// <summary>Keeps what meets a condition; several of them must all be met.</summary>
    /// <param name="condition">Comparisons of members with values, <c>StartsWith</c>, <c>list.Contains(a.Member)</c>, joined by <c>&amp;&amp;</c>, <c>||</c> and <c>!</c>.
    /// It is what <see cref="EntityFilter"/> says, so a member that is missing meets none of them.</param>
    /// <exception cref="NotSupportedException">The store cannot decide this; the message says which part.</exception>
    public DataQuery<T> Where(Expression<Func<T, bool>> condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return Where(FilterExpression.Read(condition, _kind.Json));
    }

    public DataQuery<T> Where(EntityFilter filter) => With(Query with { Filter = QueryParts.Join(Query.Filter, filter) });

    /// <param name="path">As of <see cref="EntityOrder.Path"/>.</param>
    public DataQuery<T> Where(string path, EntityOperator comparison, EntityValue value) => Where(new EntityFilter.Compare(path, comparison, value));

    public DataQuery<T> OrderBy<TMember>(Expression<Func<T, TMember>> member) => OrderBy(FilterExpression.PathOf(member, _kind.Json));

    public DataQuery<T> OrderByDescending<TMember>(Expression<Func<T, TMember>> member) => OrderBy(FilterExpression.PathOf(member, _kind.Json), descending: true);

    /// <summary>Orders; a further one orders within those that are equal so far.</summary>
    public DataQuery<T> OrderBy(string path, bool descending = false) => With(Query with { Order = [.. Query.Order, new EntityOrder(path, descending)] });

    /// <summary>Asks for keys, and then reads the entities by them: from the scope and together with other reads, instead of once more.</summary>
    /// <remarks>No row is older than the query found it: where the scope remembers an older state, or that there was none, the entity is read again, and the scope knows better then. A newer state is
    /// answered as it is, also where it does not meet the condition any more. Only what is gone when it is read is left out.</remarks>
    public DataQuery<T> ViaCache() => new(Source, _kind, Query, viaCache: true, Place);

    /// <summary>The keys alone.</summary>
    public QueryRows<Key> KeysOnly() => new Keys(Source, Query with { KeysOnly = true }, Place);

    /// <summary>Only some top-level members, read into a type that has no others.</summary>
    public QueryRows<Entity<TPart>> Select<TPart>(JsonTypeInfo<TPart> part)
    {
        ArgumentNullException.ThrowIfNull(part);
        var members = part.Properties.Where(member => !member.IsExtensionData).Select(member => member.Name).ToArray();
        var kind = new EntityKind<TPart>(_kind.Name, part);
        return new DataQuery<TPart>(Source, kind, Query with { Select = members }, viaCache: false, Place);
    }

    private DataQuery<T> With(EntityQuery query) => new(Source, _kind, query, IsViaCache, Place);

    private sealed class Keys(IData data, EntityQuery query, CallPlace place) : QueryRows<Key>(data, query, entity => entity.Key, viaCache: false, place);
}

/// <summary>The same over a kind without a type: paths and JSON.</summary>
public sealed class DataQuery : QueryRows<Entity>
{
    internal DataQuery(IData data, EntityQuery query, bool viaCache, CallPlace place)
        : base(data, query, entity => entity, viaCache, place)
    {
    }

    /// <inheritdoc cref="DataQuery{T}.Where(EntityFilter)"/>
    public DataQuery Where(EntityFilter filter) => With(Query with { Filter = QueryParts.Join(Query.Filter, filter) });

    /// <inheritdoc cref="DataQuery{T}.Where(string, EntityOperator, EntityValue)"/>
    public DataQuery Where(string path, EntityOperator comparison, EntityValue value) => Where(new EntityFilter.Compare(path, comparison, value));

    /// <inheritdoc cref="DataQuery{T}.OrderBy(string, bool)"/>
    public DataQuery OrderBy(string path, bool descending = false) => With(Query with { Order = [.. Query.Order, new EntityOrder(path, descending)] });

    /// <inheritdoc cref="DataQuery{T}.ViaCache"/>
    public DataQuery ViaCache() => new(Source, Query, viaCache: true, Place);

    /// <summary>Leaves <see cref="Entity.Data"/> empty.</summary>
    public DataQuery KeysOnly() => With(Query with { KeysOnly = true });

    /// <summary>Only these top-level members.</summary>
    public DataQuery Select(params IReadOnlyList<string> members) => With(Query with { Select = members });

    private DataQuery With(EntityQuery query) => new(Source, query, IsViaCache, Place);
}

/// <summary>Beginnings of queries, in <see cref="IData.Namespace"/>.</summary>
public static class DataQueries
{
    public static DataQuery<T> Query<T>(this IData data, EntityKind<T> kind, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "")
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(kind);
        return new DataQuery<T>(data, kind, new EntityQuery(data.Namespace, kind.Name), viaCache: false, new CallPlace(file, line, member));
    }

    public static DataQuery Query(this IData data, string kind, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "")
    {
        ArgumentNullException.ThrowIfNull(data);
        Key.CheckKind(kind);
        return new DataQuery(data, new EntityQuery(data.Namespace, kind), viaCache: false, new CallPlace(file, line, member));
    }
}

internal static class QueryParts
{
    public static EntityFilter Join(EntityFilter? filter, EntityFilter other) => filter switch
    {
        null => other,
        EntityFilter.And and => new EntityFilter.And([.. and.All, other]),
        _ => new EntityFilter.And([filter, other]),
    };
}
