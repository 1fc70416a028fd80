using System.Text;
using System.Text.Json;
using ActorPerf.Node;

namespace ActorPerf.Tests.Node;

/// <summary>Runs commands in this process, as a user would type them, without terminal or network of its own.</summary>
internal sealed class CliRun
{
    public StringWriter Out { get; } = new SharedWriter { NewLine = "\n" };

    public StringWriter Error { get; } = new SharedWriter { NewLine = "\n" };

    public Dictionary<string, string> Environment { get; } = [];

    public string In { get; init; } = "";

    /// <summary>Both outputs are terminals that understand control sequences.</summary>
    public bool Terminal { get; init; }

    /// <summary>Keys that are pressed while a command runs; null: standard input is no terminal for keys.</summary>
    public Func<CancellationToken, IAsyncEnumerable<char>>? Keys { get; init; }

    public int Width { get; init; } = 80;

    public string Folder { get; init; } = ".";

    public CancellationToken Interrupt { get; init; } = CancellationToken.None;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public JsonElement Json => JsonDocument.Parse(Out.ToString()).RootElement;

    public string[] Lines => Out.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public Task<int> InvokeAsync(params string[] arguments) => CommandLine.InvokeAsync(
        arguments,
        new Shell(Out, Error)
        {
            OpenIn = () => new MemoryStream(Encoding.UTF8.GetBytes(In)),
            Environment = Environment,
            InIsTerminal = Terminal,
            Keys = Keys,
            OutIsTerminal = Terminal,
            ErrorIsTerminal = Terminal,
            Ansi = Terminal,
            Width = Width,
            Folder = Folder,
            Time = Time,
        },
        Interrupt);
}

/// <summary>Text that a test reads while a command still writes it.</summary>
internal sealed class SharedWriter : StringWriter
{
    private readonly Lock _gate = new();

    public override void Write(char value)
    {
        lock (_gate) base.Write(value);
    }

    public override void Write(char[] buffer, int index, int count)
    {
        lock (_gate) base.Write(buffer, index, count);
    }

    public override void Write(ReadOnlySpan<char> buffer)
    {
        lock (_gate) base.Write(buffer);
    }

    public override void Write(string? value)
    {
        lock (_gate) base.Write(value);
    }

    public override void WriteLine(ReadOnlySpan<char> buffer)
    {
        lock (_gate) base.WriteLine(buffer);
    }

    public override string ToString()
    {
        lock (_gate) return base.ToString();
    }
}
