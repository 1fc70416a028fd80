using Microsoft.Extensions.Configuration;

namespace ActorPerf.Configuration;

/// <summary>A table of settings as a layer of a configuration.</summary>
public sealed class SettingLayerSource(SettingTable table) : IConfigurationSource
{
    public IConfigurationProvider Build(IConfigurationBuilder builder) => new Provider(table);

    private sealed class Provider : ConfigurationProvider, ISettingOrigins
    {
        private readonly SettingTable _table;

        public Provider(SettingTable table)
        {
            _table = table;
            Data = new Dictionary<string, string?>(table.Values, StringComparer.OrdinalIgnoreCase);
        }

        public bool TryGetOrigin(string key, out SettingOrigin origin) => _table.Origins.TryGetValue(key, out origin);
    }
}
