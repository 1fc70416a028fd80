using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ActorPerf.Web;

/// <summary>Lets every address that answers GET answer HEAD as well (RFC 9110, 9.3.2): the same head without a body, which the server leaves out by itself.</summary>
/// <remarks>What has no end (an event stream), or is long (a file), asks <see cref="IsHead"/> and stops behind its head.</remarks>
internal static class HeadAsGet
{
    /// <summary>Of all routes of a group, also those that are mapped later.</summary>
    public static void AnswersHead(this IEndpointConventionBuilder routes) => routes.Finally(static endpoint =>
    {
        for (var i = 0; i < endpoint.Metadata.Count; i++)
        {
            if (endpoint.Metadata[i] is IHttpMethodMetadata { HttpMethods: [var only] } known && HttpMethods.IsGet(only))
                endpoint.Metadata[i] = new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head], known.AcceptCorsPreflight);
        }
    });

    public static bool IsHead(this HttpContext context) => HttpMethods.IsHead(context.Request.Method);
}
