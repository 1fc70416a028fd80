using ActorPerf.Tasks;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Security;

/// <summary>What a route takes as a body.</summary>
internal enum BodyKind
{
    /// <summary>A safe method: no body is read.</summary>
    None,

    /// <summary>JSON.</summary>
    Json,

    /// <summary>JSON or lines of JSON.</summary>
    JsonOrLines,

    /// <summary>JSON, or a JSON merge patch under its own name (RFC 7396).</summary>
    MergePatch,

    /// <summary>An unsafe method without a body: the method alone cannot come from a foreign page unasked.</summary>
    Nothing,
}

/// <summary>Unsafe methods need a content type that a foreign page cannot send without asking first, even where the body is empty.</summary>
internal static class BodyRule
{
    public const string Json = "application/json";
    public const string Lines = "application/x-ndjson";
    public const string MergePatch = "application/merge-patch+json";

    public static Refusal? Check(HttpContext context, BodyKind kind)
    {
        if (kind is BodyKind.None or BodyKind.Nothing) return null;
        var type = context.Request.ContentType;
        if (!IsJson(type) && !(kind == BodyKind.JsonOrLines && IsLines(type)) && !(kind == BodyKind.MergePatch && Is(type, MergePatch)))
            return new Refusal("unsupported-media-type", kind switch
            {
                BodyKind.JsonOrLines => $"The call needs 'Content-Type: {Lines}' for lines, or '{Json}' for an array (UTF-8).",
                BodyKind.MergePatch => $"The call needs 'Content-Type: {MergePatch}' or '{Json}' (UTF-8).",
                _ => $"The call needs 'Content-Type: {Json}' (UTF-8), even with an empty body.",
            });
        return context.Request.Headers.ContentEncoding.Count == 0 ? null : new Refusal("unsupported-media-type",
            "Compressed bodies are not taken. Send the body as it is, without Content-Encoding.");
    }

    public static bool IsJson(string? type) => Is(type, Json);

    public static bool IsLines(string? type) => Is(type, Lines) || Is(type, "application/ndjson");

    private static bool Is(string? type, string wanted)
    {
        if (type is null || !type.StartsWith(wanted, StringComparison.OrdinalIgnoreCase)) return false;
        return type.Length == wanted.Length || IsUtf8Parameter(type.AsSpan(wanted.Length));
    }

    private static bool IsUtf8Parameter(ReadOnlySpan<char> rest)
    {
        rest = rest.TrimStart();
        if (rest.IsEmpty || rest[0] != ';') return false;
        rest = rest[1..].Trim();
        return rest.IsEmpty || rest.Equals("charset=utf-8", StringComparison.OrdinalIgnoreCase) || rest.Equals("charset=\"utf-8\"", StringComparison.OrdinalIgnoreCase);
    }
}
