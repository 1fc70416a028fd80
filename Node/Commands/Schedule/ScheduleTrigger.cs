using System.CommandLine;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Runs a schedule's job now.</summary>
internal static class ScheduleTrigger
{
    public static Command Create(GlobalOptions globals)
    {
        var name = SchedulePaths.Name();
        var command = globals.Command("trigger", "Submits the schedule's job now, out of turn, and prints its id.", "schedule trigger nightly");
        command.Arguments.Add(name);
        return command.Runs(globals, async (invocation, parsed, ct) =>
            invocation.Show(await invocation.Client.PostAsync(SchedulePaths.Path(parsed.GetRequiredValue(name)) + "/trigger", "{}"u8.ToArray(), ct),
                job => invocation.Printer.Document(job, () => invocation.Printer.Line(Visible.Of(job.Text("id"))))));
    }
}
