using System.Globalization;
using System.Text;

namespace ActorPerf.Jobs;

/// <summary>What a unique key or a limit key may be. Keys are compared byte by byte, and shown to people.</summary>
public static class KeyRule
{
    public const int MaxLength = 200;

    /// <summary>Null when it can be one; else what is wrong, in words.</summary>
    public static string? Fault(string key)
    {
        if (key.Length is 0 or > MaxLength) return $"{key.Length} characters; a key has 1 to {MaxLength}.";
        foreach (var rune in key.EnumerateRunes())
        {
            // Formatting characters make two keys look alike.
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format) return "A key holds no control or formatting characters.";
            // Half of a surrogate pair has no UTF-8 form of its own, so two such keys would be one.
            if (rune == Rune.ReplacementChar) return "The key holds a character that has no UTF-8 form.";
        }
        return null;
    }
}
