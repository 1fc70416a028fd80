using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ActorPerf.Web.Security;

/// <summary>What every answer forbids a browser to do with it. Pages put their own policy in place of the API's.</summary>
internal static class SecurityHeaders
{
    private static readonly StringValues NoSniff = "nosniff";
    private static readonly StringValues NothingAllowed = "default-src 'none'; frame-ancestors 'none'";

    public static void Put(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = NoSniff;
        headers.ContentSecurityPolicy = NothingAllowed;
    }
}
