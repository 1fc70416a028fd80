using System.Diagnostics;
using System.Globalization;
using ActorPerf.Tasks;
using ActorPerf.Tracing;
using ActorPerf.Web.Api;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web;

/// <summary>Counts the requests of one route, and records those that its meter takes: from the check of the route to the end of the handler.</summary>
/// <remarks>A span of our own and not the host's: it knows route and namespace when it is decided whether there is one, and what is not taken costs no activity at all.</remarks>
internal sealed class RouteTrace(RouteMeter meter)
{
    /// <summary>Takes the code of a problem that is answered.</summary>
    private const string ProblemTag = "actorperf.problem";

    /// <summary>Notes the problem that a traced request is answered with.</summary>
    public static void Note(string code) => (Spans.IsTraced ? Activity.Current : null)?.SetTag(ProblemTag, code);

    public ApiHandler Around(ApiHandler handler) => (context, ns) =>
    {
        var began = meter.Timestamp;
        if (meter.Start(SentBy(context), now: began) is { } root)
        {
            var traced = TracedAsync(root, handler, context, ns);
            // What goes on beside it is none of its trace: the host's own again, where there is one.
            Activity.Current = root.Parent;
            return traced;
        }
        Task running;
        try
        {
            running = handler(context, ns);
        }
        catch
        {
            meter.Count(ns.Name, began, failed: true);
            throw;
        }
        if (!running.IsCompletedSuccessfully) return CountAfterAsync(running, context, ns, began);
        meter.Count(ns.Name, began, Failed(context));
        return running;
    };

    /// <summary>Answers a request that its route never sees. It counts, and no namespace owns it; nothing is recorded of it, for it made no calls.</summary>
    public Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        var began = meter.Timestamp;
        var answered = Problems.WriteAsync(context, refusal);
        meter.Count("", began, Failed(context));
        return answered;
    }

    /// <summary>Counts of a stream only its refusals: how long somebody listens says nothing of how fast it was.</summary>
    public ApiHandler AroundStream(ApiHandler handler) => async (context, ns) =>
    {
        var began = meter.Timestamp;
        await handler(context, ns);
        if (context.Response.StatusCode >= StatusCodes.Status400BadRequest) meter.Count(ns.Name, began, Failed(context));
    };

    private static string? SentBy(HttpContext context) => context.Request.Headers.TraceParent is { Count: 1 } sent ? sent[0] : null;

    private static bool Failed(HttpContext context) => context.Response.StatusCode >= StatusCodes.Status500InternalServerError;

    private async Task CountAfterAsync(Task running, HttpContext context, Namespace ns, long began)
    {
        var failed = true;
        try
        {
            await running;
            failed = Failed(context);
        }
        finally
        {
            meter.Count(ns.Name, began, failed);
        }
    }

    private async Task TracedAsync(Activity root, ApiHandler handler, HttpContext context, Namespace ns)
    {
        // Whoever asked finds the trace by what the answer says.
        context.Response.Headers.TraceParent = root.Id;
        root.SetTag(SpanTags.Method, context.Request.Method);
        Exception? failure = null;
        try
        {
            await handler(context, ns);
        }
        catch (Exception fault)
        {
            failure = fault;
            throw;
        }
        finally
        {
            var status = failure is null ? context.Response.StatusCode : (int?)null;
            var error = failure is not null ? Spans.ErrorOf(failure)
                : status >= StatusCodes.Status500InternalServerError ? root.GetTagItem(ProblemTag) as string ?? string.Create(CultureInfo.InvariantCulture, $"http-{status}")
                : null;
            meter.End(root, ns.Name, status, error, context.Request.Path.Value);
        }
    }
}
