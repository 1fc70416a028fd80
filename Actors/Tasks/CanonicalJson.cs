using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace ActorPerf.Tasks;

/// <summary>The canonical form <c>actorperf-1</c> of a JSON value (docs/formats/canonical-arguments.md): RFC 8785 except numbers.</summary>
/// <remarks>Two values mean the same exactly when their canonical bytes are equal. Buffers are kept per thread, so that a call allocates its
/// answer and nothing else.</remarks>
public static class CanonicalJson
{
    [ThreadStatic]
    private static CanonicalWriter? _writer;

    /// <param name="json">UTF-8 JSON: one value, depth at most 32, no duplicate members.</param>
    /// <returns>A fresh array; false where the value is no JSON of that kind, or holds a number whose exponent has more than 15 digits.</returns>
    public static bool TryWrite(ReadOnlySpan<byte> json, [NotNullWhen(true)] out byte[]? canonical)
    {
        var writer = _writer ?? new CanonicalWriter();
        _writer = null; // a nested call makes its own
        try
        {
            canonical = writer.Write(json) ? writer.Written.ToArray() : null;
            return canonical is not null;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException) // the latter: half a surrogate pair as an escape
        {
            canonical = null;
            return false;
        }
        finally
        {
            writer.Reset();
            _writer = writer;
        }
    }
}

/// <summary>Writes one value after the other; members are sorted where they stand in the output.</summary>
internal sealed class CanonicalWriter
{
    private const int KeptCapacity = 64 * 1024;

    private ArrayBufferWriter<byte> _output = new(512);
    private readonly List<Member> _members = []; // of all open objects, the innermost last

    public ReadOnlySpan<byte> Written => _output.WrittenSpan;

    public void Reset()
    {
        _members.Clear();
        if (_output.Capacity > KeptCapacity) _output = new ArrayBufferWriter<byte>(512);
        else _output.ResetWrittenCount();
    }

    public bool Write(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = TaskJson.MaxDepth });
        return reader.Read() && WriteValue(ref reader) && !reader.Read();
    }

    private bool WriteValue(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return WriteObject(ref reader);
            case JsonTokenType.StartArray:
                return WriteArray(ref reader);
            case JsonTokenType.String:
                WriteString(ref reader);
                return true;
            case JsonTokenType.Number:
                return CanonicalNumber.TryWrite(reader.ValueSpan, _output);
            default:
                _output.Write(reader.ValueSpan); // true, false, null
                return true;
        }
    }

    private bool WriteArray(ref Utf8JsonReader reader)
    {
        Put((byte)'[');
        for (var first = true; reader.Read() && reader.TokenType != JsonTokenType.EndArray; first = false)
        {
            if (!first) Put((byte)',');
            if (!WriteValue(ref reader)) return false;
        }
        Put((byte)']');
        return true;
    }

    private bool WriteObject(ref Utf8JsonReader reader)
    {
        Put((byte)'{');
        var (start, firstMember, sorted) = (_output.WrittenCount, _members.Count, true);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (_members.Count > firstMember) Put((byte)',');
            var at = _output.WrittenCount;
            WriteString(ref reader);
            var name = _output.WrittenCount - at;
            Put((byte)':');
            if (!reader.Read() || !WriteValue(ref reader)) return false;
            _members.Add(new Member(at - start, name, _output.WrittenCount - at));
            if (_members.Count - firstMember > 1 && sorted)
            {
                var order = Compare(start, _members[^2], _members[^1]);
                if (order == 0) return false; // the same member twice
                sorted = order < 0;
            }
        }
        var unique = sorted || Sort(start, firstMember);
        _members.RemoveRange(firstMember, _members.Count - firstMember);
        Put((byte)'}');
        return unique;
    }

    /// <summary>Puts the members written from <paramref name="start"/> on into order; false when two have the same name.</summary>
    private bool Sort(int start, int firstMember)
    {
        var members = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_members)[firstMember..];
        members.Sort((a, b) => Compare(start, a, b));
        for (var i = 1; i < members.Length; i++)
            if (Compare(start, members[i - 1], members[i]) == 0) return false;

        var unsorted = _output.WrittenSpan[start..];
        var copy = ArrayPool<byte>.Shared.Rent(unsorted.Length);
        unsorted.CopyTo(copy);
        // The same bytes in another order: the written length stays, only its content moves.
        var target = System.Runtime.InteropServices.MemoryMarshal.AsMemory(_output.WrittenMemory).Span[start..];
        foreach (var member in members)
        {
            copy.AsSpan(member.Start, member.Length).CopyTo(target);
            target = target[member.Length..];
            if (target.IsEmpty) break;
            target[0] = (byte)',';
            target = target[1..];
        }
        ArrayPool<byte>.Shared.Return(copy);
        return true;
    }

    private int Compare(int start, Member a, Member b)
    {
        var written = _output.WrittenSpan[start..];
        return CanonicalString.CompareNames(written.Slice(a.Start + 1, a.NameLength - 2), written.Slice(b.Start + 1, b.NameLength - 2));
    }

    private void WriteString(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            // Unescaped text needs no escape in canonical form either: what must be escaped cannot stand there as it is.
            var plain = _output.GetSpan(reader.ValueSpan.Length + 2);
            plain[0] = (byte)'"';
            reader.ValueSpan.CopyTo(plain[1..]);
            plain[reader.ValueSpan.Length + 1] = (byte)'"';
            _output.Advance(reader.ValueSpan.Length + 2);
            return;
        }
        var rented = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            CanonicalString.Write(rented.AsSpan(0, reader.CopyString(rented)), _output);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private void Put(byte value)
    {
        _output.GetSpan(1)[0] = value;
        _output.Advance(1);
    }

    /// <param name="Start">Where its name's quote stands, counted from the first member of its object.</param>
    private readonly record struct Member(int Start, int NameLength, int Length);
}
