using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using ActorPerf.Data;

namespace ActorPerf.Storage.Entities;

/// <summary>The sorts of values in their order. Numbers are stored in index keys; they never change.</summary>
internal enum SortRank
{
    Missing = 0,
    Null = 1,
    False = 2,
    True = 3,
    Number = 4,
    Text = 5,

    /// <summary>Objects and arrays: all equal, the key decides.</summary>
    Structure = 6,
}

/// <summary>What an order or a comparison sees of a value at a path: its sort, and the value where the sort has several.</summary>
internal readonly struct SortValue : IComparable<SortValue>, IEquatable<SortValue>
{
    private const double TwoTo53 = 9007199254740992;
    private const double TwoTo63 = 9223372036854775808;

    private readonly double _double;
    private readonly long _integer;
    private readonly bool _isInteger;

    private SortValue(SortRank rank, double number, long integer, bool isInteger, string? text) =>
        (Rank, _double, _integer, _isInteger, Text) = (rank, number, integer, isInteger, text);

    public SortRank Rank { get; }

    /// <summary>Set for <see cref="SortRank.Text"/>.</summary>
    public string? Text { get; }

    /// <summary>A number that is a 64-bit integer; null for other numbers and sorts.</summary>
    public long? Integer => _isInteger ? _integer : null;

    /// <summary>The number, rounded to the nearest double.</summary>
    public double Double => _isInteger ? _integer : _double;

    public static SortValue Of(SortRank rank) => new(rank, 0, 0, false, null);

    public static SortValue Of(string text) => new(SortRank.Text, 0, 0, false, text);

    public static SortValue Of(long number) => new(SortRank.Number, 0, number, true, null);

    /// <summary>A double that is a 64-bit integer becomes one, so that each value has one form.</summary>
    public static SortValue Of(double number) => number == Math.Truncate(number) && number is >= -TwoTo63 and < TwoTo63
        ? Of((long)number)
        : new SortValue(SortRank.Number, number, 0, false, null);

    /// <summary>A number written as a 64-bit integer is exact; any other is the double nearest to it.</summary>
    public static SortValue Of(JsonElement? found) => found is not { } value
        ? Of(SortRank.Missing)
        : value.ValueKind switch
        {
            JsonValueKind.Null => Of(SortRank.Null),
            JsonValueKind.False => Of(SortRank.False),
            JsonValueKind.True => Of(SortRank.True),
            JsonValueKind.Number => value.TryGetInt64(out var integer) ? Of(integer) : Of(value.GetDouble()),
            JsonValueKind.String => Of(value.GetString()!),
            _ => Of(SortRank.Structure),
        };

    /// <param name="value">Null: missing.</param>
    /// <exception cref="ArgumentException">A number that is not finite, or a text that is no Unicode.</exception>
    public static SortValue Of(EntityValue? value) => value switch
    {
        null => Of(SortRank.Missing),
        EntityValue.Null => Of(SortRank.Null),
        EntityValue.Boolean boolean => Of(boolean.Value ? SortRank.True : SortRank.False),
        EntityValue.Integer integer => Of(integer.Value),
        EntityValue.Number number when double.IsFinite(number.Value) => Of(number.Value),
        EntityValue.Number number => throw new ArgumentException($"{number.Value} is no number of JSON."),
        EntityValue.Text text => Of(Unicode.Checked(text.Value)),
        EntityValue.Structure => Of(SortRank.Structure),
        _ => throw new ArgumentException($"{value} is an unknown sort of value."),
    };

    public EntityValue? ToEntityValue() => Rank switch
    {
        SortRank.Missing => null,
        SortRank.Null => new EntityValue.Null(),
        SortRank.False => new EntityValue.Boolean(false),
        SortRank.True => new EntityValue.Boolean(true),
        SortRank.Number => _isInteger ? new EntityValue.Integer(_integer) : new EntityValue.Number(_double),
        SortRank.Text => new EntityValue.Text(Text!),
        _ => new EntityValue.Structure(),
    };

    public int CompareTo(SortValue other)
    {
        if (Rank != other.Rank) return Rank.CompareTo(other.Rank);
        return Rank switch
        {
            SortRank.Number => CompareNumber(other),
            SortRank.Text => Unicode.CompareUtf8(Text!, other.Text!),
            _ => 0,
        };
    }

    public bool Equals(SortValue other) => CompareTo(other) == 0;

    public override bool Equals(object? obj) => obj is SortValue other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Rank, Double, Text);

    /// <summary>The whole value as bytes whose order, byte by byte, is the order of values (docs/formats/entity.md): the sort, then for a number its nearest
    /// double and what it differs from that, for a text its UTF-8 bytes.</summary>
    public byte[] ToBytes()
    {
        switch (Rank)
        {
            case SortRank.Text:
                var text = new byte[1 + Encoding.UTF8.GetByteCount(Text!)];
                text[0] = (byte)Rank;
                Encoding.UTF8.GetBytes(Text!, text.AsSpan(1));
                return text;
            case SortRank.Number:
                var bytes = new byte[13];
                bytes[0] = (byte)Rank;
                var bits = BitConverter.DoubleToInt64Bits(Double + 0.0);      // -0 becomes 0
                BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), bits < 0 ? ~bits : bits | long.MinValue);
                BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(9), 32768 + Remainder());
                return bytes;
            default:
                return [(byte)Rank];
        }
    }

    /// <exception cref="FormatException">These are not such bytes.</exception>
    public static SortValue FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes is not [<= (byte)SortRank.Structure, ..]) throw new FormatException($"{bytes.Length} bytes that are no key of a value.");
        switch ((SortRank)bytes[0])
        {
            case SortRank.Text:
                return Of(Encoding.UTF8.GetString(bytes[1..]));
            case SortRank.Number:
                var bits = BinaryPrimitives.ReadInt64BigEndian(bytes[1..]);
                var number = BitConverter.Int64BitsToDouble(bits < 0 ? bits ^ long.MinValue : ~bits);
                var remainder = BinaryPrimitives.ReadInt32BigEndian(bytes[9..]) - 32768;
                return remainder == 0 ? Of(number) : Of((long)((Int128)number + remainder));
            default:
                return Of((SortRank)bytes[0]);
        }
    }

    /// <summary>0 up to 2^53, where a double holds every integer; beyond, at most half the distance between two doubles (512).</summary>
    private int Remainder() => _isInteger && Math.Abs(Double) >= TwoTo53 ? (int)((Int128)_integer - (Int128)Double) : 0;

    private int CompareNumber(SortValue other)
    {
        if (_isInteger && other._isInteger) return _integer.CompareTo(other._integer);
        var rounded = Double.CompareTo(other.Double);
        // Rounding keeps the order, and only integers lose something by it.
        return rounded != 0 ? rounded : Remainder().CompareTo(other.Remainder());
    }
}
