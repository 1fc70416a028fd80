namespace ActorPerf.Configuration;

/// <summary>Settings of one layer under their flat keys (<c>a:b:c</c>, list elements by index), each with its origin.</summary>
/// <remarks>
/// An empty list is an empty text and an empty object has no value, so that both are still seen; keys are compared
/// without regard to case, as everywhere in the configuration of .NET.
/// </remarks>
public sealed class SettingTable
{
    private readonly Dictionary<string, string?> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, SettingOrigin> _origins = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What has a value, and what is empty.</summary>
    public IReadOnlyDictionary<string, string?> Values => _values;

    /// <summary>Every key of <see cref="Values"/> and of every object and list above them.</summary>
    public IReadOnlyDictionary<string, SettingOrigin> Origins => _origins;

    internal void Set(string key, string? value, SettingOrigin origin)
    {
        _values[key] = value;
        _origins[key] = origin;
    }

    internal void Note(string key, SettingOrigin origin) => _origins[key] = origin;
}
