using Microsoft.Extensions.Configuration;

namespace ActorPerf.Node.Commands;

/// <summary>The keys that a node's configuration names, in itself and in its keys file.</summary>
internal static class ConfiguredKeys
{
    private const string Auth = "actorperf:http:auth";

    /// <param name="whereOf">Says where a setting was written, such as <c>akka.hocon:12</c>.</param>
    /// <param name="folder">What a relative path of the keys file starts from.</param>
    public static IReadOnlyList<KeyEntry> Read(IConfiguration configuration, Func<string, string> whereOf, string folder) =>
    [
        .. configuration.GetSection(Auth + ":keys").GetChildren().Select(key => new KeyEntry(
            key.Key, key["hash"] ?? "", Words(key.GetSection("scopes")), Words(key.GetSection("namespaces")), whereOf(key.Path))),
        .. KeysFile(configuration, folder) is { } file ? KeysFileText.Read(file) : [],
    ];

    /// <summary>Full path of the file that <c>http.auth.keys-file</c> names; null where it names none.</summary>
    public static string? KeysFile(IConfiguration configuration, string folder) =>
        configuration[Auth + ":keys-file"] is { Length: > 0 } file ? Path.GetFullPath(file, Path.GetFullPath(folder)) : null;

    private static string[] Words(IConfigurationSection section) => [.. section.GetChildren().Select(item => item.Value ?? "")];
}
