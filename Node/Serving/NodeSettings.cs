using ActorPerf.Configuration;
using ActorPerf.Setup;
using ActorPerf.Tasks;
using ActorPerf.Web;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Node.Serving;

/// <summary>Everything a node is configured with, read and checked before anything starts.</summary>
/// <param name="Files">Full paths of the configuration's files, the first one in front; none where there is no file.</param>
internal sealed record NodeSettings(IConfigurationRoot Configuration, ActorPerfOptions Options, HttpOptions Http, IReadOnlyList<string> Files)
{
    private const string HttpPath = "actorperf:http";

    /// <summary>Reads the layers: defaults, file, environment, command line.</summary>
    /// <param name="arguments">What the command line says besides the command.</param>
    /// <exception cref="ConfigurationFaultException">Settings that do not fit, all of them.</exception>
    /// <exception cref="HoconException">The file cannot be read.</exception>
    /// <exception cref="UsageException">The command line itself is wrong.</exception>
    public static NodeSettings Read(IReadOnlyList<string> arguments)
    {
        var root = Layers(arguments);
        var faults = new List<ConfigurationFault>();
        var options = ActorPerfSettings.Read(root, faults);
        var http = OptionsBinder.Bind<HttpOptions>(root, HttpPath, faults);
        if (faults.Count == 0) Add(faults, http.Check());
        ConfigurationFaultException.ThrowIfAny(faults);
        TaskOptions.ReadAll(root);
        return new NodeSettings(root, options, http, FilesOf(root));
    }

    /// <summary>Reads the keys again, and nothing else: a fault elsewhere in the file keeps no key from being taken out.</summary>
    /// <exception cref="ConfigurationFaultException">Keys that cannot stand, all of them.</exception>
    /// <exception cref="HoconException">The file cannot be read.</exception>
    public static (AuthOptions Auth, IReadOnlyList<string> Files) ReadKeys(IReadOnlyList<string> arguments)
    {
        var root = Layers(arguments);
        var faults = new List<ConfigurationFault>();
        var auth = OptionsBinder.Bind<AuthOptions>(root, $"{HttpPath}:auth", faults);
        if (faults.Count == 0) Add(faults, new HttpOptions { Auth = auth }.Check().Where(static fault => fault.Setting.StartsWith("http.auth.keys.", StringComparison.Ordinal)));
        ConfigurationFaultException.ThrowIfAny(faults);
        return (auth, FilesOf(root));
    }

    private static IConfigurationRoot Layers(IReadOnlyList<string> arguments)
    {
        var rest = new List<string>(arguments);
        var file = Take(rest, "--config");
        if (Take(rest, "--nodes") is { } nodes) rest.AddRange(["--node:count", nodes]);
        var layers = ConfigurationLayers.Build(file, rest, ProcessEnvironment());
        return layers.Rest is not [var unknown, ..] ? layers.Root
            : throw new UsageException($"'{unknown}' is not known here. A node's settings are written as --section:key value, such as --http:url http://127.0.0.1:9000.");
    }

    private static IReadOnlyList<string> FilesOf(IConfigurationRoot root) => root.Providers.OfType<HoconConfigurationProvider>().Single().Files;

    private static void Add(List<ConfigurationFault> faults, IEnumerable<SettingFault> found)
    {
        foreach (var fault in found) faults.Add(new ConfigurationFault($"actorperf.{fault.Setting}", $"actorperf.{fault.Setting}: {fault.Message}", null));
    }

    /// <summary>The settings of every node that the process hosts; one where nothing says otherwise.</summary>
    /// <exception cref="ConfigurationFaultException">As of <see cref="Read"/>.</exception>
    public static IReadOnlyList<NodeSettings> ReadAll(IReadOnlyList<string> arguments)
    {
        var first = Read(arguments);
        var count = first.Options.Node.Count;
        return count == 1 ? [first] : [.. Enumerable.Range(0, count).Select(place => first.Of(place))];
    }

    /// <summary>The same with a name and a port of its own.</summary>
    private NodeSettings Of(int place)
    {
        var root = new ConfigurationBuilder().AddConfiguration(Configuration).AddInMemoryCollection(
        [
            new("actorperf:node:name", NodePlaces.Name(Options.Node.Name, place)),
            new("actorperf:http:url", NodePlaces.Url(Http.Url, place)),
        ]).Build();
        var faults = new List<ConfigurationFault>();
        var settings = new NodeSettings(root, ActorPerfSettings.Read(root, faults), OptionsBinder.Bind<HttpOptions>(root, HttpPath, faults), Files);
        ConfigurationFaultException.ThrowIfAny(faults);
        return settings;
    }

    private static string? Take(List<string> arguments, string name)
    {
        for (var at = 0; at < arguments.Count; at++)
        {
            if (arguments[at].StartsWith(name + "=", StringComparison.Ordinal))
            {
                var value = arguments[at][(name.Length + 1)..];
                arguments.RemoveAt(at);
                return value;
            }
            if (arguments[at] != name) continue;
            if (at + 1 == arguments.Count) throw new UsageException($"{name} needs a value.");
            var next = arguments[at + 1];
            arguments.RemoveRange(at, 2);
            return next;
        }
        return null;
    }

    private static Dictionary<string, string> ProcessEnvironment()
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
            environment[(string)variable.Key] = (string?)variable.Value ?? "";
        return environment;
    }
}

/// <summary>The command line cannot be understood.</summary>
internal sealed class UsageException(string message) : Exception(message);
