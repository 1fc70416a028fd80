using ActorPerf.Tasks;
using ActorPerf.Web.Api;
using ActorPerf.Web.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ActorPerf.Web;

/// <summary>What every request below the mount goes through before routing, and what bare answers of the routing become.</summary>
/// <remarks>In order: request id and trace, security headers, Host, origin (CORS), then routing; a route's own checks (content type, key, namespace)
/// stand in front of its handler. A request that needs no wait passes through without a state machine.</remarks>
internal sealed class WebPipeline(RequestDelegate next, WebMount mount, HostCheck hosts, Cors cors, RouteTrace unrouted)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (mount.Prefix.Length > 0 && !context.Request.Path.StartsWithSegments(mount.Prefix)) return next(context);
        RequestIdentity.Put(context);
        SecurityHeaders.Put(context);
        if (hosts.Check(context) is { } strange) return unrouted.RefuseAsync(context, strange);
        if (cors.Check(context, out var preflight) is { } foreign) return unrouted.RefuseAsync(context, foreign);
        if (preflight) return Task.CompletedTask;

        var running = next(context);
        if (running.IsCompletedSuccessfully) return Fill(context);
        // A route of ours that waits answers in full by itself; only what the host put here may end bare.
        return OwnRoute.Of(context) is null ? FillAfterAsync(context, running) : running;
    }

    private async Task FillAfterAsync(HttpContext context, Task running)
    {
        await running;
        await Fill(context);
    }

    /// <summary>Routing answers with a bare status where it finds no route: give it the form of every other error.</summary>
    private Task Fill(HttpContext context)
    {
        var response = context.Response;
        if (response.StatusCode < 400 || response.HasStarted || response.ContentType is not null || response.ContentLength is not null) return Task.CompletedTask;
        return response.StatusCode switch
        {
            StatusCodes.Status404NotFound => RefuseAsync(context, new Refusal("not-found",
                $"There is nothing at {Wire.JsonFault.Shown(context.Request.Path.Value ?? "/")}. GET /openapi/v1.json lists what there is.")),
            StatusCodes.Status405MethodNotAllowed => RefuseAsync(context, new Refusal("method-not-allowed",
                $"{Wire.JsonFault.Shown(context.Request.Method)} is not for this address; {(response.Headers.Allow.Count == 0 ? "none is" : $"use {response.Headers.Allow}")}.")),
            StatusCodes.Status415UnsupportedMediaType => RefuseAsync(context, new Refusal("unsupported-media-type", "The content type cannot be taken here.")),
            _ => Task.CompletedTask,
        };
    }

    /// <summary>An endpoint of a pattern, ours or the host's, counts its requests itself.</summary>
    private Task RefuseAsync(HttpContext context, Refusal refusal) =>
        context.GetEndpoint() is RouteEndpoint ? Problems.WriteAsync(context, refusal) : unrouted.RefuseAsync(context, refusal);
}
