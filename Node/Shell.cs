using System.Text;

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
        var shell = new Shell(Writer(1, Console.OpenStandardOutput), Writer(2, Console.OpenStandardError))
        {
            OpenIn = Console.OpenStandardInput,
            Environment = EnvironmentOfThisProcess(),
            InIsTerminal = !Console.IsInputRedirected,
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

    /// <remarks>The framework's console stream swallows a closed pipe, so that <c>job tail | head</c> would never end;
    /// a plain stream on the descriptor reports it. On a file, where nothing can close, a plain stream would write at
    /// offsets of its own and so over what others append.</remarks>
    private static StreamWriter Writer(int descriptor, Func<Stream> console)
    {
        var stream = OperatingSystem.IsWindows() ? console() : Plain(descriptor) ?? console();
        return new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = descriptor == 2 || !Console.IsOutputRedirected, NewLine = "\n" };
    }

    private static Dictionary<string, string> EnvironmentOfThisProcess()
    {
        var variables = new Dictionary<string, string>(OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry variable in System.Environment.GetEnvironmentVariables())
            if (variable is { Key: string name, Value: string value }) variables[name] = value;
        return variables;
    }

    private static FileStream? Plain(int descriptor)
    {
        try
        {
            var stream = new FileStream(new Microsoft.Win32.SafeHandles.SafeFileHandle(descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            return stream.CanSeek ? null : stream;
        }
        catch (Exception unusual) when (unusual is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;         // closed, or nothing to write to
        }
    }

    private static int TerminalWidth()
    {
        try
        {
            return Math.Max(1, Console.WindowWidth);
        }
        catch (IOException)
        {
            return 80;   // a terminal that does not tell
        }
    }
}
