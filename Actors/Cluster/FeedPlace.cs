using System.Globalization;

namespace ActorPerf.Cluster;

/// <summary>A place in the feed of all changes. Rows are ordered by the transaction that wrote them, then by number.</summary>
/// <param name="Tx">The writing transaction where the database numbers those; else the same as <paramref name="Seq"/>.</param>
/// <param name="Seq">The row's own number.</param>
/// <remarks>As text it is opaque: keep it and hand it back. Texts of one database must not be used on another.</remarks>
public readonly record struct FeedPlace(long Tx, long Seq) : IComparable<FeedPlace>
{
    private const char Between = '.';

    /// <summary>Before the first row.</summary>
    public static FeedPlace Start => default;

    /// <summary>In a feed whose order is that of its numbers.</summary>
    public static FeedPlace Of(long seq) => new(seq, seq);

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string? text, out FeedPlace place)
    {
        place = default;
        if (text is null) return false;
        var between = text.IndexOf(Between, StringComparison.Ordinal);
        if (between < 0)
        {
            if (!TryRead(text, out var only)) return false;
            place = Of(only);
            return true;
        }
        if (!TryRead(text.AsSpan(0, between), out var tx) || !TryRead(text.AsSpan(between + 1), out var seq)) return false;
        place = new FeedPlace(tx, seq);
        return true;
    }

    public int CompareTo(FeedPlace other) => Tx == other.Tx ? Seq.CompareTo(other.Seq) : Tx.CompareTo(other.Tx);

    public static bool operator <(FeedPlace left, FeedPlace right) => left.CompareTo(right) < 0;

    public static bool operator >(FeedPlace left, FeedPlace right) => left.CompareTo(right) > 0;

    public static bool operator <=(FeedPlace left, FeedPlace right) => left.CompareTo(right) <= 0;

    public static bool operator >=(FeedPlace left, FeedPlace right) => left.CompareTo(right) >= 0;

    public override string ToString() => Tx == Seq
        ? Seq.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{Tx}{Between}{Seq}");

    private static bool TryRead(ReadOnlySpan<char> text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
