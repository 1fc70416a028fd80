using System.Globalization;
using System.Text;
using ActorPerf.Web.Console.Pages;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ActorPerf.Web.Console.Live;

/// <summary>The event stream of one open page (server-sent events): <c>frame</c> with what to patch, <c>beat</c> when nothing changed for a while.</summary>
internal static class LiveStream
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(10);

    /// <summary>After this the page connects again, and is asked again who it is.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    public static Task<IResult> OpenAsync(ConsoleRequest request)
    {
        if (LiveViews.Find(request) is not { } view) return Task.FromResult(request.NotFound("There is no such live view."));
        var watcher = request.Service<LiveTopics>().TryJoin(view.Key, view.Open);
        return Task.FromResult(watcher is null
            ? request.Failure(StatusCodes.Status503ServiceUnavailable, "Too many pages are open", $"At most {LiveTopics.MaxWatchers} live views run at once.")
            : new Stream(watcher, request.Service<TimeProvider>()));
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
            httpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            try
            {
                await WriteAsync(httpContext, "retry: 2000\n\n"u8.ToArray(), until.Token);
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
                if (await NextAsync(seen, ct) is not { } frame)
                {
                    await WriteAsync(http, Encoding.UTF8.GetBytes($"event: beat\ndata: {BeatData()}\n\n"), ct);
                    continue;
                }
                var body = frame.Number == seen + 1 && frame.Change is not null && seen > 0 ? frame.Change : frame.Whole;
                var head = Encoding.UTF8.GetBytes($"id: {frame.Number.ToString(CultureInfo.InvariantCulture)}\nevent: frame\ndata: ");
                await WriteAsync(http, [.. head, .. body, (byte)'\n', (byte)'\n'], ct);
                seen = frame.Number;
            }
        }

        /// <summary>Null when nothing changed for the length of a beat.</summary>
        private async Task<LiveFrame?> NextAsync(long seen, CancellationToken ct)
        {
            using var beat = new CancellationTokenSource(Beat, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, beat.Token);
            try
            {
                return await watcher.NextAsync(seen, either.Token);
            }
            catch (OperationCanceledException) when (beat.IsCancellationRequested && !ct.IsCancellationRequested)
            {
                return null;
            }
        }

        private string BeatData() => $$"""{"now":"{{Words.Exact(time.GetUtcNow())}}","asOf":"{{Words.Exact(watcher.SampledAt)}}"}""";

        private static async Task WriteAsync(HttpContext http, byte[] bytes, CancellationToken ct)
        {
            await http.Response.Body.WriteAsync(bytes, ct);
            await http.Response.Body.FlushAsync(ct);
        }

        private static CancellationToken Stopping(HttpContext http) =>
            http.RequestServices.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
    }
}
