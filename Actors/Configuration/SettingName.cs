using System.Text;

namespace ActorPerf.Configuration;

/// <summary>The spellings of a setting: <c>MaxEntries</c> in code, <c>max-entries</c> in files, <c>a:b</c> and <c>a.b</c> as paths.</summary>
public static class SettingName
{
    /// <summary>Kebab case of a name in code: <c>MaxEntries</c> is <c>max-entries</c>, <c>HttpUrl2</c> is <c>http-url2</c>.</summary>
    public static string Kebab(string name)
    {
        var kebab = new StringBuilder(name.Length + 4);
        for (var i = 0; i < name.Length; i++)
        {
            var wordStarts = i > 0 && char.IsUpper(name[i])
                && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            if (wordStarts) kebab.Append('-');
            kebab.Append(char.ToLowerInvariant(name[i]));
        }
        return kebab.ToString();
    }

    /// <summary>The spelling of files and messages for a flat key: levels joined with dots, a name that holds a dot in quotes.</summary>
    public static string Dotted(string key) =>
        string.Join('.', key.Split(':').Select(name => name.Contains('.', StringComparison.Ordinal) ? $"\"{name}\"" : name));

    /// <summary>The known name nearest to what was written, where it is near enough to be meant.</summary>
    /// <returns><c>null</c> where nothing is near: more than about half of the letters differ.</returns>
    public static string? Nearest(string written, IEnumerable<string> known)
    {
        if (written.Length > MaxCompared) return null;
        var best = known.Where(name => name.Length <= MaxCompared)
            .Select(name => (Name: name, Distance: Distance(written.ToLowerInvariant(), name.ToLowerInvariant())))
            .OrderBy(pair => pair.Distance).ThenBy(pair => pair.Name, StringComparer.Ordinal).FirstOrDefault();
        return best.Name is not null && best.Distance <= (Math.Max(written.Length, best.Name.Length) + 1) / 2 ? best.Name : null;
    }

    /// <summary>Levenshtein's distance: insertions, deletions and replacements that make one text of the other.</summary>
    public static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replace = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replace, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[to.Length];
    }

    private const int MaxCompared = 256;           // longer is no near-miss, and the comparison is quadratic
}
