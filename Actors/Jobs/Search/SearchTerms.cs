using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Search;

/// <summary>The searchable members of a job's arguments, kept beside it so that it is found without reading every row.</summary>
public static class SearchTerms
{
    /// <summary>Longer values are left out, and not found by a whole value either.</summary>
    public const int MaxValue = 200;

    /// <summary>Values kept of one path, where it leads through an array.</summary>
    public const int MaxValues = 100;

    /// <summary>Path and value of every declared member that is there.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Of(TaskDescriptor task, ReadOnlyMemory<byte> args) => task.SearchArgs.Count == 0 ? [] : Of(Paths(task), args);

    /// <summary>Path and value of every one of these members that is there.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Of(IReadOnlyList<string> paths, ReadOnlyMemory<byte> args)
    {
        var terms = new List<KeyValuePair<string, string>>();
        foreach (var path in paths)
        {
            foreach (var value in ArgumentValues.Of(args, path, MaxValues))
                if (value.Length <= MaxValue && !value.Contains('\0', StringComparison.Ordinal)) terms.Add(new(path, value));
        }
        return terms;
    }

    /// <summary>The paths that a task's index knows.</summary>
    public static IReadOnlyList<string> Paths(TaskDescriptor task) => [.. task.SearchArgs.Distinct(StringComparer.Ordinal).Where(path => !IsSecret(task, path))];

    /// <summary>Whether the index of a task knows where a value of this path is.</summary>
    public static bool Covers(TaskDescriptor task, string path) => task.SearchArgs.Contains(path, StringComparer.Ordinal) && !IsSecret(task, path);

    /// <summary>Whether a path leads to, or through, a member that nobody is shown. Nobody finds out by guessing either.</summary>
    public static bool IsSecret(TaskDescriptor task, string path)
    {
        if (task.SecretArgs.Count == 0) return false;
        var steps = path.Split('.');
        return task.SecretArgs.Any(secret => Leads(steps, SecretMask.Steps(secret)));
    }

    /// <summary>Whether a path may come to a secret, or through it. A path has no step for the items of an array, so what a pointer says of them (<c>*</c>, a number)
    /// is passed with a step or without: rather too much is hidden than too little.</summary>
    private static bool Leads(ReadOnlySpan<string> path, ReadOnlySpan<string> secret) => secret is not [var step, .. var rest]
        || (IsOfItems(step) && Leads(path, rest))
        || (path is [var first, .. var next] && (step == "*" || step == first) && Leads(next, rest));

    private static bool IsOfItems(string step) => step == "*" || (step.Length > 0 && step.All(char.IsAsciiDigit));
}
