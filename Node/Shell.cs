namespace ActorPerf.Node;

/// <summary>What surrounds a command: streams, environment, terminal. Tests bring their own.</summary>
/// <param name="Out">Data alone.</param>
/// <param name="Error">Messages for people, progress, questions.</param>
public sealed record Shell(TextWriter Out, TextWriter Error)
{
    /// <summary>Opens standard input; called only by commands that were told to read it.</summary>
    public Func<Stream> OpenIn { get; init; } = () => Stream.Null;

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public bool InIsTerminal { get; init; }

    /// <summary>Keys as they are pressed, until the token is cancelled; null where standard input is no terminal.</summary>
    public Func<CancellationToken, IAsyncEnumerable<char>>? Keys { get; init; }

    public bool OutIsTerminal { get; init; }

    public bool ErrorIsTerminal { get; init; }

    /// <summary>Columns of the terminal, at least 1; meaningless without one.</summary>
    public int Width { get; init; } = 80;

    /// <summary>How hints name this program.</summary>
    public string StartedAs { get; init; } = "actorperf";

    public string Folder { get; init; } = ".";

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Whether control sequences may be written where the stream is a terminal.</summary>
    public bool Ansi { get; init; }

    /// <summary>This process's own.</summary>
    public static Shell OfThisProcess()
    {
        var shell = new Shell(
            StandardOutput.Open(1, Console.OpenStandardOutput, flushAlways: !Console.IsOutputRedirected),
            StandardOutput.Open(2, Console.OpenStandardError, flushAlways: true))
        {
            OpenIn = Console.OpenStandardInput,
            Environment = EnvironmentOfThisProcess(),
            InIsTerminal = !Console.IsInputRedirected,
            Keys = Console.IsInputRedirected ? null : TypedKeys.ReadAsync,
            OutIsTerminal = !Console.IsOutputRedirected,
            ErrorIsTerminal = !Console.IsErrorRedirected,
            StartedAs = Node.StartedAs.Detect(),
            Folder = System.Environment.CurrentDirectory,
        };
        return shell with { Width = shell.OutIsTerminal || shell.ErrorIsTerminal ? TerminalWidth() : 80, Ansi = UnderstandsAnsi(shell.Environment) };
    }

    /// <summary>No control sequences for a terminal of unknown or dumb kind, nor where NO_COLOR asks for none.</summary>
    public static bool UnderstandsAnsi(IReadOnlyDictionary<string, string> environment) =>
        string.IsNullOrEmpty(environment.GetValueOrDefault("NO_COLOR")) && (OperatingSystem.IsWindows() || environment.GetValueOrDefault("TERM") is not (null or "" or "dumb"));

    private static Dictionary<string, string> EnvironmentOfThisProcess()
    {
        var variables = new Dictionary<string, string>(OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry variable in System.Environment.GetEnvironmentVariables())
            if (variable is { Key: string name, Value: string value }) variables[name] = value;
        return variables;
    }

    private static int TerminalWidth()
    {
        try
        {
            return Console.WindowWidth is > 0 and var width ? width : 80;      // 0: a terminal that does not tell
        }
        catch (IOException)
        {
            return 80;
        }
    }
}
