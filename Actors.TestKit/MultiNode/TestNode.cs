using ActorPerf.Caching;
using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Operations;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Jobs.Search;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Setup;
using ActorPerf.Storage;
using ActorPerf.Tasks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorPerf.TestKit.MultiNode;

/// <summary>A node of a test's cluster: its front doors, its line to the database, and its end.</summary>
public sealed class TestNode : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly NodeLogs _logs;
    private bool _ended;

    private TestNode(string name, ServiceProvider services, StoreLine store, NodeLogs logs) => (Name, _services, Store, _logs) = (name, services, store, logs);

    public string Name { get; }

    /// <summary>Its line to the database: <see cref="StoreLine.Cut"/>, <see cref="StoreLine.Freeze"/>, <see cref="StoreLine.Mend"/>.</summary>
    public StoreLine Store { get; }

    public IJobs Jobs => _services.GetRequiredService<IJobs>();

    public IWorkflows Workflows => _services.GetRequiredService<IWorkflows>();

    public IQueues Queues => _services.GetRequiredService<IQueues>();

    public ISchedules Schedules => _services.GetRequiredService<ISchedules>();

    public IWebhooks Webhooks => _services.GetRequiredService<IWebhooks>();

    public IJobSearch Search => _services.GetRequiredService<IJobSearch>();

    public IOperations Operations => _services.GetRequiredService<IOperations>();

    public ICompute Compute => _services.GetRequiredService<ICompute>();

    public IData Data => _services.GetRequiredService<IData>();

    public ICluster Cluster => _services.GetRequiredService<ICluster>();

    public IServiceProvider Services => _services;

    /// <summary>What it logged, oldest first; the newest 1,000 lines.</summary>
    public IReadOnlyList<string> Log => _logs.Lines;

    internal static async Task<TestNode> StartAsync(string name, MultiNodeOptions options, INodeStorage storage, CancellationToken ct)
    {
        var line = new StoreLine { Hints = options.Hints };
        var logs = new NodeLogs();
        var configured = new ActorPerfOptions();
        (configured.Node.Name, configured.Cluster.Lease, configured.Cluster.Poll) = (name, options.Lease, options.Poll);
        options.Configure(name, configured);
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(logs));
        services.AddSingleton<IHostApplicationLifetime>(new Lifetime());
        services.AddSingleton<INodeStorage>(new LinedStorage(storage, line));
        options.Services(services);
        services.AddActorPerf(Settings(options), configured);
        var provider = services.BuildServiceProvider();
        try
        {
            foreach (var hosted in provider.GetServices<IHostedService>())
            {
                if (hosted is IHostedLifecycleService early) await early.StartingAsync(ct);
                await hosted.StartAsync(ct);
            }
        }
        catch
        {
            await provider.DisposeAsync();
            storage.Dispose();
            throw;
        }
        return new TestNode(name, provider, line, logs);
    }

    /// <summary>As <c>kill -9</c> would look to everybody else: from now on nothing of it reaches the database. Its code is stopped, too, for it shares the process.</summary>
    public Task KillAsync()
    {
        Store.End();
        return EndAsync(TimeSpan.Zero);
    }

    /// <summary>In order: it takes no more work, ends what runs within <paramref name="patience"/>, hands back the rest and leaves.</summary>
    public Task StopAsync(TimeSpan patience)
    {
        Store.Mend();
        return EndAsync(patience);
    }

    public async ValueTask DisposeAsync() => await StopAsync(TimeSpan.Zero);

    private async Task EndAsync(TimeSpan patience)
    {
        if (_ended) return;
        _ended = true;
        await _services.GetRequiredService<NodeRuntime>().StopAsync(patience);
        foreach (var hosted in _services.GetServices<IHostedService>().Reverse()) await hosted.StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
    }

    private static IConfigurationRoot Settings(MultiNodeOptions options)
    {
        var size = options.Routees.ToString(System.Globalization.CultureInfo.InvariantCulture);
        string[] queues = ["default", "cpu", "io"];
        return new ConfigurationBuilder().AddInMemoryCollection(
            queues.Select(queue => new KeyValuePair<string, string?>($"akka:actor:deployment:/compute/{queue}:nr-of-instances", size))
                .Concat(queues.Select(queue => new KeyValuePair<string, string?>($"akka:actor:deployment:/compute/{queue}:router", "smallest-mailbox-pool")))).Build();
    }

    /// <summary>The node asks for the process to stop; a test's process goes on.</summary>
    private sealed class Lifetime : IHostApplicationLifetime
    {
        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => CancellationToken.None;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication()
        {
        }
    }
}
