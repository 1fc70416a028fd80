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
    private readonly Dictionary<string, List<string>> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _linked = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What has a value, and what is empty.</summary>
    public IReadOnlyDictionary<string, string?> Values => _values;

    /// <summary>Every key of <see cref="Values"/> and of every object and list above them.</summary>
    public IReadOnlyDictionary<string, SettingOrigin> Origins => _origins;

    /// <summary>The names directly below a key, in written order; an empty key is the root.</summary>
    internal IReadOnlyList<string> Names(string key) => _names.TryGetValue(key, out var names) ? names : [];

    internal void Set(string key, string? value, SettingOrigin origin)
    {
        _values[key] = value;
        Note(key, origin);
    }

    internal void Note(string key, SettingOrigin origin)
    {
        _origins[key] = origin;
        for (var end = key.Length; end > 0 && _linked.Add(key[..end]);)
        {
            var level = key[..end];
            end = Math.Max(level.LastIndexOf(':'), 0);
            var parent = level[..end];
            if (!_names.TryGetValue(parent, out var names)) _names.Add(parent, names = []);
            names.Add(level[(end == 0 ? 0 : end + 1)..]);
        }
    }
}
