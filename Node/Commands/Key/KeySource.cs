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
            var (file, arguments) = TakeFile(invocation.Configuration);
            if (file is "") return invocation.Usage("--config needs the name of a file.");
            var folder = Path.GetFullPath(invocation.Shell.Folder);
            var usual = Path.Combine(folder, ConfigurationLayers.DefaultFile);
            var named = file is not null ? Path.GetFullPath(file, folder) : System.IO.File.Exists(usual) ? usual : null;
            var configuration = ConfigurationLayers.Build(named, arguments, invocation.Shell.Environment).Root;
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

    /// <summary>The value of <c>--config</c>, and the other arguments.</summary>
    private static (string? File, IReadOnlyList<string> Others) TakeFile(IReadOnlyList<string> arguments)
    {
        string? file = null;
        var others = new List<string>();
        for (var at = 0; at < arguments.Count; at++)
        {
            if (arguments[at].StartsWith("--config=", StringComparison.Ordinal)) file = arguments[at]["--config=".Length..];
            else if (arguments[at] == "--config") file = at + 1 < arguments.Count ? arguments[++at] : "";
            else others.Add(arguments[at]);
        }
        return (file, others);
    }
}
