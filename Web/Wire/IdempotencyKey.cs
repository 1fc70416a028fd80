using ActorPerf.Tasks;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Wire;

/// <summary>The <c>Idempotency-Key</c> header: 1 to 255 printable ASCII characters.</summary>
internal static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";
    private const int MaxLength = 255;

    /// <summary>For a call that does everything again when it is repeated: it refuses the header rather than let its sender rely on it.</summary>
    /// <param name="instead">What keeps a repeat from doubling.</param>
    public static Refusal? RefuseAny(HttpRequest request, string instead) =>
        request.Headers.ContainsKey(Header) ? new Refusal("invalid-request", $"This call takes no {Header}. {instead}") : null;

    /// <summary>Null with the key (or none); else the refusal.</summary>
    public static Refusal? Read(HttpRequest request, out string? key)
    {
        key = null;
        var header = request.Headers[Header];
        if (header.Count == 0) return null;
        if (header.Count == 1 && header[0] is { Length: > 0 and <= MaxLength } text && !text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            key = text;
            return null;
        }
        return new Refusal("invalid-request", $"The header {Header} holds {(header.Count > 1 ? "several values" : $"{header.ToString().Length} characters")}; "
            + $"write one key of 1 to {MaxLength} printable ASCII characters, such as a UUID.");
    }
}
