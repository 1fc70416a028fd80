using ActorPerf.Cluster;
using ActorPerf.Setup;
using ActorPerf.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Tests.Web.Api;

/// <summary>A whole node with its API on a free loopback port, over a database of its own that is checked at the end.</summary>
internal sealed class NodeHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _folder;

    private NodeHost(WebApplication app, string folder)
    {
        (_app, _folder) = (app, folder);
        var address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Client = new HttpClient { BaseAddress = new Uri(address, "/api/v1/") };
    }

    /// <summary>Begins at the base path.</summary>
    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    /// <param name="postgres">The connection string of its database; null for a file of its own.</param>
    /// <param name="settings">Further ones, such as <c>actorperf:tracing:otlp:endpoint</c>.</param>
    public static async Task<NodeHost> StartAsync(string? postgres = null, params IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var folder = Directory.CreateTempSubdirectory("actorperf-").FullName;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddActorPerf(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["actorperf:load:directory"] = Path.Combine(folder, "load-runs"),
            ["actorperf:storage:provider"] = postgres is null ? "sqlite" : "postgresql",
            ["actorperf:storage:connection-string"] = postgres ?? $"Data Source={Path.Combine(folder, "node.db")}",
        }).AddInMemoryCollection(settings).Build());
        builder.Services.AddActorPerfWeb(new HttpOptions());
        var app = builder.Build();
        app.MapActorPerf();
        await app.StartAsync();
        return new NodeHost(app, folder);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        var verified = await _app.Services.GetRequiredService<IMaintenance>().VerifyAsync(CancellationToken.None);
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        Assert.Empty(verified.Violations);
    }
}
