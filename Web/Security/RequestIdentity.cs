using System.Buffers;
using System.Diagnostics;
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
        headers.TraceParent = TraceParent(context);
    }

    /// <summary>The id put on the answer.</summary>
    public static string Of(HttpContext context) => context.Response.Headers[RequestIdHeader].ToString();

    /// <summary>The trace context put on the answer; null where the caller sent none and nobody listens.</summary>
    public static string? TraceOf(HttpContext context) => context.Response.Headers.TraceParent is { Count: 1 } trace ? trace[0] : null;

    private static string RequestId(HttpContext context)
    {
        var sent = context.Request.Headers[RequestIdHeader];
        return sent.Count == 1 && sent[0] is { Length: > 0 and <= MaxRequestId } id && !id.AsSpan().ContainsAnyExcept(IdCharacters)
            ? id
            : context.TraceIdentifier;
    }

    private static string TraceParent(HttpContext context)
    {
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } current }) return current;
        var sent = context.Request.Headers.TraceParent;
        return sent.Count == 1 && sent[0] is { } text && ActivityContext.TryParse(text, null, out _)
            ? text
            : $"00-{ActivityTraceId.CreateRandom().ToHexString()}-{ActivitySpanId.CreateRandom().ToHexString()}-00";
    }
}
