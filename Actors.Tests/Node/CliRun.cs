using System.Text;
using System.Text.Json;
using ActorPerf.Node;

namespace ActorPerf.Tests.Node;

/// <summary>Runs commands in this process, as a user would type them, without terminal or network of its own.</summary>
internal sealed class CliRun
{
    public StringWriter Out { get; } = new() { NewLine = "\n" };

    public StringWriter Error { get; } = new() { NewLine = "\n" };

    public Dictionary<string, string> Environment { get; } = [];

    public string In { get; init; } = "";

    /// <summary>Both outputs are terminals that understand control sequences.</summary>
    public bool Terminal { get; init; }

    public int Width { get; init; } = 80;

    public string Folder { get; init; } = ".";

    public CancellationToken Interrupt { get; init; } = CancellationToken.None;

    public JsonElement Json => JsonDocument.Parse(Out.ToString()).RootElement;

    public string[] Lines => Out.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public Task<int> InvokeAsync(params string[] arguments) => CommandLine.InvokeAsync(
        arguments,
        new Shell(Out, Error)
        {
            OpenIn = () => new MemoryStream(Encoding.UTF8.GetBytes(In)),
            Environment = Environment,
            InIsTerminal = Terminal,
            OutIsTerminal = Terminal,
            ErrorIsTerminal = Terminal,
            Ansi = Terminal,
            Width = Width,
            Folder = Folder,
        },
        Interrupt);
}
