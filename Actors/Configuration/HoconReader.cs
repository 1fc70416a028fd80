namespace ActorPerf.Configuration;

/// <summary>
/// Reads HOCON: a superset of JSON with comments, paths as keys, merging, <c>+=</c>, concatenation, substitutions and includes
/// (docs/configuration.md). Work, memory and stack are bounded by <see cref="HoconLimits"/> whatever the input.
/// </summary>
public static class HoconReader
{
    /// <summary>Reads a file with what it includes, and resolves its substitutions.</summary>
    /// <param name="path">Absolute or relative to the current directory; messages repeat it as given.</param>
    /// <param name="environment">What a substitution falls back to; by default the environment of the process.</param>
    /// <exception cref="HoconException">The file is missing, unreadable or faulty.</exception>
    public static HoconValue.Object ReadFile(string path, Func<string, string?>? environment = null) =>
        ReadFile(path, environment, []);

    /// <param name="named">Takes the full path of each file that was read, the first one in front, and of includes that are missing.</param>
    internal static HoconValue.Object ReadFile(string path, Func<string, string?>? environment, ICollection<string> named) =>
        Resolve(HoconFiles.Read(path, named), environment);

    /// <summary>Reads a text; it cannot include files.</summary>
    /// <param name="text">At most <see cref="HoconLimits.MaxFileBytes"/> characters.</param>
    /// <param name="source">What messages call the text.</param>
    /// <param name="environment">What a substitution falls back to; by default the environment of the process.</param>
    /// <exception cref="HoconException">The text is faulty.</exception>
    public static HoconValue.Object ReadText(string text, string source = "text", Func<string, string?>? environment = null)
    {
        var start = new Origin(source, 1, 1);
        if (text.Length > HoconLimits.MaxFileBytes)
            throw new HoconException(start, $"the text is longer than {HoconLimits.MaxFileBytes} characters; shorten it.");
        if (text.Contains('\0', StringComparison.Ordinal))
            throw new HoconException(start, "the text holds a zero character; remove it.");
        var root = new HoconNode.Object(start);
        new HoconParser(text, source, files: null).ReadInto(root, [], depth: 0);
        return Resolve(root, environment);
    }

    private static HoconValue.Object Resolve(HoconNode.Object root, Func<string, string?>? environment) =>
        new HoconResolver(root, environment ?? Environment.GetEnvironmentVariable).Resolve();
}
