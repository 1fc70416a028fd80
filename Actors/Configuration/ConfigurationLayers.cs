using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Configuration;

/// <summary>A node's configuration: the file, above it the environment, above that the command line.</summary>
/// <remarks>The defaults of the options classes are the layer below: they are the built-in reference.</remarks>
public static class ConfigurationLayers
{
    /// <summary>The file that is read where none is named; it may be missing then.</summary>
    public const string DefaultFile = "akka.hocon";

    /// <summary>The variable that names the file where the command line does not.</summary>
    public const string FileVariable = "ACTORPERF_CONFIG";

    /// <summary>What the layers amount to, and the arguments that were no settings.</summary>
    public sealed record Layers(IConfigurationRoot Root, ImmutableArray<string> Rest);

    /// <summary>Builds the configuration.</summary>
    /// <param name="namedFile">The value of <c>--config</c>; <c>null</c> where it was not given: then <see cref="FileVariable"/>. A named file must exist.</param>
    /// <param name="arguments">The command line; <c>--config</c> itself is left to the caller.</param>
    /// <param name="environment">Names and values; substitutions in the file see the same ones.</param>
    /// <exception cref="HoconException">The file is faulty, or was named and is missing.</exception>
    /// <exception cref="ConfigurationFaultException">A variable or an argument is malformed.</exception>
    public static Layers Build(string? namedFile, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        var faults = new List<ConfigurationFault>();
        var variables = EnvironmentLayer.Read(environment, faults);
        var commandLine = CommandLineLayer.Read(arguments, faults);
        ConfigurationFaultException.ThrowIfAny(faults);
        if (namedFile is null && environment.GetValueOrDefault(FileVariable) is { Length: > 0 } file) namedFile = file;
        var builder = new ConfigurationBuilder();
        builder.Add(new HoconConfigurationSource(namedFile ?? DefaultFile, optional: namedFile is null, environment.GetValueOrDefault));
        builder.Add(new SettingLayerSource(variables));
        builder.Add(new SettingLayerSource(commandLine.Settings));
        return new Layers(builder.Build(), commandLine.Rest);
    }
}
