using System.CommandLine;
using ActorPerf.Node.Client;

namespace ActorPerf.Node.Commands;

/// <summary>Deletes a job that is over.</summary>
internal static class JobDelete
{
    public static Command Create(GlobalOptions globals)
    {
        var id = JobIds.One();
        var yes = Options.Flag("--yes", "Do not ask", "-y");
        var command = globals.Command(
            "delete", "Deletes a job that is over, with its arguments, its result and what its attempts said.", "job delete 0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a11 --yes");
        command.Arguments.Add(id);
        command.Options.Add(yes);
        return command.Runs(globals, async (invocation, parsed, ct) =>
        {
            var which = parsed.GetRequiredValue(id);
            if (invocation.Confirm($"Delete job {which} at {invocation.Client.Node}?", parsed.GetValue(yes)) is { } stop) return stop;
            var answer = await invocation.Client.SendAsync(new ApiRequest(HttpMethod.Delete, Api.Job(which)), ct);
            return invocation.Show(answer, job => invocation.Printer.Document(job, () => invocation.Say($"Job {which} is not there any more.")));
        });
    }
}
