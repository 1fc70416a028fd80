using System.Buffers;
using System.Diagnostics;
using ActorPerf.Tracing;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Security;

/// <summary>Gives every answer its <c>X-Request-Id</c> (the caller's own where it is readable) and the <c>traceparent</c> it was traced under.</summary>
internal static class RequestIdentity
{
    public const string RequestIdHeader = "X-Request-Id";
    private const int MaxRequestId = 128;
    private static readonly SearchValues<char> IdCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:");

    public static void Put(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers[RequestIdHeader] = RequestId(context);
        headers.TraceParent = Listened() ?? Sent(context) ?? MadeUp();
    }

    /// <summary>The id put on the answer.</summary>
    public static string Of(HttpContext context) => context.Response.Headers[RequestIdHeader].ToString();

    /// <summary>The trace context of the request; null where the caller sent none and nobody listens, so that none is worth keeping.</summary>
    public static string? TraceOf(HttpContext context) => Spans.TraceParent(Sent(context));

    private static string RequestId(HttpContext context)
    {
        var sent = context.Request.Headers[RequestIdHeader];
        return sent.Count == 1 && sent[0] is { Length: > 0 and <= MaxRequestId } id && !id.AsSpan().ContainsAnyExcept(IdCharacters)
            ? id
            : context.TraceIdentifier;
    }

    /// <summary>Of a request that somebody traces. One that the host makes only for its log lines comes from no source, and nobody keeps it.</summary>
    private static string? Listened() => Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } current, Source.Name.Length: > 0 } ? current : null;

    private static string? Sent(HttpContext context)
    {
        var sent = context.Request.Headers.TraceParent;
        return sent.Count == 1 && sent[0] is { } text && ActivityContext.TryParse(text, null, out _) ? text : null;
    }

    /// <summary>A context of its own for an answer that nobody traces: version, 16 random bytes, 8 random bytes, not sampled.</summary>
    private static string MadeUp() => string.Create(55, 0, static (into, _) =>
    {
        Span<byte> random = stackalloc byte[24];
        Random.Shared.NextBytes(random);
        random[15] |= 1;                                     // neither id may be all zeros
        random[23] |= 1;
        "00-".CopyTo(into);
        Convert.TryToHexStringLower(random[..16], into[3..], out var _);
        into[35] = '-';
        Convert.TryToHexStringLower(random[16..], into[36..], out var _);
        "-00".CopyTo(into[52..]);
    });
}
