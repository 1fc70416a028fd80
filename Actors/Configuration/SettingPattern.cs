namespace ActorPerf.Configuration;

/// <summary>Patterns of keys, level by level: <c>*</c> is any level, <c>/*</c> one that begins with a slash, a last <c>**</c> any number.</summary>
internal static class SettingPattern
{
    public static bool Matches(ReadOnlySpan<string> pattern, ReadOnlySpan<string> levels)
    {
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == "**") return true;
            if (i == levels.Length || !Matches(pattern[i], levels[i])) return false;
        }
        return pattern.Length == levels.Length;
    }

    private static bool Matches(string pattern, string level) => pattern switch
    {
        "*" => true,
        "/*" => level.StartsWith('/'),
        _ => pattern.Equals(level, StringComparison.OrdinalIgnoreCase),
    };
}
