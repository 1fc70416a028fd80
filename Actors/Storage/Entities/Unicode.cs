namespace ActorPerf.Storage.Entities;

/// <summary>Text as databases see it: UTF-8.</summary>
internal static class Unicode
{
    /// <summary>The order of the UTF-8 bytes, which is that of the code points. UTF-16 differs: it has surrogates before U+E000.</summary>
    public static int CompareUtf8(string left, string right)
    {
        var common = Math.Min(left.Length, right.Length);
        for (var i = 0; i < common; i++)
        {
            var (a, b) = (left[i], right[i]);
            if (a == b) continue;
            return char.IsSurrogate(a) == char.IsSurrogate(b) ? a.CompareTo(b) : char.IsSurrogate(a) ? 1 : -1;
        }
        return left.Length.CompareTo(right.Length);
    }

    /// <exception cref="ArgumentException">It holds half a surrogate pair or the character U+0000, which no stored text does.</exception>
    public static string Checked(string text) =>
        IsStorable(text) ? text : throw new ArgumentException("A text to compare with holds half a surrogate pair or the character U+0000; no stored text does.", nameof(text));

    public static bool IsStorable(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\0') return false;
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return false;
            i++;
        }
        return true;
    }
}
