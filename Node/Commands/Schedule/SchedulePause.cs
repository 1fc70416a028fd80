using System.CommandLine;

namespace ActorPerf.Node.Commands;

/// <summary>Pauses a schedule, or resumes it.</summary>
internal static class SchedulePause
{
    public static Command CreatePause(GlobalOptions globals) => Create(globals, "pause", "Lets the ticks of a schedule pass without a job, until it is resumed.");

    public static Command CreateResume(GlobalOptions globals) => Create(globals, "resume", "Lets a paused schedule fire again, from its next tick on.");

    private static Command Create(GlobalOptions globals, string verb, string description)
    {
        var name = SchedulePaths.Name();
        var command = globals.Command(verb, description, $"schedule {verb} nightly");
        command.Arguments.Add(name);
        return command.Runs(globals, async (invocation, parsed, ct) =>
        {
            var answer = await invocation.Client.PostAsync($"{SchedulePaths.Path(parsed.GetRequiredValue(name))}/{verb}", "{}"u8.ToArray(), ct);
            return invocation.Show(answer, schedule => SchedulePaths.Print(schedule, invocation.Printer));
        });
    }
}
