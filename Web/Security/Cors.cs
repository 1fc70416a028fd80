using ActorPerf.Tasks;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace ActorPerf.Web.Security;

/// <summary>What the pages of other origins may do: nothing, unless <c>http.cors-origins</c> lists the origin. Never with a cookie.</summary>
/// <remarks>Browsers put <c>Origin</c> on what a page sends across origins. An origin that is neither ours nor listed is refused before anything is done,
/// rather than answered in a way that its page cannot read.</remarks>
internal sealed class Cors(HttpOptions options)
{
    private const string AllowedMethods = "GET, POST, PUT, PATCH, DELETE";
    private const string AllowedHeaders =
        "Authorization, Content-Type, Prefer, Cache-Control, Idempotency-Key, ActorPerf-Namespace, ActorPerf-Cache, If-Match, If-None-Match, Last-Event-ID, X-Request-Id, traceparent";
    private const string ExposedHeaders =
        "Location, ETag, Link, Retry-After, Preference-Applied, Idempotent-Replayed, Cache-Status, Age, X-Request-Id, traceparent";

    private readonly HashSet<string> _origins = new(options.CorsOrigins, StringComparer.OrdinalIgnoreCase);

    public static bool IsOrigin(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https" && !text.EndsWith('/')
        && string.Equals(uri.GetLeftPart(UriPartial.Authority), text, StringComparison.OrdinalIgnoreCase) && uri.UserInfo.Length == 0;

    /// <summary>Checks the origin and marks the answer. <paramref name="preflight"/> is true when the answer is complete with that (204).</summary>
    public Refusal? Check(HttpContext context, out bool preflight)
    {
        preflight = false;
        var headers = context.Request.Headers;
        if (_origins.Count > 0) context.Response.Headers.Vary = HeaderNames.Origin;
        if (headers.Origin.Count == 0) return null;
        var origin = headers.Origin.ToString();
        if (!_origins.Contains(origin))
            return IsOwn(origin, headers.Host.ToString()) ? null : new Refusal("forbidden",
                $"Pages of origin '{(origin.Length <= 100 ? origin : origin[..100])}' may not use this node. Add the origin to actorperf.http.cors-origins if they should.");

        context.Response.Headers.AccessControlAllowOrigin = origin;
        preflight = HttpMethods.IsOptions(context.Request.Method) && headers.ContainsKey(HeaderNames.AccessControlRequestMethod);
        if (!preflight)
        {
            context.Response.Headers.AccessControlExposeHeaders = ExposedHeaders;
            return null;
        }
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        context.Response.Headers.AccessControlAllowMethods = AllowedMethods;
        context.Response.Headers.AccessControlAllowHeaders = AllowedHeaders;
        context.Response.Headers.AccessControlMaxAge = "600";
        return null;
    }

    /// <summary>Compares host and port only: behind a proxy that ends TLS the scheme we see is not the browser's. The Host itself was checked before.</summary>
    private static bool IsOwn(string origin, string host)
    {
        var start = origin.IndexOf("://", StringComparison.Ordinal);
        return start > 0 && origin.AsSpan(start + 3).Equals(host, StringComparison.OrdinalIgnoreCase);
    }
}
