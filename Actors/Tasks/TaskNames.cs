using System.Text.RegularExpressions;

namespace ActorPerf.Tasks;

/// <summary>The rule for names of tasks and queues: 1 to 64 of <c>a-z 0-9 . _ -</c>.</summary>
public static partial class TaskNames
{
    public const string Rule = "1 to 64 of a-z 0-9 . _ -";

    public static bool IsValid(string? name) => name is not null && Allowed().IsMatch(name);

    /// <summary>The candidate that differs least from a misspelt name; null when none is near.</summary>
    /// <param name="name">Only its first 64 characters count.</param>
    public static string? Nearest(string name, IEnumerable<string> candidates)
    {
        if (name.Length > 64) name = name[..64];
        var (best, least) = ((string?)null, Math.Max(2, name.Length / 3) + 1);
        foreach (var candidate in candidates)
        {
            var distance = Distance(name, candidate);
            if (distance < least) (best, least) = (candidate, distance);
        }
        return best;
    }

    /// <summary>Edits (insert, delete, replace) between two words: Levenshtein's distance, one row at a time.</summary>
    private static int Distance(string from, string to)
    {
        var row = new int[to.Length + 1];
        for (var j = 0; j < row.Length; j++) row[j] = j;
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j < row.Length; j++)
            {
                var replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }

    [GeneratedRegex(@"^[a-z0-9._-]{1,64}\z", RegexOptions.NonBacktracking)]
    private static partial Regex Allowed();
}
