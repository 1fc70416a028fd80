using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;

namespace ActorPerf.Web.Api;

/// <summary>The <c>Link</c> header of a page (RFC 8288).</summary>
internal static class PageLink
{
    /// <summary>The same request with another cursor.</summary>
    public static string Next(HttpRequest request, string cursor)
    {
        var query = new QueryBuilder();
        foreach (var (name, value) in request.Query)
            if (name != "cursor") query.Add(name, value.ToString());
        query.Add("cursor", cursor);
        return $"<{request.PathBase}{request.Path}{query.ToQueryString()}>; rel=\"next\"";
    }
}
