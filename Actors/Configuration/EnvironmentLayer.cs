namespace ActorPerf.Configuration;

/// <summary>Settings from environment variables: <c>ACTORPERF__HTTP__CORS_ORIGINS__0</c> is <c>actorperf:http:cors-origins:0</c>.</summary>
public static class EnvironmentLayer
{
    /// <summary>What a variable's name begins with; <c>ACTORPERF_URL</c> and others with one underscore are no settings.</summary>
    public const string Prefix = "ACTORPERF__";

    private const string LevelSeparator = "__";

    /// <summary>Picks the settings out of an environment.</summary>
    /// <param name="environment">Names and values, in any order. The prefix is compared exactly, in capitals.</param>
    /// <param name="faults">Takes names that are no setting's.</param>
    public static SettingTable Read(IEnumerable<KeyValuePair<string, string>> environment, ICollection<ConfigurationFault> faults)
    {
        var table = new SettingTable();
        foreach (var (name, value) in environment.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (!name.StartsWith(Prefix, StringComparison.Ordinal)) continue;
            var origin = Origin.Of($"environment variable {name}");
            var levels = name[Prefix.Length..].Split(LevelSeparator);
            var key = $"actorperf:{string.Join(':', levels.Select(level => level.ToLowerInvariant().Replace('_', '-')))}";
            if (Array.Exists(levels, level => level.Length == 0 || level.Contains(':', StringComparison.Ordinal)))
                faults.Add(new ConfigurationFault(name, $"'{name}' has an empty level; write two underscores between levels and one for a hyphen, as in ACTORPERF__CACHE__MAX_ENTRIES.", origin));
            else if (table.Origins.TryGetValue(key, out var other))
                faults.Add(new ConfigurationFault(SettingName.Dotted(key), $"{other.Value} sets {SettingName.Dotted(key)} too; unset one of them.", origin));
            else table.Set(key, value, new SettingOrigin(origin, origin, SettingKind.Text));
        }
        return table;
    }

    /// <summary>The settings in the environment of this process.</summary>
    public static SettingTable ReadProcess(ICollection<ConfigurationFault> faults)
    {
        var variables = System.Environment.GetEnvironmentVariables();
        return Read(variables.Keys.OfType<string>().Select(name => KeyValuePair.Create(name, variables[name] as string ?? "")), faults);
    }
}
