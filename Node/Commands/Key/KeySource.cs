using ActorPerf.Configuration;

namespace ActorPerf.Node.Commands;

/// <summary>Where keys are kept, and which.</summary>
/// <param name="File">Full path of the keys file; null where there is none.</param>
internal sealed record KeySource(string? File, IReadOnlyList<KeyEntry> Keys)
{
    /// <summary>Opens the named keys file, or the configuration, for <paramref name="action"/>; says what is wrong where it cannot.</summary>
    public static int Use(Invocation invocation, string? keysFile, Func<KeySource, int> action)
    {
        try
        {
            return keysFile is null ? UseConfiguration(invocation, action) : UseFile(Path.GetFullPath(keysFile, Path.GetFullPath(invocation.Shell.Folder)), action);
        }
        catch (Exception unreadable) when (unreadable is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return invocation.Usage(unreadable.Message);
        }
    }

    private static int UseFile(string file, Func<KeySource, int> action) => action(new KeySource(file, KeysFileText.Read(file)));

    private static int UseConfiguration(Invocation invocation, Func<KeySource, int> action)
    {
        try
        {
            if (CommandConfiguration.Read(invocation, out var fault) is not { } configuration) return invocation.Usage(fault ?? "");
            var folder = Path.GetFullPath(invocation.Shell.Folder);
            return action(new KeySource(
                ConfiguredKeys.KeysFile(configuration, folder),
                ConfiguredKeys.Read(configuration, path => configuration.TryGetOrigin(path, out var origin) ? origin.Key.ToString() : "", folder)));
        }
        catch (Exception fault) when (fault is HoconException or ConfigurationFaultException)
        {
            foreach (var line in fault.Message.Split('\n')) invocation.Say(line.TrimEnd());
            return ExitCodes.Configuration;
        }
    }
}
