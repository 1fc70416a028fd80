using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>One command being run: what it may ask, and where it prints.</summary>
internal sealed record Invocation(Shell Shell, NodeClient Client, Printer Printer) : IDisposable
{
    /// <summary>From the command line; null: not given.</summary>
    public TimeSpan? Timeout { get; init; }

    public TimeSpan? Watch { get; init; }

    /// <summary>Every member is to be asked.</summary>
    public bool All { get; init; }

    /// <summary>The bearer key; null: none. Only the node itself is ever given it.</summary>
    public string? Key { get; init; }

    /// <summary>What configures a node, for commands that read its files.</summary>
    public IReadOnlyList<string> Configuration { get; init; } = [];

    public void Dispose() => Client.Dispose();

    /// <summary>A line for people.</summary>
    public void Say(string message) => Shell.Error.WriteLine(Visible.Of(message));

    /// <summary>The command line cannot be carried out as it stands.</summary>
    public int Usage(string message)
    {
        Say(message);
        return ExitCodes.Usage;
    }

    /// <summary>Shows a successful answer, or says why there is none.</summary>
    /// <returns>The exit code.</returns>
    public int Show(Answer answer, Action<JsonElement> show) => Show(answer, body =>
    {
        show(body);
        return ExitCodes.Done;
    });

    /// <summary>As above, where the answer decides the exit code.</summary>
    public int Show(Answer answer, Func<JsonElement, int> show) => answer is Answer.Ok ok ? show(ok.Body) : Failures.Report(answer, this);

    /// <summary>Asks before something is destroyed. Without a terminal to ask on, <c>--yes</c> must have been given.</summary>
    /// <returns>Null: go on; else the exit code.</returns>
    public int? Confirm(string question, bool yes)
    {
        if (yes) return null;
        if (!Shell.InIsTerminal || !Shell.ErrorIsTerminal) return Usage($"{question} Say --yes to go on; there is no terminal to ask on.");
        Shell.Error.Write($"{Visible.Of(question)} [y/N] ");
        using var reader = new StreamReader(Shell.OpenIn());
        if (reader.ReadLine()?.Trim() is "y" or "Y" or "yes") return null;
        Say("Nothing was done.");
        return ExitCodes.Usage;
    }
}
