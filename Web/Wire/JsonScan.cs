using System.Buffers;
using System.Text;
using System.Text.Json;
using ActorPerf.Tasks;

namespace ActorPerf.Web.Wire;

/// <summary>Walks over one JSON value without building anything, and finds members that are named twice, escaped spellings included.</summary>
/// <remarks>Names are remembered by hash for the objects open at the moment, so the cost is one hash a name and a search among its siblings' hashes: one after the other while they are few,
/// in a set beyond that, so that no object costs more than its length.</remarks>
internal ref struct JsonScan
{
    private const int MaxLevels = 68;      // http.limits.depth at its most, and the levels that calls have around arguments
    private const int FirstNames = 32;
    private const int Few = 64;
    private static readonly int Seed = (int)System.Diagnostics.Stopwatch.GetTimestamp() | 1;    // so that nobody can choose names that collide

    private readonly ReadOnlySpan<byte> _body;
    private int[] _hashes = ArrayPool<int>.Shared.Rent(FirstNames);
    private Range[] _names = ArrayPool<Range>.Shared.Rent(FirstNames);
    private int _count;
    private HashSet<long>? _many;                            // of open objects with more than a few names: the object's frame, and a hash

    private JsonScan(ReadOnlySpan<byte> body) => _body = body;

    /// <summary>Moves the reader from the first token of a value to its last.</summary>
    /// <param name="body">What the reader reads, whole.</param>
    /// <param name="pointer">Of the value.</param>
    /// <returns>The first member named twice; null when there is none.</returns>
    /// <exception cref="JsonException">The value is not well-formed or too deep.</exception>
    public static FieldFault? Skip(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, string pointer)
    {
        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray)) return null;
        var start = (int)reader.TokenStartIndex;
        var scan = new JsonScan(body);
        try
        {
            return scan.Walk(ref reader) ? new FieldFault(pointer + JsonPointer.To(body, start, (int)reader.TokenStartIndex), "The member is there twice.") : null;
        }
        finally
        {
            ArrayPool<int>.Shared.Return(scan._hashes);
            ArrayPool<Range>.Shared.Return(scan._names);
        }
    }

    /// <summary>True when it stopped at a name seen before.</summary>
    private bool Walk(scoped ref Utf8JsonReader reader)
    {
        Span<int> frames = stackalloc int[MaxLevels];
        var depth = 0;
        do
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                case JsonTokenType.StartArray:
                    if (depth == MaxLevels) throw new JsonException($"The value is more than {MaxLevels} levels deep.");
                    frames[depth++] = _count;
                    break;
                case JsonTokenType.EndObject:
                case JsonTokenType.EndArray:
                    Close(frames[--depth]);
                    if (depth == 0) return false;
                    break;
                case JsonTokenType.PropertyName when Seen(ref reader, frames[depth - 1]):
                    return true;
            }
        }
        while (reader.Read());
        throw new JsonException("The value does not end.");
    }

    private bool Seen(scoped ref Utf8JsonReader reader, int frame)
    {
        var first = (int)reader.TokenStartIndex + 1;
        var raw = new Range(first, first + reader.ValueSpan.Length);
        var hash = reader.ValueIsEscaped ? Hash(Unescape(_body[raw])) : Hash(reader.ValueSpan);
        if (MayBeSeen(frame, hash) && IsSeen(frame, hash, raw)) return true;
        if (_count == Math.Min(_hashes.Length, _names.Length)) Grow();
        _hashes[_count] = hash;
        _names[_count++] = raw;
        return false;
    }

    /// <summary>False where no sibling has that hash; among few it is not known before they are looked through.</summary>
    private bool MayBeSeen(int frame, int hash)
    {
        var count = _count - frame;
        if (count < Few) return true;
        _many ??= [];
        if (count == Few)
            foreach (var sibling in _hashes.AsSpan(frame, count)) _many.Add(Mark(frame, sibling));
        return !_many.Add(Mark(frame, hash));
    }

    /// <summary>Forgets the names of an object that has ended.</summary>
    private void Close(int frame)
    {
        if (_count - frame > Few)
            foreach (var hash in _hashes.AsSpan(frame, _count - frame)) _many?.Remove(Mark(frame, hash));
        _count = frame;
    }

    private static long Mark(int frame, int hash) => ((long)frame << 32) | (uint)hash;

    private readonly bool IsSeen(int frame, int hash, Range raw)
    {
        var siblings = _hashes.AsSpan(frame, _count - frame);
        for (var at = siblings.IndexOf(hash); at >= 0;)
        {
            if (Same(_names[frame + at], raw)) return true;
            var next = siblings[(at + 1)..].IndexOf(hash);
            at = next < 0 ? -1 : at + 1 + next;
        }
        return false;
    }

    private readonly bool Same(Range left, Range right)
    {
        var a = _body[left];
        var b = _body[right];
        if (a.SequenceEqual(b)) return true;
        return (a.Contains((byte)'\\') || b.Contains((byte)'\\')) && Unescape(a).AsSpan().SequenceEqual(Unescape(b));
    }

    /// <summary>Rare: names seldom hold escapes.</summary>
    private static byte[] Unescape(ReadOnlySpan<byte> raw)
    {
        var quoted = new byte[raw.Length + 2];
        quoted[0] = quoted[^1] = (byte)'"';
        raw.CopyTo(quoted.AsSpan(1));
        var reader = new Utf8JsonReader(quoted);
        reader.Read();
        try
        {
            return Encoding.UTF8.GetBytes(reader.GetString() ?? "");
        }
        catch (InvalidOperationException)
        {
            throw new JsonException("A member's name holds half of a surrogate pair.");
        }
    }

    private static int Hash(ReadOnlySpan<byte> name)
    {
        var hash = (uint)Seed;
        foreach (var b in name) hash = (hash ^ b) * 16777619;
        return (int)(hash ^ (uint)(name.Length * 31));
    }

    private void Grow()
    {
        _hashes = Larger(_hashes);
        _names = Larger(_names);
    }

    private static T[] Larger<T>(T[] full)
    {
        var larger = ArrayPool<T>.Shared.Rent(full.Length * 2);
        full.CopyTo(larger, 0);
        ArrayPool<T>.Shared.Return(full);
        return larger;
    }
}
