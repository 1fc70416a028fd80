using System.CommandLine;

namespace ActorPerf.Node.Commands;

/// <summary>Lets the jobs of a queue start again.</summary>
internal static class QueueResume
{
    public static Command Create(GlobalOptions globals)
    {
        var queue = QueuePrinting.Name();
        var command = globals.Command("resume", "Lets a queue's jobs start again.", "queue resume reports");
        command.Arguments.Add(queue);
        return command.Runs(globals, async (invocation, parsed, ct) =>
            QueuePrinting.Show(await invocation.Client.PatchAsync(QueuePrinting.Path(parsed.GetRequiredValue(queue)), "{\"paused\":false}"u8.ToArray(), ct), invocation));
    }
}
