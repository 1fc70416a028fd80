using System.Text.Json;
using ActorPerf.Data;

namespace ActorPerf.Storage.Entities;

/// <summary>Whether an entity meets a filter, said as plainly as the filter's own words: the model that statements are held against.</summary>
internal static class EntityMatch
{
    public static bool Meets(EntityFilter? filter, JsonElement root) => filter switch
    {
        null => true,
        EntityFilter.Compare compare => Compares(At(compare.Path, root), compare.Operator, SortValue.Of(compare.Value)),
        EntityFilter.In among => among.Values.Any(value => Compares(At(among.Path, root), EntityOperator.Eq, SortValue.Of(value))),
        EntityFilter.StartsWith prefix => At(prefix.Path, root).Text is { } text && text.StartsWith(prefix.Text, StringComparison.Ordinal),
        EntityFilter.Exists exists => At(exists.Path, root).Rank != SortRank.Missing == exists.Wanted,
        EntityFilter.And and => and.All.All(part => Meets(part, root)),
        EntityFilter.Or or => or.Any.Any(part => Meets(part, root)),
        EntityFilter.Not not => !Meets(not.Filter, root),
        _ => throw new ArgumentException($"{filter} is an unknown filter.", nameof(filter)),
    };

    private static SortValue At(string path, JsonElement root) => SortValue.Of(EntityPath.Parse(path).Find(root));

    private static bool Compares(SortValue found, EntityOperator op, SortValue value)
    {
        if (Sort(found) != Sort(value) || found.Rank == SortRank.Structure) return false;
        var order = found.CompareTo(value);
        return op switch
        {
            EntityOperator.Eq => order == 0,
            EntityOperator.Ne => order != 0,
            EntityOperator.Lt => order < 0,
            EntityOperator.Le => order <= 0,
            EntityOperator.Gt => order > 0,
            _ => order >= 0,
        };
    }

    private static SortRank Sort(SortValue value) => value.Rank == SortRank.True ? SortRank.False : value.Rank;
}
