using System.CommandLine;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>One queue.</summary>
internal static class QueueShow
{
    public static Command Create(GlobalOptions globals)
    {
        var queue = QueuePrinting.Name();
        var command = globals.Command("show", "Prints a queue: its state, its limits, and what waits and runs in it.", "queue show reports");
        command.Arguments.Add(queue);
        return command.Runs(globals, Takes.Watch, async (invocation, parsed, ct) =>
            invocation.Show(await invocation.Client.GetAsync(QueuePrinting.Path(parsed.GetRequiredValue(queue)), ct), found =>
                invocation.Printer.Document(found, () => invocation.Printer.Grid([false, false], [.. QueueList.Columns.Select(column => new[] { column.Title, column.Cell(found) })]))));
    }
}
