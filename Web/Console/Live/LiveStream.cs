using ActorPerf.Web.Console.Pages;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ActorPerf.Web.Console.Live;

/// <summary>The event stream of one open page (server-sent events): <c>frame</c> with what to patch, <c>beat</c> when nothing changed for a while.</summary>
internal static class LiveStream
{
    /// <summary>After this the page connects again, and is asked again who it is.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    public static Task<IResult> OpenAsync(ConsoleRequest request)
    {
        if (LiveViews.Find(request) is not { } view) return Task.FromResult(request.NotFound("There is no such live view."));
        if (request.Service<LiveTopics>().TryJoin(view.Key, view.Open, request.View.SignedInAs) is { } watcher) return Task.FromResult<IResult>(new Stream(watcher, request.Service<TimeProvider>()));
        request.Http.Response.Headers.RetryAfter = "5";
        return Task.FromResult(request.Failure(StatusCodes.Status503ServiceUnavailable, "Too many pages are open", $"At most {LiveTopics.MaxWatchers} live views run at once, and at most {LiveTopics.MaxOfOne} of one key."));
    }

    private sealed class Stream(LiveTopics.Watcher watcher, TimeProvider time) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            using var joined = watcher;
            using var end = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, Stopping(httpContext));
            using var limit = new CancellationTokenSource(Longest, time);
            using var until = CancellationTokenSource.CreateLinkedTokenSource(end.Token, limit.Token);
            httpContext.Response.ContentType = "text/event-stream";
            if (httpContext.IsHead()) return;
            httpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            try
            {
                await httpContext.Response.BodyWriter.WriteAsync("retry: 2000\n\n"u8.ToArray(), until.Token);
                await SendFramesAsync(httpContext, until.Token);
            }
            catch (OperationCanceledException) when (until.IsCancellationRequested)
            {
                // The page has gone, the node stops, or the stream is old: the browser connects again if there is a page.
            }
        }

        private async Task SendFramesAsync(HttpContext http, CancellationToken ct)
        {
            var seen = 0L;
            while (true)
            {
                var frame = await watcher.NextAsync(seen, ct);
                await http.Response.BodyWriter.WriteAsync(frame.EventFor(seen), ct);
                seen = frame.Number;
            }
        }

        private static CancellationToken Stopping(HttpContext http) =>
            http.RequestServices.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
    }
}
