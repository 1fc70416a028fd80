using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using ActorPerf.Tracing;

namespace ActorPerf.Data;

/// <summary>Says once of a query that it has no index, and which one to declare.</summary>
internal sealed class QueryAdvice(ILogger log)
{
    private const int MaxTold = 1_000;

    private readonly ConcurrentDictionary<string, bool> _told = new(StringComparer.Ordinal);

    /// <param name="span">Of the query; null where nobody traces it.</param>
    public void Look(EntityQuery query, EntityPage page, Activity? span)
    {
        if (page.Indexed) return;
        var index = IndexFor(query);
        span?.SetTag(SpanTags.MissingIndex, index);
        if (_told.Count >= MaxTold || !_told.TryAdd($"{query.Kind} {index}", true)) return;
        log.NoIndex(query.Namespace.Name, query.Kind, $"{query.Kind} {{ indexes = [\"{index}\"] }}");
    }

    /// <summary>What is compared for equality, then the order, or else one path that is compared otherwise.</summary>
    internal static string IndexFor(EntityQuery query)
    {
        var equal = new List<string>();
        var other = new List<string>();
        Collect(query.Filter, equal, other);
        var paths = new List<string>(equal);
        foreach (var order in query.Order)
            if (!paths.Contains(order.Path)) paths.Add(order.Descending ? "-" + order.Path : order.Path);
        if (query.Order.Count == 0 && other.Find(path => !paths.Contains(path)) is { } range) paths.Add(range);
        return new StringBuilder().AppendJoin(',', paths).ToString();
    }

    private static void Collect(EntityFilter? filter, List<string> equal, List<string> other)
    {
        switch (filter)
        {
            case EntityFilter.Compare { Operator: EntityOperator.Eq } compare when !equal.Contains(compare.Path): equal.Add(compare.Path); break;
            case EntityFilter.Compare compare: other.Add(compare.Path); break;
            case EntityFilter.In some: other.Add(some.Path); break;
            case EntityFilter.StartsWith prefix: other.Add(prefix.Path); break;
            case EntityFilter.Exists exists: other.Add(exists.Path); break;
            case EntityFilter.And and:
                foreach (var part in and.All) Collect(part, equal, other);
                break;
            case EntityFilter.Or or:
                // One index serves one branch: what any of them compares is worth naming.
                foreach (var part in or.Any) Collect(part, other, other);
                break;
            case EntityFilter.Not not: Collect(not.Filter, other, other); break;
            default: break;
        }
    }
}
