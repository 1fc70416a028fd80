using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Search;

namespace ActorPerf.Web.Wire;

/// <summary>The opaque cursor of a list of jobs: a place, and a check that ties it to the namespace and the filter it was made for.</summary>
/// <remarks>The check catches cursors of other lists and accidents. It is no secret: whoever makes one up sees a page of the same list.</remarks>
internal static class Cursor
{
    private const int PlaceBytes = 8;
    private const int CheckBytes = 8;

    public static string Write(long place, JobQuery query) => Write(new JobPlace(place, place), query);

    /// <summary>In an order other than that of submission the key goes along.</summary>
    public static string Write(JobPlace place, JobQuery query)
    {
        Span<byte> bytes = stackalloc byte[Length(query)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, place.Seq);
        if (!query.Sort.IsBySubmission) BinaryPrimitives.WriteInt64BigEndian(bytes[PlaceBytes..], place.Key);
        Check(bytes[..^CheckBytes], query, bytes[^CheckBytes..]);
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryRead(string text, JobQuery query, out long place)
    {
        var read = TryReadPlace(text, query, out var whole);
        place = whole.Seq;
        return read;
    }

    public static bool TryReadPlace(string text, JobQuery query, out JobPlace place)
    {
        place = default;
        Span<byte> bytes = stackalloc byte[Length(query)];
        if (text.Length != Base64Url.GetEncodedLength(bytes.Length) || !Base64Url.TryDecodeFromChars(text, bytes, out var written) || written != bytes.Length) return false;
        Span<byte> check = stackalloc byte[CheckBytes];
        Check(bytes[..^CheckBytes], query, check);
        var seq = BinaryPrimitives.ReadInt64BigEndian(bytes);
        place = new JobPlace(query.Sort.IsBySubmission ? seq : BinaryPrimitives.ReadInt64BigEndian(bytes[PlaceBytes..]), seq);
        return seq > 0 && check.SequenceEqual(bytes[^CheckBytes..]);
    }

    private static int Length(JobQuery query) => PlaceBytes + (query.Sort.IsBySubmission ? 0 : PlaceBytes) + CheckBytes;

    private static void Check(ReadOnlySpan<byte> place, JobQuery query, Span<byte> into)
    {
        var filter = $"cursor-1\n{query.Namespace}\n{string.Join(',', query.States.Order())}\n{query.Task}\n{query.Queue}\n{query.Tag}\n{query.Filter}\n{query.Sort}\n{Convert.ToHexString(place)}";
        SHA256.HashData(Encoding.UTF8.GetBytes(filter)).AsSpan(0, into.Length).CopyTo(into);
    }
}
