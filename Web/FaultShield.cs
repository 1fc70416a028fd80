using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Web.Api;
using ActorPerf.Web.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Web;

/// <summary>What a route's exception becomes: a problem without its details, and a log line with them.</summary>
internal sealed class FaultShield(ILogger<FaultShield> log)
{
    public RequestDelegate Around(RequestDelegate inner) => context =>
    {
        Task running;
        try
        {
            running = inner(context);
        }
        catch (Exception fault)
        {
            return AnswerAsync(context, fault);
        }
        return running.IsCompletedSuccessfully ? running : AwaitAsync(context, running);
    };

    private async Task AwaitAsync(HttpContext context, Task running)
    {
        try
        {
            await running;
        }
        catch (Exception fault)
        {
            await AnswerAsync(context, fault);
        }
    }

    /// <summary>Logs a fault and answers with its problem, or breaks the connection where the answer has begun.</summary>
    public Task AnswerAsync(HttpContext context, Exception fault)
    {
        // The caller has gone: nobody is there to be told.
        if (context.RequestAborted.IsCancellationRequested && fault is OperationCanceledException or IOException) return Task.CompletedTask;
        var refusal = Refusal(context, fault);
        if (context.Response.HasStarted)
        {
            context.Abort();                                 // half an answer must not look like a whole one
            return Task.CompletedTask;
        }
        context.Response.Headers.ETag = default;
        context.Response.Headers.Location = default;
        return Problems.WriteAsync(context, refusal);
    }

    private Refusal Refusal(HttpContext context, Exception fault)
    {
        var (method, path, id) = (context.Request.Method, context.Request.Path.Value ?? "", RequestIdentity.Of(context));
        switch (fault)
        {
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return new Refusal("payload-too-large", "The body is longer than this node takes.");
            case BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout }:
                return new Refusal("request-timeout", "The body came too slowly and was given up. Send it faster, or in smaller parts.");
            case BadHttpRequestException bad:
                return new Refusal("invalid-request", $"The request is malformed: {bad.Message}");
            case VersionConflictException conflict:
                return new Refusal("version-conflict", conflict.Message);
            case EntityFaultException or ReadOnlyKindException:
                return new Refusal("invalid-request", fault.Message);
            case StoreUnavailableException or TimeoutException when Problems.OfStore(fault) is { } away:
                log.StoreAway(method, path, id, fault.Message);
                return away;
            default:
                log.RequestFailed(fault, method, path, id);
                return new Refusal("internal-error", $"The node failed at this request. Its log tells more under request {id}.");
        }
    }
}
