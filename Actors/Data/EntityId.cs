using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace ActorPerf.Data;

/// <summary>What tells an entity from others of its kind: a positive number, a UUID, or a text.</summary>
/// <remarks>
/// On the wire an id is one text, and that text alone says which it is: <c>12</c> is the number, <c>0198c1f2-…</c> (36 characters, lower case) the UUID,
/// anything else a text. So a text that reads as a number or a UUID becomes one, whoever makes it, and two spellings never name two entities.
/// Order: numbers by value, then UUIDs byte by byte, then texts by their UTF-8 bytes; the same as that of <see cref="ToBytes"/>, in which stores keep ids.
/// </remarks>
public readonly struct EntityId : IEquatable<EntityId>, IComparable<EntityId>
{
    /// <summary>Of a text, in bytes of UTF-8.</summary>
    public const int MaxTextBytes = 450;

    private const byte NumberTag = 1;
    private const byte GuidTag = 2;
    private const byte TextTag = 3;

    private readonly string? _text;
    private readonly Guid _guid;
    private readonly long _number;

    private EntityId(long number, Guid guid, string? text) => (_number, _guid, _text) = (number, guid, text);

    /// <summary>The number; null when it is none.</summary>
    public long? Number => _number > 0 ? _number : null;

    /// <summary>The UUID; null when it is none.</summary>
    public Guid? Guid => _guid != default ? _guid : null;

    /// <summary>False for <c>default</c>, which names nothing.</summary>
    public bool IsValid => _number > 0 || _guid != default || _text is not null;

    /// <param name="number">1 and up.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is 0 or negative.</exception>
    public static EntityId Of(long number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        return new EntityId(number, default, null);
    }

    /// <exception cref="ArgumentException">It is the empty UUID.</exception>
    public static EntityId Of(Guid guid) =>
        guid == default ? throw new ArgumentException("The empty UUID names nothing. Make one with Guid.CreateVersion7().", nameof(guid)) : new EntityId(0, guid, null);

    /// <summary>Reads an id as it is written on the wire: a number, a UUID or a text (see the type's remarks).</summary>
    /// <exception cref="ArgumentException">It breaks a rule; the message says which.</exception>
    public static EntityId Of(string text) => TryParse(text, out var id, out var fault) ? id : throw new ArgumentException(fault, nameof(text));

    public static implicit operator EntityId(long number) => Of(number);

    public static implicit operator EntityId(Guid guid) => Of(guid);

    public static implicit operator EntityId(string text) => Of(text);

    /// <summary>False where the text is empty, longer than 450 bytes, no valid Unicode, or holds a control character; <paramref name="fault"/> then says so.</summary>
    public static bool TryParse(string text, out EntityId id, out string fault)
    {
        fault = "";
        if (ReadsAsNumber(text, out var number)) id = new EntityId(number, default, null);
        else if (text.Length == 36 && System.Guid.TryParseExact(text, "D", out var guid) && guid != default && guid.ToString("D") == text) id = new EntityId(0, guid, null);
        else
        {
            id = default;
            fault = Fault(text);
            if (fault.Length > 0) return false;
            id = new EntityId(0, default, text);
        }
        return true;
    }

    /// <summary>How stores keep it: one byte for its sort (1 number, 2 UUID, 3 text), then 8 bytes big-endian, 16 bytes big-endian, or the UTF-8 bytes.
    /// Compared byte by byte they are in the order of ids (docs/formats/entity.md).</summary>
    public byte[] ToBytes()
    {
        if (_number > 0)
        {
            var bytes = new byte[9];
            bytes[0] = NumberTag;
            BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), _number);
            return bytes;
        }
        if (_text is null)
        {
            var bytes = new byte[17];
            bytes[0] = GuidTag;
            _guid.TryWriteBytes(bytes.AsSpan(1), bigEndian: true, out _);
            return bytes;
        }
        var text = new byte[1 + Encoding.UTF8.GetByteCount(_text)];
        text[0] = TextTag;
        Encoding.UTF8.GetBytes(_text, text.AsSpan(1));
        return text;
    }

    /// <exception cref="FormatException">These are not the bytes of an id.</exception>
    public static EntityId FromBytes(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [NumberTag, .. { Length: 8 } number] => new EntityId(BinaryPrimitives.ReadInt64BigEndian(number), default, null),
        [GuidTag, .. { Length: 16 } guid] => new EntityId(0, new Guid(guid, bigEndian: true), null),
        [TextTag, .. { Length: > 0 } text] => new EntityId(0, default, Encoding.UTF8.GetString(text)),
        _ => throw new FormatException($"{bytes.Length} bytes that are no entity id."),
    };

    public bool Equals(EntityId other) => _number == other._number && _guid == other._guid && string.Equals(_text, other._text, StringComparison.Ordinal);

    public override bool Equals(object? obj) => obj is EntityId other && Equals(other);

    public override int GetHashCode() => _text is not null ? _text.GetHashCode(StringComparison.Ordinal) : HashCode.Combine(_number, _guid);

    public int CompareTo(EntityId other)
    {
        if (_number > 0 && other._number > 0) return _number.CompareTo(other._number);
        return ToBytes().AsSpan().SequenceCompareTo(other.ToBytes());
    }

    /// <summary>As on the wire.</summary>
    public override string ToString() => _number > 0 ? _number.ToString(CultureInfo.InvariantCulture) : _text ?? _guid.ToString("D");

    public static bool operator ==(EntityId left, EntityId right) => left.Equals(right);

    public static bool operator !=(EntityId left, EntityId right) => !left.Equals(right);

    public static bool operator <(EntityId left, EntityId right) => left.CompareTo(right) < 0;

    public static bool operator >(EntityId left, EntityId right) => left.CompareTo(right) > 0;

    public static bool operator <=(EntityId left, EntityId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(EntityId left, EntityId right) => left.CompareTo(right) >= 0;

    /// <summary>Only the spelling that <see cref="ToString"/> gives: no sign, no leading zero.</summary>
    private static bool ReadsAsNumber(string text, out long number)
    {
        number = 0;
        return text is [>= '1' and <= '9', ..] && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private static string Fault(string text)
    {
        if (text.Length == 0) return "An id must not be empty.";
        if (text.AsSpan().ContainsAnyInRange('\0', '\u001f') || text.Contains('\u007f')) return "An id must not hold control characters.";
        if (!Utf8.IsValid(text)) return "An id must be valid Unicode; this one holds half a surrogate pair.";
        var bytes = Encoding.UTF8.GetByteCount(text);
        return bytes > MaxTextBytes ? $"An id has at most {MaxTextBytes} bytes of UTF-8; this one has {bytes}." : "";
    }

    private static class Utf8
    {
        public static bool IsValid(string text)
        {
            for (var i = 0; i < text.Length; i++)
            {
                if (!char.IsSurrogate(text[i])) continue;
                if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return false;
                i++;
            }
            return true;
        }
    }
}
