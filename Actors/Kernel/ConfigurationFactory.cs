using ActorPerf.Configuration;

namespace ActorPerf.Kernel;

/// <summary>Makes settings of HOCON.</summary>
public class ConfigurationFactory
{
    private ConfigurationFactory() { }

    public static Config Empty => Config.Empty;

    /// <summary>Reads a text. It cannot include files; substitutions fall back to the environment.</summary>
    /// <exception cref="HoconException">The text is faulty; the message names line and column.</exception>
    public static Config ParseString(string hocon)
    {
        ArgumentNullException.ThrowIfNull(hocon);
        return Config.FromPairs(HoconFlattener.Flatten(HoconReader.ReadText(hocon)).Values
            .Select(pair => new KeyValuePair<string, string?>(pair.Key.Replace(':', '.'), pair.Value)));
    }
}
