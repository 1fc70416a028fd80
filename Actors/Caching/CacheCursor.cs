using System.Globalization;

namespace ActorPerf.Caching;

/// <summary>Where a page of entries ends, as opaque text.</summary>
public static class CacheCursor
{
    internal const int SlotBits = 32;
    internal const long SlotMask = uint.MaxValue;

    /// <summary>False for a text that no page gave.</summary>
    public static bool TryRead(string text, out long place) =>
        long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out place) && place > 0 && (place & SlotMask) <= int.MaxValue && text == Write(place);

    internal static string Write(long place) => place.ToString("x", CultureInfo.InvariantCulture);
}
