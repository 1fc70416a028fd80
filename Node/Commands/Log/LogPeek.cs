using System.CommandLine;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>The newest lines of a node's log.</summary>
internal static class LogPeek
{
    public static Command Create(GlobalOptions globals)
    {
        var lines = Options.Number("--lines", "How many; 50 unless given", 1, 500, "-n");
        var options = new LogOptions();
        var command = globals.Command("peek", "Prints the newest lines of a node's log, oldest first; it remembers 2,000.", "log peek -n 20 --level warning");
        command.Options.Add(lines);
        options.AddTo(command);
        return command.Runs(globals, Takes.Watch | Takes.All, async (invocation, parsed, ct) =>
            invocation.Show(await invocation.Client.GetAsync(options.Path(parsed, Api.Root + "log", "limit", parsed.GetValue(lines)), ct), root =>
                invocation.Printer.Document(root, () =>
                {
                    foreach (var row in root.Items("items").SelectMany(LogOptions.Worded)) invocation.Printer.Line(Visible.Of(row));
                })));
    }
}
