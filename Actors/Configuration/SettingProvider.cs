using Microsoft.Extensions.Configuration;

namespace ActorPerf.Configuration;

/// <summary>A layer of settings that know where they were written.</summary>
public abstract class SettingProvider : ConfigurationProvider, ISettingOrigins
{
    private SettingTable _table = new();
    private bool _extended;

    public bool TryGetOrigin(string key, out SettingOrigin origin) => _table.Origins.TryGetValue(key, out origin);

    /// <summary>Changes a setting from outside; it has no origin.</summary>
    public override void Set(string key, string? value)
    {
        base.Set(key, value);
        _extended = true;
    }

    // The inherited way looks at every key of the layer for every object in it, which is slow for large files.
    public override IEnumerable<string> GetChildKeys(IEnumerable<string> earlierKeys, string? parentPath) => _extended
        ? base.GetChildKeys(earlierKeys, parentPath)
        : [.. _table.Names(parentPath ?? "").Concat(earlierKeys).Order(ConfigurationKeyComparer.Instance)];

    /// <summary>Replaces all settings.</summary>
    protected void Use(SettingTable table)
    {
        Data = new Dictionary<string, string?>(table.Values, StringComparer.OrdinalIgnoreCase);
        _table = table;
        _extended = false;
    }
}
