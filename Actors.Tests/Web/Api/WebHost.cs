using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using ActorPerf.Caching;
using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Operations;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Jobs.Search;
using ActorPerf.Storage.Memory;
using ActorPerf.Tasks;
using ActorPerf.Tests.Load;
using ActorPerf.TestKit;
using ActorPerf.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Web.Api;

/// <summary>The API on a real server on a free loopback port, over fakes.</summary>
public sealed class WebHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WebHost(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Client = new HttpClient { BaseAddress = new Uri(Address, "/api/v1/") };
    }

    public Uri Address { get; }

    /// <summary>Begins at the base path.</summary>
    public HttpClient Client { get; }

    internal FakeJobs Jobs => (FakeJobs)_app.Services.GetRequiredService<IJobs>();

    internal FakeCompute Compute => (FakeCompute)_app.Services.GetRequiredService<ICompute>();

    internal IData Data => _app.Services.GetRequiredService<IData>();

    /// <summary>What the API's data stands on; tests count its statements and hold them up.</summary>
    internal ScriptedEntityStore Store => _app.Services.GetRequiredService<ScriptedEntityStore>();

    internal FakeCluster Cluster => (FakeCluster)_app.Services.GetRequiredService<ICluster>();

    internal Console.Fakes.FakeTraces Traces => (Console.Fakes.FakeTraces)_app.Services.GetRequiredService<ActorPerf.Tracing.ITraces>();

    public IServiceProvider Services => _app.Services;

    internal static async Task<WebHost> StartAsync(HttpOptions? options = null, Action<IServiceCollection>? services = null, Action<WebApplication>? map = null)
    {
        options ??= new HttpOptions();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server =>
        {
            WebSetup.ConfigureKestrel(server, options);
            server.Listen(IPAddress.Loopback, 0);
        });
        builder.Services.AddSingleton<FakeTasks>();
        builder.Services.AddSingleton<ITaskCatalog>(static provider => provider.GetRequiredService<FakeTasks>());
        builder.Services.AddSingleton<IJobs, FakeJobs>();
        builder.Services.AddSingleton<IQueues, FakeQueues>();
        builder.Services.AddSingleton<IWorkflows, FakeWorkflows>();
        builder.Services.AddSingleton<ISchedules, FakeSchedules>();
        builder.Services.AddSingleton<IWebhooks>(static _ =>
            new WebhookService(new MemoryStorage(TimeProvider.System, new Random(1)).Webhooks, TimeProvider.System, new TaskCatalog([]), new WebhookAddresses(new WebhookOptions())));
        builder.Services.AddSingleton<IJobResults>(static provider => (FakeJobs)provider.GetRequiredService<IJobs>());
        builder.Services.AddSingleton<IOperations, FakeOperations>();
        builder.Services.AddSingleton<IJobSearch>(static provider => new JobSearch(new MemoryStorage(TimeProvider.System, new Random(1)).Jobs, provider.GetRequiredService<FakeTasks>()));
        builder.Services.AddSingleton<IOperatorStore>(static _ => new MemoryStorage(TimeProvider.System, new Random(1)).Operators);
        builder.Services.AddSingleton<IAudit>(static provider => provider.GetRequiredService<IOperatorStore>());
        builder.Services.AddSingleton<IViews>(static provider => provider.GetRequiredService<IOperatorStore>());
        builder.Services.AddSingleton<ICompute, FakeCompute>();
        builder.Services.AddSingleton<ICluster, FakeCluster>();
        builder.Services.AddSingleton<IActorInspector, FakeActors>();
        builder.Services.AddSingleton<ActorPerf.Tracing.Metrics.IMetrics, FakeMetrics>();
        builder.Services.AddSingleton<ActorPerf.Tracing.ITraces, Console.Fakes.FakeTraces>();
        builder.Services.AddSingleton<ActorPerf.Tracing.ITimelines, Console.Fakes.FakeTimelines>();
        builder.Services.AddSingleton<IMaintenance, FakeMaintenance>();
        builder.Services.AddSingleton(static _ => new ScriptedEntityStore(new MemoryStorage(TimeProvider.System, new Random(1)).Entities, TimeProvider.System));
        builder.Services.AddSingleton<IData>(static provider => new DataService(
            provider.GetRequiredService<ScriptedEntityStore>(), new DataOptions(), TimeProvider.System, new Random(1), NullLogger<DataService>.Instance));
        builder.Services.AddFakeLoad();
        builder.Services.AddActorPerfWeb(options);
        services?.Invoke(builder.Services);
        var app = builder.Build();
        if (map is null) app.MapActorPerf();
        else map(app);
        await app.StartAsync();
        return new WebHost(app);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    /// <summary>Sends bytes as they are and reads until the server closes.</summary>
    public async Task<string> RawAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Address.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }
}

/// <summary>A host for all tests of a class.</summary>
public sealed class SharedHost : IAsyncLifetime
{
    private WebHost? _host;

    public WebHost Host => _host ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync() => _host = await WebHost.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_host is not null) await _host.DisposeAsync();
    }
}

internal static class Http
{
    public static StringContent Json(string body) => Typed(body, "application/json");

    public static StringContent Lines(string body) => Typed(body, "application/x-ndjson");

    public static StringContent Typed(string body, string type)
    {
        var content = new StringContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return content;
    }

    /// <summary>The body of a raw answer in chunks (ASCII only).</summary>
    public static string Dechunk(string answer)
    {
        var body = new StringBuilder();
        var at = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        while (true)
        {
            var end = answer.IndexOf("\r\n", at, StringComparison.Ordinal);
            var length = Convert.ToInt32(answer[at..end], 16);
            if (length == 0) return body.ToString();
            body.Append(answer, end + 2, length);
            at = end + 2 + length + 2;
        }
    }

    public static async Task<JsonElement> BodyAsync(this HttpResponseMessage response)
    {
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return document.RootElement.Clone();
    }

    public static async Task<JsonElement> PostAsync(this HttpClient client, string path, string body, HttpStatusCode status)
    {
        using var response = await client.PostAsync(path, Json(body));
        Assert.Equal(status, response.StatusCode);
        return await response.BodyAsync();
    }

    /// <summary>Checks that the answer is a whole problem of this code, and gives it back.</summary>
    public static async Task<JsonElement> ProblemAsync(this HttpResponseMessage response, int status, string code)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode}, not {status}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var body = await response.BodyAsync();
        Assert.Equal(code, body.GetProperty("code").GetString());
        Assert.Equal($"urn:actorperf:problem:{code}", body.GetProperty("type").GetString());
        Assert.Equal(status, body.GetProperty("status").GetInt32());
        Assert.False(string.IsNullOrEmpty(body.GetProperty("title").GetString()));
        Assert.False(string.IsNullOrEmpty(body.GetProperty("detail").GetString()));
        Assert.Equal(response.Headers.GetValues("X-Request-Id").Single(), body.GetProperty("requestId").GetString());
        return body;
    }

    public static IReadOnlyList<string> Pointers(this JsonElement problem) =>
        [.. problem.GetProperty("errors").EnumerateArray().Select(static error => error.GetProperty("pointer").GetString()!)];
}
