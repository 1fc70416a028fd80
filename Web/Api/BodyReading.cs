using System.Buffers;
using System.IO.Pipelines;
using ActorPerf.Tasks;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary>Reads a whole body, at most so many bytes of it.</summary>
internal static class BodyReading
{
    private const long MaxNothing = 16 * 1024;

    /// <summary>The body in the server's own buffers, so a small one is never copied. Call <see cref="Release"/> when done with it, whatever came.</summary>
    /// <param name="setting">Which of <c>http.limits</c> raises the limit; null where none does.</param>
    /// <returns>Null with the bytes; else the refusal.</returns>
    public static ValueTask<(ReadOnlySequence<byte> Body, Refusal? Refusal)> ReadAsync(HttpContext context, long limit, string? setting = null)
    {
        if (context.Request.ContentLength > limit) return ValueTask.FromResult<(ReadOnlySequence<byte>, Refusal?)>((default, TooLarge(limit, setting)));
        var reader = context.Request.BodyReader;
        // A small body comes with its head: it is taken without waiting, and so without the token that the server makes where it is asked for one.
        if (!reader.TryRead(out var first)) return ReadOnAsync(reader, null, limit, setting, context.RequestAborted);
        return first.IsCompleted && first.Buffer.Length <= limit
            ? ValueTask.FromResult<(ReadOnlySequence<byte>, Refusal?)>((first.Buffer, null))
            : ReadOnAsync(reader, first, limit, setting, context.RequestAborted);
    }

    /// <summary>Reads the body of a call that takes none: nothing, or <c>{}</c>.</summary>
    /// <returns>Null where it is that.</returns>
    public static async ValueTask<Refusal?> ReadNothingAsync(HttpContext context)
    {
        var (body, refusal) = await ReadAsync(context, MaxNothing);
        if (refusal is not null || body.IsEmpty) return refusal;
        var bytes = body.ToArray();
        Release(context, body);
        refusal = SmallBody.TryRead(bytes, depth: 8, [], out var document);
        document?.Dispose();
        return refusal;
    }

    public static void Release(HttpContext context, in ReadOnlySequence<byte> body)
    {
        if (!body.IsEmpty) context.Request.BodyReader.AdvanceTo(body.End);
    }

    public static Refusal TooLarge(long limit, string? setting = null) => new("payload-too-large",
        $"The body is longer than {limit} bytes, the most that is taken here. Send less{(setting is null ? "" : $", or raise actorperf.http.limits.{setting}")}.");

    /// <summary>The bytes in one piece: as they are where they lie in one segment, else copied.</summary>
    public static ReadOnlySpan<byte> Contiguous(in ReadOnlySequence<byte> body) => body.IsSingleSegment ? body.FirstSpan : body.ToArray();

    private static async ValueTask<(ReadOnlySequence<byte> Body, Refusal? Refusal)> ReadOnAsync(
        PipeReader reader, ReadResult? first, long limit, string? setting, CancellationToken ct)
    {
        for (var result = first ?? await reader.ReadAsync(ct); ; result = await reader.ReadAsync(ct))
        {
            if (result.Buffer.Length > limit)
            {
                reader.AdvanceTo(result.Buffer.End);
                return (default, TooLarge(limit, setting));
            }
            if (result.IsCompleted) return (result.Buffer, null);
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }
}
