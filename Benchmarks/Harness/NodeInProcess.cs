using ActorPerf.Configuration;
using ActorPerf.Jobs;
using ActorPerf.Setup;
using ActorPerf.Storage.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Benchmarks.Harness;

/// <summary>A node in this process, set up as an application of one's own sets it up.</summary>
internal sealed class NodeInProcess : IAsyncDisposable
{
    private readonly IHost _host;

    private NodeInProcess(IHost host)
    {
        _host = host;
        Runtime = host.Services.GetRequiredService<NodeRuntime>();
    }

    public NodeRuntime Runtime { get; }

    public IJobs Jobs => Runtime.Jobs;

    /// <summary>Transactions and writes committed since the start.</summary>
    public (long Transactions, long Writes) Commits => ((SqliteStorage)Runtime.Storage).Commits;

    /// <param name="folder">Takes the configuration and the database.</param>
    /// <param name="more">Settings beside those of <see cref="NodeFile"/>, in HOCON.</param>
    public static async Task<NodeInProcess> StartAsync(string folder, string more = "")
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Information);
        builder.Services.AddActorPerf(Settings(folder, more)).AddTasks(typeof(NodeInProcess).Assembly);
        var host = builder.Build();
        await host.StartAsync();
        return new NodeInProcess(host);
    }

    /// <summary>The configuration of <see cref="NodeFile"/>, read as the ready-made node reads it.</summary>
    public static IConfigurationRoot Settings(string folder, string more = "") =>
        ConfigurationLayers.Build(NodeFile.Write(folder, more), [], new Dictionary<string, string>()).Root;

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
