using ActorPerf.Setup;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Benchmarks.Harness;

/// <summary>Several nodes in this process over one SQLite file, as <c>--nodes N</c> hosts them.</summary>
internal sealed class NodesInProcess : IAsyncDisposable
{
    private readonly List<IHost> _hosts = [];
    private readonly SharedStorage _storage;

    private NodesInProcess(SharedStorage storage) => _storage = storage;

    public IReadOnlyList<NodeRuntime> Nodes => [.. _hosts.Select(host => host.Services.GetRequiredService<NodeRuntime>())];

    /// <param name="folder">Takes the configuration and the database.</param>
    /// <param name="more">As of <see cref="NodeInProcess"/>.</param>
    public static async Task<NodesInProcess> StartAsync(string folder, int count, string more)
    {
        var settings = NodeInProcess.Settings(folder, more);
        var options = new StorageOptions { ConnectionString = $"Data Source={NodeFile.Database(folder)}" };
        var nodes = new NodesInProcess(new SharedStorage(options, TimeProvider.System, seed: 1));
        for (var i = 1; i <= count; i++) await nodes.AddAsync(settings, $"node-{i}");
        return nodes;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.StopAsync();
            host.Dispose();
        }
        _storage.Dispose();
    }

    private async Task AddAsync(IConfigurationRoot settings, string name)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(_storage);
        var own = new ConfigurationBuilder().AddConfiguration(settings).AddInMemoryCollection([new("actorperf:node:name", name)]).Build();
        builder.Services.AddActorPerf(own).AddTasks(typeof(NodesInProcess).Assembly);
        var host = builder.Build();
        await host.StartAsync();
        _hosts.Add(host);
    }
}
