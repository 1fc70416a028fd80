using System.CommandLine;
using ActorPerf.Node.Client;

namespace ActorPerf.Node.Commands;

/// <summary>Deletes a schedule.</summary>
internal static class ScheduleDelete
{
    public static Command Create(GlobalOptions globals)
    {
        var name = SchedulePaths.Name();
        var yes = Options.Flag("--yes", "Do not ask", "-y");
        var command = globals.Command("delete", "Deletes a schedule that was put, with its history; jobs it made stay. One of the configuration stands again.", "schedule delete nightly --yes");
        command.Arguments.Add(name);
        command.Options.Add(yes);
        return command.Runs(globals, async (invocation, parsed, ct) =>
        {
            var which = parsed.GetRequiredValue(name);
            if (invocation.Confirm($"Delete schedule {which} at {invocation.Client.Node}?", parsed.GetValue(yes)) is { } stop) return stop;
            var answer = await invocation.Client.SendAsync(new ApiRequest(HttpMethod.Delete, SchedulePaths.Path(which)) { IgnoreBody = true }, ct);
            return invocation.Show(answer, _ => invocation.Say($"{which} is deleted."));
        });
    }
}
