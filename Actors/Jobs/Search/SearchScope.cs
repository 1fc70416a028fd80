using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Search;

/// <summary>What a node's tasks say of the arguments that a search asks for: which are indexed, and which nobody is told of.</summary>
public static class SearchScope
{
    /// <summary>The query with both filled in.</summary>
    public static JobQuery Of(JobQuery query, ITaskCatalog tasks)
    {
        var paths = (query.Filter ?? JobFilter.Everything).Everywhere().OfType<JobFilter.Argument>().Select(argument => argument.Path).Distinct(StringComparer.Ordinal).ToArray();
        if (paths.Length == 0) return query;
        var pairs = tasks.All.SelectMany(task => paths.Select(path => (Task: task, Path: path))).ToArray();
        return query with
        {
            Indexed = pairs.Where(pair => SearchTerms.Covers(pair.Task, pair.Path)).Select(pair => (pair.Task.Name, pair.Path)).ToHashSet(),
            Hidden = pairs.Where(pair => SearchTerms.IsSecret(pair.Task, pair.Path)).Select(pair => (pair.Task.Name, pair.Path)).ToHashSet(),
        };
    }
}
