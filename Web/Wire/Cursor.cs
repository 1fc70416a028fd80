using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using ActorPerf.Jobs;

namespace ActorPerf.Web.Wire;

/// <summary>The opaque cursor of a list of jobs: a place, and a check that ties it to the namespace and the filter it was made for.</summary>
/// <remarks>The check catches cursors of other lists and accidents. It is no secret: whoever makes one up sees a page of the same list.</remarks>
internal static class Cursor
{
    private const int PlaceBytes = 8;
    private const int CheckBytes = 8;

    public static string Write(long place, JobQuery query)
    {
        Span<byte> bytes = stackalloc byte[PlaceBytes + CheckBytes];
        BinaryPrimitives.WriteInt64BigEndian(bytes, place);
        Check(bytes[..PlaceBytes], query, bytes[PlaceBytes..]);
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryRead(string text, JobQuery query, out long place)
    {
        place = 0;
        Span<byte> bytes = stackalloc byte[PlaceBytes + CheckBytes];
        if (text.Length != 22 || !Base64Url.TryDecodeFromChars(text, bytes, out var written) || written != bytes.Length) return false;
        Span<byte> check = stackalloc byte[CheckBytes];
        Check(bytes[..PlaceBytes], query, check);
        place = BinaryPrimitives.ReadInt64BigEndian(bytes);
        return place > 0 && check.SequenceEqual(bytes[PlaceBytes..]);
    }

    private static void Check(ReadOnlySpan<byte> place, JobQuery query, Span<byte> into)
    {
        var filter = $"cursor-1\n{query.Namespace}\n{string.Join(',', query.States.Order())}\n{query.Task}\n{query.Queue}\n{query.Tag}\n{Convert.ToHexString(place)}";
        SHA256.HashData(Encoding.UTF8.GetBytes(filter)).AsSpan(0, into.Length).CopyTo(into);
    }
}
