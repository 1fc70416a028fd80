using System.Buffers;
using System.Globalization;
using ActorPerf.Jobs;
using ActorPerf.Benchmarks.Tasks;
using ActorPerf.Setup;
using ActorPerf.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Benchmarks.Harness;

/// <summary>The measured process: a node as the ready-made one hosts it, and beside it on another port the limits and the instruments.</summary>
/// <remarks>Both are in one process so that they have the same server, the same settings and the same warmth. It ends when its standard input ends.</remarks>
internal static class ChildServer
{
    /// <summary>The argument that makes this program be it.</summary>
    public const string Word = "serve-child";

    /// <summary>A further argument: without the console, and without what it remembers.</summary>
    public const string Bare = "bare";

    private const string AnyPort = "http://127.0.0.1:0";

    /// <summary>Bytes of the body that the empty endpoints answer.</summary>
    private static int answerBytes = 2;

    /// <param name="more">Settings beside those of <see cref="NodeFile"/>, in HOCON.</param>
    /// <param name="bare">Without a console and what it keeps.</param>
    public static async Task<int> RunAsync(string folder, string more, bool bare)
    {
        await using var node = Node(folder, more, bare);
        await node.StartAsync();
        if (bare) node.Services.GetRequiredService<NodeRuntime>().StopTimelines();
        await using var instruments = Instruments(node.Services);
        await instruments.StartAsync();
        await Console.Out.WriteLineAsync($"{Address(node)} {Address(instruments)}");
        await Console.In.ReadToEndAsync();
        await instruments.StopAsync();
        await node.StopAsync();
        return 0;
    }

    private static WebApplication Node(string folder, string more, bool bare)
    {
        var http = new HttpOptions { Url = AnyPort };
        var builder = Builder(http);
        builder.Services.AddActorPerf(NodeInProcess.Settings(folder, more)).AddTasks(typeof(ChildServer).Assembly);
        builder.Services.AddActorPerfWeb(http);
        var app = builder.Build();
        if (!bare) app.MapActorPerf();
        return app;
    }

    private static WebApplication Instruments(IServiceProvider node)
    {
        var app = Builder(new HttpOptions()).Build();
        app.MapPost("/empty", context => AnswerAsync(context, []));
        app.MapPost("/same", context => AnswerAsync(context, SameHeaders));
        app.MapPost("/size/{bytes}", context => SayAsync(context, $"{answerBytes = RouteNumber(context, "bytes")}"));
        app.MapGet("/usage", context => SayAsync(context, Text(Usage.Here())));
        app.MapGet("/runs", context => SayAsync(context, $"{CountedTask.Runs}"));
        app.MapGet("/succeeded", async context => await SayAsync(context, $"{await JobLoad.SucceededAsync(Jobs(node))}"));
        app.MapPost("/load/{submitters}/{milliseconds}", async context =>
        {
            var measured = await JobLoad.RunAsync(Jobs(node), RouteNumber(context, "submitters"), TimeSpan.FromMilliseconds(RouteNumber(context, "milliseconds")));
            await SayAsync(context, $"{measured.Operations} {measured.Elapsed.Ticks} {Text(measured.Used)}");
        });
        return app;
    }

    private static int RouteNumber(HttpContext context, string name) => int.Parse((string)context.Request.RouteValues[name]!, CultureInfo.InvariantCulture);

    private static Task SayAsync(HttpContext context, FormattableString text) => SayAsync(context, FormattableString.Invariant(text));

    private static async Task SayAsync(HttpContext context, string text)
    {
        context.Response.ContentLength = text.Length;
        await context.Response.WriteAsync(text);
    }

    private static IJobs Jobs(IServiceProvider node) => node.GetRequiredService<IJobs>();

    private static string Text(Usage usage) => string.Create(CultureInfo.InvariantCulture, $"{usage.Cpu.Ticks} {usage.AllocatedBytes}");

    /// <summary>The headers that a hit carries besides those of any answer, of the same length, ready-made.</summary>
    private static readonly KeyValuePair<string, string>[] SameHeaders =
    [
        new("X-Request-Id", "0123456789abcdef0123456789abcdef"),
        new("traceparent", "00-0123456789abcdef0123456789abcdef-0123456789abcdef-00"),
        new("X-Content-Type-Options", "nosniff"),
        new("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
        new("Cache-Control", "no-store"),
        new("Cache-Status", "actorperf; hit; ttl=287"),
        new("Age", "12"),
    ];

    private static async Task AnswerAsync(HttpContext context, KeyValuePair<string, string>[] headers)
    {
        var body = context.Request.BodyReader;
        while (true)
        {
            var read = await body.ReadAsync();
            body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) break;
        }
        foreach (var (name, value) in headers) context.Response.Headers[name] = value;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = answerBytes;
        var writer = context.Response.BodyWriter;
        writer.GetSpan(answerBytes)[..answerBytes].Fill((byte)'a');
        writer.Advance(answerBytes);
    }

    private static WebApplicationBuilder Builder(HttpOptions http)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = typeof(ChildServer).Assembly.GetName().Name, ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        ((IConfigurationBuilder)builder.Configuration).Add(new MemoryConfigurationSource());
        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.Logging.AddSimpleConsole();
        builder.Logging.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.WebHost.UseUrls(AnyPort);
        builder.WebHost.ConfigureKestrel(kestrel => WebSetup.ConfigureKestrel(kestrel, http));
        return builder;
    }

    private static string Address(WebApplication app) => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
}
