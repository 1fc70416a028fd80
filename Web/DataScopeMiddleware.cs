using ActorPerf.Tasks;
using ActorPerf.Web.Api;
using ActorPerf.Web.Security;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web;

/// <summary>Gives each request of the host's own endpoints a scope. ActorPerf's routes have theirs already and pass through.</summary>
/// <param name="choose">Whose data a request works with; null: that which the header names. A null of its own: <c>default</c>.</param>
internal sealed class DataScopeMiddleware(RequestDelegate next, FrontDoors doors, WebMount mount, FaultShield shield, HostTraces traces, Func<HttpContext, Namespace?>? choose)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (IsOurs(context)) return next(context);
        var ns = Namespace.Default;
        if (choose is not null) ns = choose(context) ?? Namespace.Default;
        else if (AccessCheck.ReadNamespace(context, out ns) is { } fault) return RefuseAsync(context, fault, traces.Of(context));
        return traces.Of(context) is { } trace ? trace.Around(RunAsync)(context, ns) : RunAsync(context, ns);
    }

    private async Task RunAsync(HttpContext context, Namespace ns)
    {
        if (await ScopedAnswer.RunAsync(context, doors.Data, ns, () => next(context)) is not { } lost) return;
        if (!context.Response.HasStarted)
        {
            context.Response.Clear();                        // nothing of the answer that was meant holds any more
            RequestIdentity.Put(context);
        }
        await shield.AnswerAsync(context, lost);
    }

    private static Task RefuseAsync(HttpContext context, Refusal fault, RouteTrace? trace)
    {
        RequestIdentity.Put(context);
        return trace is null ? Problems.WriteAsync(context, fault) : trace.RefuseAsync(context, fault);
    }

    private bool IsOurs(HttpContext context) =>
        OwnRoute.Of(context) is not null || (mount.Prefix.Length > 0 && context.Request.Path.StartsWithSegments(mount.Prefix));
}
