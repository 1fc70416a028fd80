using System.Globalization;
using System.Numerics;

namespace ActorPerf.Configuration;

/// <summary>Reads numbers with a unit, exactly or not at all.</summary>
internal static class HoconUnits
{
    private const int MaxLength = 64;

    /// <summary>Reads the next number and unit.</summary>
    /// <param name="text">What is left; the part read and white space around it are cut off.</param>
    /// <param name="number">Digits without the point.</param>
    /// <param name="decimals">How many of the digits stood behind the point.</param>
    /// <param name="unit">Letters behind the number; empty where there are none.</param>
    public static bool TryTake(ref ReadOnlySpan<char> text, out BigInteger number, out int decimals, out string unit)
    {
        number = 0;
        decimals = 0;
        unit = "";
        text = text.Trim();
        if (text.Length is 0 or > MaxLength) return false;
        var whole = CountDigits(text);
        if (whole == 0) return false;
        var digits = text[..whole].ToString();
        text = text[whole..];
        if (text.StartsWith("."))
        {
            decimals = CountDigits(text[1..]);
            if (decimals == 0) return false;
            digits = string.Concat(digits, text.Slice(1, decimals));
            text = text[(1 + decimals)..];
        }
        number = BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        text = text.TrimStart();
        var letters = 0;
        while (letters < text.Length && char.IsAsciiLetter(text[letters])) letters++;
        unit = text[..letters].ToString();
        text = text[letters..].TrimStart();
        return true;
    }

    /// <summary>Number times factor, where that is a whole number.</summary>
    public static bool TryScale(BigInteger number, int decimals, BigInteger factor, BigInteger divisor, out BigInteger scaled)
    {
        scaled = BigInteger.DivRem(number * factor, BigInteger.Pow(10, decimals) * divisor, out var rest);
        return rest.IsZero;
    }

    private static int CountDigits(ReadOnlySpan<char> text)
    {
        var count = 0;
        while (count < text.Length && char.IsAsciiDigit(text[count])) count++;
        return count;
    }
}
