namespace ActorPerf.Node;

/// <summary>Finds what was meant by a word that is not known.</summary>
internal static class Spelling
{
    /// <summary>More changes than this make another word.</summary>
    private const int MostChanges = 2;

    /// <summary>The known word that takes the fewest changes to reach; null where all are far.</summary>
    public static string? Nearest(string word, IEnumerable<string> known) => known
        .Select(candidate => (Candidate: candidate, Changes: Changes(word, candidate)))
        .Where(pair => pair.Changes <= MostChanges && pair.Changes < pair.Candidate.Length)
        .OrderBy(pair => pair.Changes)
        .Select(pair => pair.Candidate)
        .FirstOrDefault();

    /// <summary>Letters to add, drop or replace (Levenshtein's distance), row by row.</summary>
    private static int Changes(string from, string to)
    {
        var above = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var row = 1; row <= from.Length; row++)
        {
            var line = new int[to.Length + 1];
            line[0] = row;
            for (var column = 1; column <= to.Length; column++)
                line[column] = Math.Min(
                    Math.Min(above[column], line[column - 1]) + 1,
                    above[column - 1] + (from[row - 1] == to[column - 1] ? 0 : 1));
            above = line;
        }
        return above[to.Length];
    }
}
