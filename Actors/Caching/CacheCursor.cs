using System.Globalization;

namespace ActorPerf.Caching;

/// <summary>Where a page of entries ends, as opaque text.</summary>
public static class CacheCursor
{
    /// <summary>False for a text that no page gave.</summary>
    public static bool TryRead(string text, out long id) =>
        long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out id) && id > 0 && text == Write(id);

    internal static string Write(long id) => id.ToString("x", CultureInfo.InvariantCulture);
}
