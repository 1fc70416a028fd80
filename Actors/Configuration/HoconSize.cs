using System.Collections.Frozen;
using System.Globalization;
using System.Numerics;

namespace ActorPerf.Configuration;

/// <summary>Sizes as users write them: <c>256 MiB</c>, <c>10 MB</c>, <c>64k</c>; a number without unit is bytes.</summary>
/// <remarks>As the HOCON specification has it, <c>kB</c> and <c>MB</c> are powers of 1000, <c>k</c>, <c>K</c>, <c>Ki</c> and <c>KiB</c> powers of 1024.</remarks>
public static class HoconSize
{
    /// <summary>For messages.</summary>
    public const string Form = "a size, such as 64 KiB, 256 MiB, 10 MB or a number of bytes";

    private static readonly string[] Binary = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    private static readonly FrozenDictionary<string, BigInteger> Units = AllUnits().ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Reads a size in bytes, zero or more.</summary>
    /// <returns>False where the unit is unknown, the number is negative or has an exponent, or the bytes are not a whole number or do not fit.</returns>
    public static bool TryParse(string? text, out long bytes)
    {
        bytes = 0;
        var rest = text.AsSpan();
        if (!HoconUnits.TryTake(ref rest, out var number, out var decimals, out var name) || !rest.IsEmpty) return false;
        if (!Units.TryGetValue(name, out var unit)) return false;
        if (!HoconUnits.TryScale(number, decimals, unit, 1, out var size) || size > long.MaxValue) return false;
        bytes = (long)size;
        return true;
    }

    /// <summary>The size in the largest unit that divides it, such as <c>256 MiB</c>.</summary>
    public static string Format(long bytes)
    {
        var unit = -1;
        var number = bytes;
        for (; number != 0 && number % 1024 == 0 && unit < Binary.Length - 1; number /= 1024) unit++;
        return string.Create(CultureInfo.InvariantCulture, $"{number} {(unit < 0 ? "B" : Binary[unit])}");
    }

    private static IEnumerable<KeyValuePair<string, BigInteger>> AllUnits()
    {
        foreach (var name in (string[])["", "B", "b", "byte", "bytes"]) yield return KeyValuePair.Create(name, BigInteger.One);
        (string Decimal, string Letter, string Long, string BinaryLong)[] powers =
        [
            ("kB", "K", "kilo", "kibi"), ("MB", "M", "mega", "mebi"), ("GB", "G", "giga", "gibi"), ("TB", "T", "tera", "tebi"),
            ("PB", "P", "peta", "pebi"), ("EB", "E", "exa", "exbi"), ("ZB", "Z", "zetta", "zebi"), ("YB", "Y", "yotta", "yobi"),
        ];
        for (var i = 0; i < powers.Length; i++)
        {
            var (byThousands, letter, kilo, kibi) = powers[i];
            foreach (var name in (string[])[byThousands, kilo + "byte", kilo + "bytes"])
                yield return KeyValuePair.Create(name, BigInteger.Pow(1000, i + 1));
            foreach (var name in (string[])[letter, letter.ToLowerInvariant(), letter + "i", letter + "iB", kibi + "byte", kibi + "bytes"])
                yield return KeyValuePair.Create(name, BigInteger.Pow(1024, i + 1));
        }
    }
}
