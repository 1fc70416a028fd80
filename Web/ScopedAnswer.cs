using ActorPerf.Data;
using ActorPerf.Tasks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorPerf.Web;

/// <summary>A request's answer inside a scope of its own: its first byte waits for the writes that were started before it, its end for all others.</summary>
internal static class ScopedAnswer
{
    /// <returns>Why not everything is there that the handler has started to write; null where it is. Then nothing of the answer has gone out, unless it had begun before.</returns>
    /// <exception cref="Exception">The handler's own, which comes first; what its writes failed with besides is logged.</exception>
    public static async Task<Exception?> RunAsync(HttpContext context, IData data, Namespace ns, Func<Task> handler)
    {
        var server = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        HeldBody? held = null;
        var answered = false;
        try
        {
            await data.InScopeAsync(async scope =>
            {
                held = new HeldBody(server, scope.FlushAsync);
                context.Features.Set<IHttpResponseBodyFeature>(held);
                await handler();
                answered = true;
            }, new ScopeSettings { Namespace = ns });
            if (held?.Failure is { } swallowed) return swallowed;
            held?.Release();
            return null;
        }
        catch (Exception fault) when (held?.Failure is not null || answered)
        {
            return held?.Failure ?? fault;
        }
        finally
        {
            context.Features.Set(server);
        }
    }
}
