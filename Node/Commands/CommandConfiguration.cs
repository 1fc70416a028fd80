using ActorPerf.Configuration;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Node.Commands;

/// <summary>A node's configuration as a command reads it that runs beside the node: the usual file of its folder, or the named one, the environment, the command line.</summary>
internal static class CommandConfiguration
{
    /// <param name="fault">How the command line is wrong; null where it is not.</param>
    /// <returns>Null where there is a fault.</returns>
    /// <exception cref="HoconException">The file cannot be read.</exception>
    /// <exception cref="ConfigurationFaultException">A variable or an argument is malformed.</exception>
    public static IConfigurationRoot? Read(Invocation invocation, out string? fault)
    {
        var (file, arguments) = TakeFile(invocation.Configuration);
        if (file is null && invocation.Shell.Environment.GetValueOrDefault(ConfigurationLayers.FileVariable) is { Length: > 0 } variable) file = variable;
        fault = file is "" ? "--config needs the name of a file." : null;
        if (fault is not null) return null;
        var folder = Path.GetFullPath(invocation.Shell.Folder);
        var usual = Path.Combine(folder, ConfigurationLayers.DefaultFile);
        var named = file is not null ? Path.GetFullPath(file, folder) : File.Exists(usual) ? usual : null;
        return ConfigurationLayers.Build(named, arguments, invocation.Shell.Environment).Root;
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
