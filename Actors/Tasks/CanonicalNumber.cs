using System.Buffers;
using System.Buffers.Text;

namespace ActorPerf.Tasks;

/// <summary>Numbers of the canonical form: exact decimal values, never rounded through a double.</summary>
/// <remarks>An integer literal keeps its digits. Any other literal is written by ECMAScript's layout of its exact decimal value: that is the
/// shortest double wherever a double's shortest form has the same value, and the literal's own normalised digits elsewhere.</remarks>
internal static class CanonicalNumber
{
    private const int MaxExponentDigits = 15;

    /// <returns>False when the exponent has more than 15 digits.</returns>
    public static bool TryWrite(ReadOnlySpan<byte> literal, ArrayBufferWriter<byte> output)
    {
        var negative = literal[0] == (byte)'-';
        var unsigned = negative ? literal[1..] : literal;
        if (unsigned.IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0)
        {
            output.Write(unsigned.SequenceEqual("0"u8) ? unsigned : literal); // zero has no sign
            return true;
        }
        return TryWriteDecimal(unsigned, negative, output);
    }

    private static bool TryWriteDecimal(ReadOnlySpan<byte> literal, bool negative, ArrayBufferWriter<byte> output)
    {
        var e = literal.IndexOfAny((byte)'e', (byte)'E');
        var mantissa = e < 0 ? literal : literal[..e];
        var point = mantissa.IndexOf((byte)'.');
        var rented = ArrayPool<byte>.Shared.Rent(mantissa.Length);
        try
        {
            var whole = point < 0 ? mantissa : mantissa[..point];
            var fraction = point < 0 ? default : mantissa[(point + 1)..];
            whole.CopyTo(rented);
            fraction.CopyTo(rented.AsSpan(whole.Length));
            var all = rented.AsSpan(0, whole.Length + fraction.Length);
            var digits = all.TrimStart((byte)'0');
            long scale = whole.Length - (all.Length - digits.Length); // the value is 0.digits · 10^scale
            digits = digits.TrimEnd((byte)'0');
            if (digits.IsEmpty)
            {
                output.Write("0"u8);
                return true;
            }
            if (!TryExponent(e < 0 ? default : literal[(e + 1)..], out var exponent)) return false;
            if (negative) output.Write("-"u8);
            Layout(digits, scale + exponent, output);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static bool TryExponent(ReadOnlySpan<byte> text, out long exponent)
    {
        exponent = 0;
        if (text.IsEmpty) return true;
        var negative = text[0] == (byte)'-';
        var digits = (text[0] is (byte)'-' or (byte)'+' ? text[1..] : text).TrimStart((byte)'0');
        if (digits.IsEmpty) return true;
        if (digits.Length > MaxExponentDigits || !Utf8Parser.TryParse(digits, out exponent, out _)) return false;
        if (negative) exponent = -exponent;
        return true;
    }

    /// <summary>Number::toString of ECMA-262, steps 6 to 12, with k digits and the point after the n-th.</summary>
    private static void Layout(ReadOnlySpan<byte> digits, long n, ArrayBufferWriter<byte> output)
    {
        var k = digits.Length;
        if (k <= n && n <= 21)
        {
            output.Write(digits);
            Zeros((int)n - k, output);
        }
        else if (n is > 0 and <= 21)
        {
            output.Write(digits[..(int)n]);
            output.Write("."u8);
            output.Write(digits[(int)n..]);
        }
        else if (n is > -6 and <= 0)
        {
            output.Write("0."u8);
            Zeros((int)-n, output);
            output.Write(digits);
        }
        else
        {
            output.Write(digits[..1]);
            if (k > 1) output.Write("."u8);
            output.Write(digits[1..]);
            output.Write(n > 0 ? "e+"u8 : "e-"u8);
            Utf8Formatter.TryFormat(Math.Abs(n - 1), output.GetSpan(20), out var length);
            output.Advance(length);
        }
    }

    private static void Zeros(int count, ArrayBufferWriter<byte> output)
    {
        output.GetSpan(count + 1)[..count].Fill((byte)'0');
        output.Advance(count);
    }
}
