using System.Buffers;
using System.Text;

namespace ActorPerf.Tasks;

/// <summary>Strings and member order of the canonical form, as RFC 8785 has them.</summary>
internal static class CanonicalString
{
    /// <summary>Writes text between quotes; only what JSON cannot hold as it is becomes an escape, in its shortest form.</summary>
    public static void Write(ReadOnlySpan<byte> text, ArrayBufferWriter<byte> output)
    {
        output.Write("\""u8);
        while (!text.IsEmpty)
        {
            var plain = 0;
            while (plain < text.Length && !MustEscape(text[plain])) plain++;
            output.Write(text[..plain]);
            if (plain == text.Length) break;
            WriteEscape(text[plain], output);
            text = text[(plain + 1)..];
        }
        output.Write("\""u8);
    }

    /// <summary>Compares two canonical names (without quotes) by their UTF-16 code units.</summary>
    public static int CompareNames(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        var common = a.CommonPrefixLength(b);
        if (common == a.Length || common == b.Length)
            if (!Escaped(a) && !Escaped(b)) return a.Length.CompareTo(b.Length);
        if (Ascii.IsValid(a) && Ascii.IsValid(b) && !Escaped(a) && !Escaped(b)) return a[common].CompareTo(b[common]);
        return string.CompareOrdinal(Unescape(a), Unescape(b));
    }

    private static bool Escaped(ReadOnlySpan<byte> name) => name.Contains((byte)'\\');

    private static string Unescape(ReadOnlySpan<byte> name)
    {
        var quoted = new byte[name.Length + 2];
        quoted[0] = quoted[^1] = (byte)'"';
        name.CopyTo(quoted.AsSpan(1));
        var reader = new System.Text.Json.Utf8JsonReader(quoted);
        reader.Read();
        return reader.GetString() ?? "";
    }

    private static bool MustEscape(byte value) => value is < 0x20 or (byte)'"' or (byte)'\\';

    private static void WriteEscape(byte value, ArrayBufferWriter<byte> output)
    {
        var shortest = value switch
        {
            (byte)'"' => "\\\""u8,
            (byte)'\\' => "\\\\"u8,
            0x08 => "\\b"u8,
            0x09 => "\\t"u8,
            0x0A => "\\n"u8,
            0x0C => "\\f"u8,
            0x0D => "\\r"u8,
            _ => default,
        };
        if (!shortest.IsEmpty)
        {
            output.Write(shortest);
            return;
        }
        output.Write("\\u00"u8);
        output.Write([Hex(value >> 4), Hex(value & 15)]);
    }

    private static byte Hex(int digit) => (byte)(digit < 10 ? '0' + digit : 'a' + digit - 10);
}
