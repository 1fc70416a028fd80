using ActorPerf.Configuration;
using ActorPerf.Jobs;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Setup;

/// <summary>Reads the settings under <c>actorperf.limits</c>.</summary>
internal static class LimitSettings
{
    private const int MaxKey = 200;

    public static void Read(IConfiguration configuration, ActorPerfOptions options, ICollection<ConfigurationFault> faults)
    {
        foreach (var (key, limit) in OptionsBinder.BindNamed<LimitOptions>(configuration, "actorperf:limits", faults))
        {
            if (key.Length > MaxKey) Add(key, $"The key has {key.Length} characters; a limit key has 1 to {MaxKey}.");
            if (limit is { Concurrency: 0, Rate.Limit: 0 }) Add(key, "It limits nothing. Set concurrency, or rate { limit = …, per = … }, or remove it.");
            options.Limits[key] = limit;
        }

        void Add(string key, string message) => faults.Add(ActorPerfSettings.Fault(configuration, $"limits.{key}", message));
    }
}
