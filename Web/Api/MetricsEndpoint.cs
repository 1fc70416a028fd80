using System.Text;
using ActorPerf.Tracing.Metrics;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ActorPerf.Web.Api;

/// <summary>What the node counts, for Prometheus and what reads its format (docs/metrics.md). Outside the base path, where scrapers look.</summary>
/// <remarks>Figures are of all namespaces together, so a key that is bound to some gets none.</remarks>
internal sealed class MetricsEndpoint(FrontDoors doors, AccessCheck access)
{
    public void Map(IEndpointRouteBuilder root) => root.MapMethods("/metrics", [HttpMethods.Get], AnswerAsync)
        .WithAccess(new AccessRule(Scope.Read))
        .WithMetadata(new ApiDoc("getMetrics", "Node", "What the node counts, in the text format of Prometheus.") { Answers = [(200, "Text")], Produces = "text/plain" });

    private async Task AnswerAsync(HttpContext context)
    {
        // Scrapers are configured with parameters at times; none means anything here.
        if (access.CheckUnbound(context, Scope.Read) is { } refusal)
        {
            await Problems.WriteAsync(context, refusal);
            return;
        }
        var text = Encoding.UTF8.GetBytes(PrometheusText.Write(await doors.Metrics.ReadAsync(context.RequestAborted)));
        context.Response.ContentType = PrometheusText.ContentType;
        context.Response.ContentLength = text.Length;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.WriteAsync(text, context.RequestAborted);
    }
}
