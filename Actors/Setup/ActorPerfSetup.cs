using System.Reflection;
using ActorPerf.Caching;
using ActorPerf.Cluster;
using ActorPerf.Compute;
using ActorPerf.Configuration;
using ActorPerf.Data;
using ActorPerf.Data.Demo;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Operations;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Load;
using ActorPerf.Queries;
using ActorPerf.Storage;
using ActorPerf.Storage.Lookups;
using ActorPerf.Storage.PostgreSql;
using ActorPerf.Storage.Sqlite;
using ActorPerf.Tasks;
using ActorPerf.Tasks.Commands;
using ActorPerf.Tracing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace ActorPerf.Setup;

/// <summary>Puts a node into a host: <c>services.AddActorPerf(configuration).AddTasks(typeof(MyTask).Assembly)</c>.</summary>
public static class ActorPerfSetup
{
    /// <summary>Registers a node that starts and stops with the host, and its front doors: <see cref="IJobs"/>, <see cref="IWorkflows"/>, <see cref="IQueues"/>, <see cref="IJobResults"/>, <see cref="ISchedules"/>, <see cref="IWebhooks"/>, <see cref="ICompute"/>,
    /// <see cref="IData"/>, <see cref="ITraces"/>, <see cref="ILoadTests"/>, <see cref="ITaskCatalog"/>, <see cref="ICluster"/>, <see cref="IMaintenance"/>,
    /// on SQLite <see cref="ISqliteTransactions"/> and on PostgreSQL <see cref="IPostgresTransactions"/>. They work once the host has started.</summary>
    /// <param name="configuration">Settings under <c>actorperf</c> and <c>akka</c>; an empty one means the defaults (a SQLite file under <c>data/</c>).</param>
    /// <exception cref="ConfigurationFaultException">A setting is unknown or does not fit; all faults are in it.</exception>
    public static ActorPerfBuilder AddActorPerf(this IServiceCollection services, IConfiguration? configuration = null)
    {
        var settings = configuration ?? new ConfigurationBuilder().Build();
        var faults = new List<ConfigurationFault>();
        var options = ActorPerfSettings.Read(settings, faults);
        ConfigurationFaultException.ThrowIfAny(faults);
        return services.AddActorPerf(settings, options);
    }

    /// <summary>As above with options that were read already.</summary>
    public static ActorPerfBuilder AddActorPerf(this IServiceCollection services, IConfiguration configuration, ActorPerfOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddFetch(options.Fetch);
        services.AddSingleton(new CommandSettings(options.Compute.MaxResultBytes));
        services.AddTaskCatalog(_ => TaskOptions.ReadAll(configuration), options.Cache.Duration, CompleteTasks);
        services.AddSingleton(provider => new NamedQueries(
            options.Data.Queries, query => new NamedQuerySource(query, provider.GetRequiredService<TimeProvider>()), options.Cache.Duration, options.Compute.MaxResultBytes));
        services.AddSingleton(options);
        // Before the node, so that it starts first and ends last.
        services.AddHostedService(provider =>
        {
            provider.GetRequiredService<ITaskCatalog>(); // its commands are known from here on
            return provider.GetRequiredService<CommandHost>();
        });
        services.AddSingleton<DemoMeter>();
        services.AddSingleton(provider => new TraceCollector(options.Tracing, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ITraces>(provider => provider.GetRequiredService<TraceCollector>());
        services.AddSingleton(provider => new NodeHost(provider, configuration, options));
        services.AddHostedService(provider => provider.GetRequiredService<NodeHost>());
        services.AddSingleton(provider => provider.GetRequiredService<NodeHost>().Runtime);
        services.AddSingleton(provider => provider.GetRequiredService<NodeRuntime>().Jobs);
        services.AddSingleton(provider => provider.GetRequiredService<NodeRuntime>().Workflows);
        services.AddSingleton(provider => provider.GetRequiredService<NodeRuntime>().Queues);
        services.AddSingleton(provider => provider.GetRequiredService<NodeRuntime>().Results);
        services.AddSingleton(provider => provider.GetRequiredService<NodeRuntime>().Schedules);
        services.AddSingleton(provider => provider.GetRequiredService<NodeRuntime>().Search);
        services.AddSingleton(provider => provider.GetRequiredService<NodeRuntime>().Operations);
        services.AddSingleton<IAudit>(provider => provider.GetRequiredService<NodeRuntime>().Storage.Operators);
        services.AddSingleton(provider => provider.GetRequiredService<NodeRuntime>().Storage.SessionKeys
            ?? throw new NotSupportedException("A database file keeps no keys of sessions: the process keeps them beside it."));
        services.AddSingleton<IViews>(provider => provider.GetRequiredService<NodeRuntime>().Storage.Operators);
        services.AddSingleton(provider => provider.GetRequiredService<NodeRuntime>().Webhooks);
        services.AddSingleton(provider => provider.GetRequiredService<NodeRuntime>().Compute);
        services.AddSingleton(provider => provider.GetRequiredService<NodeRuntime>().Cluster);
        services.AddSingleton(provider => provider.GetRequiredService<NodeRuntime>().Actors);
        services.AddSingleton(provider => provider.GetRequiredService<NodeRuntime>().Timelines);
        services.AddSingleton(provider => provider.GetRequiredService<NodeRuntime>().Metrics);
        services.AddSingleton(provider => provider.GetRequiredService<NodeRuntime>().LoadTests);
        services.AddSingleton(options.Load);
        services.AddSingleton<IData>(provider => provider.GetRequiredService<NodeRuntime>().Data);
        services.AddSingleton<IMaintenance>(provider => provider.GetRequiredService<NodeRuntime>().Storage);
        services.AddSingleton(provider => provider.GetRequiredService<NodeRuntime>().SqliteTransactions
            ?? throw new NotSupportedException("ISqliteTransactions needs actorperf.storage.provider = sqlite."));
        services.AddSingleton(provider => provider.GetRequiredService<NodeRuntime>().PostgresTransactions
            ?? throw new NotSupportedException("IPostgresTransactions needs actorperf.storage.provider = postgresql."));
        return new ActorPerfBuilder(services);
    }

    /// <summary>Adds the configured queries, and has every task run in a scope of its data.</summary>
    private static TaskCatalog CompleteTasks(IServiceProvider provider, TaskCatalog found)
    {
        NodeRuntime? runtime = null;
        var all = found.All.Concat(provider.GetRequiredService<NamedQueries>().Tasks);
        return new TaskCatalog(all.Select(task => task with { Runner = new ScopedTaskRunner(task.Runner, () => (runtime ??= provider.GetRequiredService<NodeRuntime>()).Data) }));
    }
}

/// <summary>Adds to a node that is being set up.</summary>
public sealed class ActorPerfBuilder(IServiceCollection services)
{
    public IServiceCollection Services { get; } = services;

    /// <summary>Adds the tasks of an assembly, every class with a <see cref="ComputeTaskAttribute"/>, and its load tests, every class with a <see cref="LoadUserAttribute"/>.</summary>
    /// <exception cref="TaskSetupException">A class of load tests breaks a rule.</exception>
    public ActorPerfBuilder AddTasks(Assembly assembly)
    {
        Services.AddTasks(assembly);
        foreach (var scenario in LoadDiscovery.Find(assembly)) Services.AddSingleton(scenario);
        return this;
    }

    /// <summary>Adds kinds of entities, so that their indexes are there when the node has started.</summary>
    public ActorPerfBuilder AddKinds(params IEnumerable<EntityKind> kinds)
    {
        foreach (var kind in kinds) Services.AddSingleton(kind);
        return this;
    }
}

/// <summary>Starts and stops the node with its host.</summary>
internal sealed class NodeHost(IServiceProvider services, IConfiguration configuration, ActorPerfOptions options) : IHostedLifecycleService
{
    private NodeRuntime? _runtime;
    private IDisposable? _export;
    private volatile bool _failed;

    public NodeRuntime Runtime => _runtime ?? throw new InvalidOperationException("The node has not started yet: its front doors work once the host runs.");

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var lifetime = services.GetRequiredService<IHostApplicationLifetime>();
        var log = services.GetRequiredService<ILogger<NodeRuntime>>();
        _export = OtlpExport.Start(options.Tracing.Otlp, options.Node.Name);
        var runtime = await NodeRuntime.StartAsync(
            new NodeStart
            {
                Options = options,
                Configuration = configuration,
                Tasks = services.GetRequiredService<ITaskCatalog>(),
                Kinds = [.. services.GetServices<EntityKind>()],
                Scenarios = [.. services.GetServices<LoadScenario>()],
                Logs = services.GetRequiredService<ILoggerFactory>(),
                Time = services.GetRequiredService<TimeProvider>(),
                Traces = services.GetRequiredService<TraceCollector>(),
                Demo = services.GetRequiredService<DemoMeter>(),
                System = services.GetService<ActorSystem>(),
                Address = ToldAddress(configuration),
                Storage = services.GetService<INodeStorage>() ?? services.GetService<SharedStorage>()?.Join(Fatal),
                Stands = stands => _runtime = stands,
                Fatal = Fatal,
            },
            cancellationToken);
        _ = StopWhenLeftAsync(runtime, lifetime);

        void Fatal(Exception cause)
        {
            _failed = true;
            log.StoreFailed(cause);
            _runtime?.Fail("The store failed; this node stops. Look at its log, then start it again.");
            // A failed sync means that what was acknowledged may be gone: no further answer, and not the exit code of an orderly end.
            Environment.ExitCode = NodeRuntime.StoreFailedExitCode;
            lifetime.StopApplication();
        }
    }

    /// <summary>What the node tells others of where it is: as configured, else the first address that it listens on, as it is found from its own machine.</summary>
    internal static string ToldAddress(IConfiguration configuration)
    {
        if (configuration["actorperf:http:public-url"] is { Length: > 0 } told) return told.TrimEnd('/');
        var listens = (configuration["actorperf:http:url"] ?? "http://127.0.0.1:8080").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return listens.Length == 0 ? "" : $"{ListenAddresses.Reachable(listens[0]).TrimEnd('/')}{configuration["actorperf:http:path-base"]}";
    }

    private static async Task StopWhenLeftAsync(NodeRuntime runtime, IHostApplicationLifetime lifetime)
    {
        await runtime.Left;
        lifetime.StopApplication();
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Before the server stops: requests that wait for jobs are answered while the drain goes on, and new ones are refused.
    public Task StoppingAsync(CancellationToken cancellationToken) => _runtime?.DrainAsync(_failed ? TimeSpan.Zero : options.Jobs.DrainTimeout) ?? Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // After the server has stopped: until then its requests need somebody who answers them.
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        if (_runtime is not null) await _runtime.StopAsync(TimeSpan.Zero);
        _export?.Dispose();
    }
}
