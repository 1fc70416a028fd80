using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Tests.Node;

/// <summary>A listening server that answers as the test says, and remembers what it was asked.</summary>
internal sealed class ScriptedNode : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ScriptedNode(WebApplication app) => _app = app;

    public sealed record Asked(string Method, string Path, string Body, IReadOnlyDictionary<string, string> Headers);

    public ConcurrentQueue<Asked> Requests { get; } = new();

    public string Url => _app.Urls.First();

    /// <summary>The only request there was.</summary>
    public Asked Request => Assert.Single(Requests);

    public static async Task<ScriptedNode> StartAsync(Func<HttpContext, Task> answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var node = new ScriptedNode(app);
        app.Run(async context =>
        {
            context.Request.EnableBuffering();
            using var reader = new StreamReader(context.Request.Body, Encoding.UTF8, leaveOpen: true);
            var body = await reader.ReadToEndAsync();
            context.Request.Body.Position = 0;
            node.Requests.Enqueue(new(
                context.Request.Method, context.Request.Path + context.Request.QueryString, body,
                context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
            await answer(context);
        });
        await app.StartAsync();
        return node;
    }

    /// <summary>Answers every request alike.</summary>
    public static Task<ScriptedNode> AnsweringAsync(string json, int status = 200) => StartAsync(context => context.JsonAsync(json, status));

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}

internal static class ScriptedAnswers
{
    extension(HttpContext context)
    {
        public async Task JsonAsync(string json, int status = 200)
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = status < 400 ? "application/json" : "application/problem+json";
            await context.Response.WriteAsync(json);
        }

        public Task ProblemAsync(int status, string code, string detail, string more = "") => context.JsonAsync(
            $$"""{"type":"urn:actorperf:problem:{{code}}","title":"Refused","status":{{status}},"detail":"{{detail}}","code":"{{code}}","requestId":"r-1"{{more}}}""", status);
    }
}
