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
    public static IReadOnlyList<KeyValuePair<string, string>> Of(TaskDescriptor task, ReadOnlyMemory<byte> args)
    {
        if (task.SearchArgs.Count == 0) return [];
        var terms = new List<KeyValuePair<string, string>>();
        foreach (var path in task.SearchArgs.Distinct(StringComparer.Ordinal))
        {
            if (IsSecret(task, path)) continue;
            foreach (var value in ArgumentValues.Of(args, path, MaxValues))
                if (value.Length <= MaxValue && !value.Contains('\0', StringComparison.Ordinal)) terms.Add(new(path, value));
        }
        return terms;
    }

    /// <summary>Whether the index of a task knows where a value of this path is.</summary>
    public static bool Covers(TaskDescriptor task, string path) => task.SearchArgs.Contains(path, StringComparer.Ordinal) && !IsSecret(task, path);

    /// <summary>Whether a path leads to, or through, a member that nobody is shown. Nobody finds out by guessing either.</summary>
    public static bool IsSecret(TaskDescriptor task, string path)
    {
        if (task.SecretArgs.Count == 0) return false;
        var pointer = "/" + path.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal).Replace('.', '/');
        return task.SecretArgs.Any(secret => pointer == secret || pointer.StartsWith(secret + "/", StringComparison.Ordinal));
    }
}
