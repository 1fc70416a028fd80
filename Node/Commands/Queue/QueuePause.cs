using System.CommandLine;

namespace ActorPerf.Node.Commands;

/// <summary>Stops the starts of a queue.</summary>
internal static class QueuePause
{
    public static Command Create(GlobalOptions globals)
    {
        var queue = QueuePrinting.Name();
        var command = globals.Command("pause", "Keeps a queue's jobs from starting, on all nodes, until it is resumed. What runs goes on.", "queue pause reports");
        command.Arguments.Add(queue);
        return command.Runs(globals, async (invocation, parsed, ct) =>
            QueuePrinting.Show(await invocation.Client.PatchAsync(QueuePrinting.Path(parsed.GetRequiredValue(queue)), "{\"paused\":true}"u8.ToArray(), ct), invocation));
    }
}
