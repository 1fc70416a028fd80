using ActorPerf.Caching;
using ActorPerf.Cluster;
using ActorPerf.Compute;
using ActorPerf.Configuration;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Load;
using ActorPerf.Tasks;
using ActorPerf.Tracing;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Setup;

/// <summary>Reads everything under <c>actorperf</c> that the library knows, with all faults at once.</summary>
public static class ActorPerfSettings
{
    private const string Root = "actorperf";

    /// <summary>Sections that stand directly under <c>actorperf</c>.</summary>
    public static IReadOnlyList<string> Sections { get; } = ["node", "http", "storage", "cluster", "cache", "compute", "jobs", "data", "queues", "limits", "tasks", "schedules", "fetch", "webhooks", "tracing", "load", "task-folder"];

    /// <summary>Reads the options, and refuses what is unknown or does not fit.</summary>
    /// <param name="configuration">The root of a configuration.</param>
    /// <param name="faults">Takes what is wrong; the options are not fit for use if anything was added.</param>
    public static ActorPerfOptions Read(IConfiguration configuration, ICollection<ConfigurationFault> faults)
    {
        RefuseUnknownSections(configuration, faults);
        var options = new ActorPerfOptions
        {
            Node = Bind<NodeOptions>(configuration, "node", faults),
            Storage = Bind<StorageOptions>(configuration, "storage", faults),
            Cluster = Bind<ClusterOptions>(configuration, "cluster", faults),
            Cache = Bind<CacheOptions>(configuration, "cache", faults),
            Compute = Bind<ComputeOptions>(configuration, "compute", faults),
            Jobs = Bind<JobOptions>(configuration, "jobs", faults),
            Data = Bind<DataOptions>(configuration, "data", faults),
            Fetch = Bind<FetchOptions>(configuration, "fetch", faults),
            Webhooks = Bind<WebhookOptions>(configuration, "webhooks", faults),
            Tracing = Bind<TracingOptions>(configuration, "tracing", faults),
            Load = Bind<LoadOptions>(configuration, "load", faults),
            TaskFolder = Bind<TaskFolderOptions>(configuration, "task-folder", faults),
        };
        foreach (var (name, queue) in OptionsBinder.BindNamed<QueueOptions>(configuration, $"{Root}:queues", faults)) options.Queues[name] = queue;
        foreach (var name in options.Queues.Keys.Where(name => !TaskNames.IsValid(name)))
            faults.Add(Fault(configuration, $"queues.{name}", $"'{name}' is no queue name: use {TaskNames.Rule}."));
        LimitSettings.Read(configuration, options, faults);
        foreach (var schedule in ScheduleSettings.Read(configuration, faults)) options.Schedules.Add(schedule);
        foreach (var fault in WebhookAddresses.Faults(options.Webhooks)) faults.Add(fault);
        DataSettings.Check(configuration, options.Data, faults);
        OtlpExport.Check(configuration, options.Tracing.Otlp, faults);
        LoadSettings.Check(configuration, options.Load, faults);
        KernelConfig.Deployments(configuration, faults);
        return options;
    }

    /// <inheritdoc cref="SecretSettings.ReadableByOthers"/>
    public static IReadOnlyList<ConfigurationFault> SecretsForEverybody(IConfiguration configuration) =>
        SecretSettings.ReadableByOthers(configuration, typeof(ActorPerfOptions), Root);

    private static T Bind<T>(IConfiguration configuration, string section, ICollection<ConfigurationFault> faults)
        where T : class, new() => OptionsBinder.Bind<T>(configuration, $"{Root}:{section}", faults);

    private static void RefuseUnknownSections(IConfiguration configuration, ICollection<ConfigurationFault> faults)
    {
        foreach (var child in configuration.GetSection(Root).GetChildren())
        {
            if (Sections.Contains(child.Key, StringComparer.OrdinalIgnoreCase)) continue;
            var hint = TaskNames.Nearest(child.Key, Sections) is { } nearest ? $" Did you mean '{nearest}'?" : "";
            faults.Add(Fault(configuration, child.Key, $"'{child.Key}' is unknown.{hint} Known: {string.Join(", ", Sections)}."));
        }
    }

    internal static ConfigurationFault Fault(IConfiguration configuration, string setting, string message)
    {
        Origin? origin = configuration is IConfigurationRoot root && root.TryGetOrigin($"{Root}:{setting.Replace('.', ':')}", out var found) ? found.Key : null;
        return new ConfigurationFault($"{Root}.{setting}", $"{Root}.{setting}: {message}", origin);
    }
}
