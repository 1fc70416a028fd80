using System.Text;
using ActorPerf.Data;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Entities;

/// <summary>A query, read and checked: what every store works from.</summary>
/// <param name="Place">Values of <paramref name="Order"/> and the id behind which the page begins; null at the start.</param>
internal sealed record QueryPlan(
    Namespace Namespace, string Kind, Condition Where, IReadOnlyList<(EntityPath Path, bool Descending)> Order, int Limit,
    (IReadOnlyList<SortValue> Values, EntityId Id)? Place, bool KeysOnly, IReadOnlyList<string> Select, long MaxBytes)
{
    private const int MaxOrders = 8;
    private const int MaxSelected = 100;

    /// <exception cref="ArgumentException">A path, a value or a number breaks its rule.</exception>
    public static QueryPlan Of(EntityQuery query)
    {
        Key.CheckKind(query.Kind);
        if (query.Limit is < 1 or > EntityQuery.MaxPage) throw new ArgumentOutOfRangeException(nameof(query), $"A page of {query.Limit}; 1 to {EntityQuery.MaxPage} are allowed.");
        ArgumentOutOfRangeException.ThrowIfLessThan(query.MaxBytes, 1, nameof(query));
        if (query.Order.Count > MaxOrders) throw new ArgumentException($"{query.Order.Count} orders; at most {MaxOrders} are allowed.", nameof(query));
        if (query.Select.Count > MaxSelected) throw new ArgumentException($"{query.Select.Count} members to select; at most {MaxSelected} are allowed.", nameof(query));
        if (query.After is { } after && after.Values.Count != query.Order.Count)
            throw new ArgumentException($"A place with {after.Values.Count} values for {query.Order.Count} orders: it is of another query.", nameof(query));
        return new QueryPlan(
            query.Namespace, query.Kind, Condition.Of(query.Filter), [.. query.Order.Select(order => (EntityPath.Parse(order.Path), order.Descending))],
            query.Limit, query.After is { } place ? ([.. place.Values.Select(SortValue.Of)], place.Id) : null, query.KeysOnly, query.Select, query.MaxBytes);
    }

    /// <summary>Whether a page takes no more.</summary>
    /// <param name="bytes">Of the data it has.</param>
    public bool IsFull(int entities, long bytes) => entities == Limit || bytes >= MaxBytes;

    /// <summary>Names what a statement's text depends on, and nothing else: queries of one shape share their plan.</summary>
    public string Shape()
    {
        var text = new StringBuilder(Kind).Append('|');
        Where.Describe(text);
        foreach (var (path, descending) in Order) text.Append('|').Append(descending ? "-" : "").Append(path.Text);
        return text.Append(KeysOnly ? "|k" : "").ToString();
    }
}
