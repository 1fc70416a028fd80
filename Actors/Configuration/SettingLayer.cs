using Microsoft.Extensions.Configuration;

namespace ActorPerf.Configuration;

/// <summary>A table of settings as a layer of a configuration.</summary>
public sealed class SettingLayerSource(SettingTable table) : IConfigurationSource
{
    public IConfigurationProvider Build(IConfigurationBuilder builder) => new Provider(table);

    private sealed class Provider : SettingProvider
    {
        public Provider(SettingTable table) => Use(table);
    }
}
