using Microsoft.Extensions.Configuration;

namespace ActorPerf.Configuration;

/// <summary>A HOCON file as a layer of a configuration.</summary>
public sealed class HoconConfigurationSource(string path, bool optional, Func<string, string?>? environment = null) : IConfigurationSource
{
    /// <summary>Absolute, or relative to the current directory; messages repeat it as given.</summary>
    public string Path { get; } = path;

    /// <summary>Whether the file may be missing. A file that a user named may not.</summary>
    public bool Optional { get; } = optional;

    /// <summary>What substitutions fall back to; <c>null</c> for the environment of the process.</summary>
    public Func<string, string?>? Environment { get; } = environment;

    public IConfigurationProvider Build(IConfigurationBuilder builder) => new HoconConfigurationProvider(this);
}

/// <summary>Reads the file when the configuration is built or reloaded.</summary>
public sealed class HoconConfigurationProvider(HoconConfigurationSource source) : SettingProvider
{
    /// <summary>Full paths of what the settings were read from: the file, and what it includes, also where that may be missing and is.</summary>
    public IReadOnlyList<string> Files { get; private set; } = [];

    /// <summary>Reads the file. Where that fails the settings stay as they were.</summary>
    /// <exception cref="HoconException">The file is faulty, or missing and not optional.</exception>
    public override void Load()
    {
        var files = new List<string>();
        Use(source.Optional && !Exists(source.Path)
            ? new SettingTable()
            : HoconFlattener.Flatten(HoconReader.ReadFile(source.Path, source.Environment, files)));
        Files = files;
    }

    /// <summary>Reads the file again and tells listeners, or keeps the settings and reports the fault.</summary>
    public bool TryReload(out HoconException? fault)
    {
        try
        {
            Load();
        }
        catch (HoconException broken)
        {
            fault = broken;
            return false;
        }
        fault = null;
        OnReload();
        return true;
    }

    public override string ToString() => source.Path;

    private static bool Exists(string path) => File.Exists(path) || Directory.Exists(path);
}

/// <summary>Adds HOCON to a configuration.</summary>
public static class HoconConfigurationExtensions
{
    /// <summary>Adds a HOCON file above the layers added before. It is read when the configuration is built.</summary>
    /// <param name="path">Absolute, or relative to the current directory.</param>
    /// <param name="optional">Whether the file may be missing; a faulty file is refused all the same.</param>
    public static IConfigurationBuilder AddHoconFile(this IConfigurationBuilder builder, string path, bool optional) =>
        builder.Add(new HoconConfigurationSource(path, optional));
}
