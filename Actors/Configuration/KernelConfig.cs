using Microsoft.Extensions.Configuration;

namespace ActorPerf.Configuration;

/// <summary>The settings of the actor kernel, and which settings of Akka.NET have an effect here.</summary>
public static class KernelConfig
{
    /// <summary>Roots that belong to Akka.NET and Petabridge.Cmd: any setting under them is accepted.</summary>
    public static IReadOnlyCollection<string> Roots { get; } = ["akka", "petabridge"];

    /// <summary>
    /// What this build reads under <see cref="Roots"/>, as patterns of flat keys: <c>*</c> stands for one level, <c>/*</c> for
    /// one that begins with a slash, a last <c>**</c> for any number of levels.
    /// </summary>
    public static IReadOnlyCollection<string> Effective { get; } =
    [
        "akka:loglevel",
        "akka:actor:default-dispatcher:throughput",
        "akka:actor:deployment:/*:router",
        "akka:actor:deployment:/*:nr-of-instances",
        "akka:actor:deployment:/*:virtual-nodes-factor",
        "akka:actor:deployment:/*:dispatcher",
        "akka:coordinated-shutdown:**",
    ];

    /// <summary>All values under <c>akka</c> as dotted paths, such as <c>akka.actor.deployment./compute/default.router</c>.</summary>
    /// <remarks>
    /// Levels are joined with dots as they are, list elements by index; a name that holds a dot stays whole, so look settings up by
    /// their full path and do not split it. Empty lists are empty texts; empty objects are absent. Names ignore case.
    /// </remarks>
    public static IReadOnlyDictionary<string, string> Flatten(IConfiguration configuration)
    {
        var settings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in configuration.GetSection("akka").AsEnumerable())
            if (value is not null) settings[key.Replace(':', '.')] = value;
        return settings;
    }

    /// <summary>The settings that are accepted and do nothing, so that a start-up can name them once.</summary>
    /// <param name="effective">Patterns such as <see cref="Effective"/>, levels separated by colons.</param>
    /// <returns>In the spelling of files, sorted; a list is one entry.</returns>
    public static IReadOnlyList<string> InertKeys(IConfiguration configuration, IReadOnlyCollection<string> effective)
    {
        var patterns = effective.Select(pattern => pattern.Split(':')).ToList();
        return [.. Roots.SelectMany(root => configuration.GetSection(root).AsEnumerable())
            .Where(pair => pair.Value is not null)
            .Select(pair => WithoutIndexes(pair.Key.Split(':')))
            .Where(levels => !patterns.Exists(pattern => SettingPattern.Matches(pattern, levels)))
            .Select(levels => SettingName.Dotted(string.Join(':', levels)))
            .Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal)];
    }

    /// <summary>The pools' settings by actor path, such as <c>/compute/default</c>. Unknown names and unfit values become faults.</summary>
    /// <remarks>Entries that are no path (they do not begin with a slash) are not read.</remarks>
    public static IReadOnlyDictionary<string, DeploymentOptions> Deployments(IConfiguration configuration, ICollection<ConfigurationFault> faults) =>
        OptionsBinder.BindNamed<DeploymentOptions>(configuration, "akka:actor:deployment", faults, path => path.StartsWith('/'));

    private static string[] WithoutIndexes(string[] levels)
    {
        var length = levels.Length;
        while (length > 1 && levels[length - 1].All(char.IsAsciiDigit)) length--;
        return levels[..length];
    }
}
