using System.Collections.Concurrent;
using System.Net;
using ActorPerf.Caching;
using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Storage.Memory;
using ActorPerf.Tasks;
using ActorPerf.TestKit;
using ActorPerf.Tests.Web.Api;
using ActorPerf.Tracing;
using ActorPerf.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Web;

/// <summary>A host with endpoints of its own over a scripted store, on Kestrel or on the in-memory server.</summary>
internal sealed class ScopedHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ScopedHost(WebApplication app, ConcurrentQueue<string> log)
    {
        (_app, Log) = (app, log);
        Client = app.Services.GetRequiredService<IServer>() is TestServer
            ? app.GetTestClient()
            : new HttpClient { BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };
    }

    public HttpClient Client { get; }

    public ITraces Traces => _app.Services.GetRequiredService<ITraces>();

    public ScriptedEntityStore Store => _app.Services.GetRequiredService<ScriptedEntityStore>();

    /// <summary>Messages with their exceptions.</summary>
    public IReadOnlyCollection<string> Log { get; }

    /// <param name="wrap">Put around the front door to the data.</param>
    public static async Task<ScopedHost> StartAsync(bool kestrel, DataOptions options, Action<WebApplication> map, Func<IData, IData>? wrap = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        var log = new ConcurrentQueue<string>();
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(new Lines(log));
        if (kestrel) builder.WebHost.ConfigureKestrel(static server => server.Listen(IPAddress.Loopback, 0));
        else builder.WebHost.UseTestServer();
        builder.Services.AddSingleton<FakeTasks>();
        builder.Services.AddSingleton<ITaskCatalog>(static provider => provider.GetRequiredService<FakeTasks>());
        builder.Services.AddSingleton<IJobs, FakeJobs>();
        builder.Services.AddSingleton<ICompute, FakeCompute>();
        builder.Services.AddSingleton<ICluster, FakeCluster>();
        builder.Services.AddSingleton<IMaintenance, FakeMaintenance>();
        builder.Services.AddSingleton(static _ => new ScriptedEntityStore(new MemoryStorage(TimeProvider.System, new Random(1)).Entities, TimeProvider.System));
        builder.Services.AddSingleton(provider => new DataService(
            provider.GetRequiredService<ScriptedEntityStore>(), options, TimeProvider.System, new Random(1), NullLogger<DataService>.Instance));
        builder.Services.AddSingleton<IData>(provider => wrap is null ? provider.GetRequiredService<DataService>() : wrap(provider.GetRequiredService<DataService>()));
        builder.Services.AddActorPerfWeb(new HttpOptions());
        var app = builder.Build();
        map(app);
        await app.StartAsync();
        return new ScopedHost(app, log);
    }

    /// <summary>What the store holds, past every scope.</summary>
    public async Task<long?> StoredAsync(Key key) => Data.DataWorld.Value((await Store.ReadManyAsync(key.Namespace, [key], CancellationToken.None))[0]);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    private sealed class Lines(ConcurrentQueue<string> log) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) log.Enqueue($"{formatter(state, exception)} {exception}");
        }

        public void Dispose()
        {
        }
    }
}
