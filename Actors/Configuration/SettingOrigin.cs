using Microsoft.Extensions.Configuration;

namespace ActorPerf.Configuration;

/// <summary>What stands at a configuration key.</summary>
public enum SettingKind
{
    Text,
    Null,
    List,
    Object,
}

/// <summary>Where the key and the value of a setting were written, and what the value is.</summary>
public readonly record struct SettingOrigin(Origin Key, Origin Value, SettingKind Kind);

/// <summary>A configuration provider that knows where its settings were written.</summary>
public interface ISettingOrigins
{
    /// <param name="key">Such as <c>actorperf:http:url</c>, in any case; objects and lists have an origin too.</param>
    bool TryGetOrigin(string key, out SettingOrigin origin);
}

/// <summary>Finds the origin of a setting among the layers of a configuration.</summary>
public static class SettingOrigins
{
    /// <summary>The origin in the highest layer that knows the key.</summary>
    /// <param name="configuration">A configuration root; anything else has no origins.</param>
    public static bool TryGetOrigin(this IConfiguration configuration, string key, out SettingOrigin origin)
    {
        foreach (var layer in configuration.Layers())
            if (layer is ISettingOrigins origins && origins.TryGetOrigin(key, out origin))
                return true;
        origin = default;
        return false;
    }

    /// <summary>The providers of a configuration, the highest precedence first.</summary>
    internal static IEnumerable<IConfigurationProvider> Layers(this IConfiguration configuration) =>
        configuration is not IConfigurationRoot root ? [] : root.Providers.Reverse().SelectMany(provider =>
            provider is ChainedConfigurationProvider chained ? chained.Configuration.Layers() : [provider]);
}
