using System.Data.Common;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Configuration;

/// <summary>Settings marked with <see cref="SecretAttribute"/>.</summary>
public static class SecretSettings
{
    private const int MaxDepth = 16;               // an options class that holds itself would never end

    /// <summary>Whether a key holds a secret, so that nothing may print its value.</summary>
    /// <param name="options">The options class of <paramref name="path"/>.</param>
    /// <param name="path">Such as <c>actorperf</c>.</param>
    /// <param name="key">Such as <c>actorperf:storage:connection-string</c>.</param>
    public static bool IsSecret(Type options, string path, string key)
    {
        var levels = key.Split(':');
        return Patterns(options, path, depth: 0).Any(pattern => SettingPattern.Matches(pattern.Split(':'), levels));
    }

    /// <summary>The secrets that are written in a file which every user may read; connection strings only with a password in them. Always empty on Windows.</summary>
    /// <returns>A warning per setting, with its place and what to do.</returns>
    public static IReadOnlyList<ConfigurationFault> ReadableByOthers(IConfiguration configuration, Type options, string path)
    {
        var warnings = new List<ConfigurationFault>();
        foreach (var (key, value) in configuration.GetSection(path).AsEnumerable())
        {
            if (string.IsNullOrEmpty(value) || !IsSecret(options, path, key) || IsPlainConnection(key, value)) continue;
            if (!configuration.TryGetOrigin(key, out var origin) || !OthersMayRead(origin.Value)) continue;
            var setting = SettingName.Dotted(key);
            warnings.Add(new ConfigurationFault(
                setting, $"{setting} is a secret in a file that every user may read; run chmod o-r {origin.Value.Source}, or set it in the environment.", origin.Value));
        }
        return warnings;
    }

    /// <summary>Where a database is, and nothing that opens it.</summary>
    private static bool IsPlainConnection(string key, string value)
    {
        if (!key.EndsWith(":connection-string", StringComparison.Ordinal)) return false;
        try
        {
            var parts = new DbConnectionStringBuilder { ConnectionString = value };
            return !parts.ContainsKey("password") && !parts.ContainsKey("pwd");
        }
        catch (ArgumentException)
        {
            return false;      // none that anybody can read: it may hold anything
        }
    }

    private static bool OthersMayRead(Origin origin) =>
        origin.Line > 0 && !OperatingSystem.IsWindows() && File.Exists(origin.Source) && File.GetUnixFileMode(origin.Source).HasFlag(UnixFileMode.OtherRead);

    private static IEnumerable<string> Patterns(Type options, string path, int depth) =>
        depth > MaxDepth ? [] : SettingProperty.Of(options).SelectMany(property => Patterns(property, property.Shape, $"{path}:{property.Name}", depth));

    private static IEnumerable<string> Patterns(SettingProperty property, SettingShape shape, string path, int depth) => shape switch
    {
        SettingShape.Group group => Patterns(group.Type, path, depth + 1),
        SettingShape.Named named => Patterns(property, named.Element, $"{path}:*", depth + 1),
        SettingShape.Sequence sequence => Patterns(property, sequence.Element, $"{path}:*", depth + 1).Concat(property.IsSecret ? [path] : []),
        _ => property.IsSecret ? [path] : [],
    };
}
