using System.CommandLine;

namespace ActorPerf.Node.Commands;

/// <summary>Forgets what was set for a queue.</summary>
internal static class QueueReset
{
    public static Command Create(GlobalOptions globals)
    {
        var queue = QueuePrinting.Name();
        var command = globals.Command("reset", "Forgets what was set for a queue at run time; the configuration holds again.", "queue reset reports");
        command.Arguments.Add(queue);
        return command.Runs(globals, async (invocation, parsed, ct) =>
            QueuePrinting.Show(await invocation.Client.DeleteAsync(QueuePrinting.Path(parsed.GetRequiredValue(queue)) + "/settings", ct), invocation));
    }
}
