using ActorPerf.Configuration;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Tests.Configuration;

/// <summary>Short forms for texts that are read or refused.</summary>
internal static class Hocon
{
    public static readonly Func<string, string?> NoEnvironment = _ => null;

    /// <summary>Flat keys and values of a text.</summary>
    public static IReadOnlyDictionary<string, string?> Flat(string text, Func<string, string?>? environment = null) =>
        HoconFlattener.Flatten(HoconReader.ReadText(text, "a.hocon", environment ?? NoEnvironment)).Values;

    /// <summary>All settings as one line, in the order of their keys: <c>a=1 b:0=x</c>.</summary>
    public static string Line(string text, Func<string, string?>? environment = null) =>
        string.Join(' ', Flat(text, environment).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value ?? "null"}"));

    /// <summary>A configuration of one text, which knows its places.</summary>
    public static IConfigurationRoot Configuration(string text) =>
        new ConfigurationBuilder().Add(new SettingLayerSource(HoconFlattener.Flatten(HoconReader.ReadText(text, "a.hocon", NoEnvironment)))).Build();

    public static HoconException Refused(string text) => Assert.Throws<HoconException>(() => Flat(text));
}

/// <summary>A folder of its own for one test, removed with it.</summary>
internal sealed class TestFolder : IDisposable
{
    public TestFolder() => Root = Directory.CreateTempSubdirectory("actorperf-configuration-").FullName;

    public string Root { get; }

    public string Write(string name, string text) => Write(name, System.Text.Encoding.UTF8.GetBytes(text));

    public string Write(string name, byte[] bytes)
    {
        var path = At(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public string At(string name) => Path.Combine(Root, name);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
