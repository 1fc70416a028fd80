using System.CommandLine;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Starts a job that waits for a time.</summary>
internal static class JobRunNow
{
    public static Command Create(GlobalOptions globals)
    {
        var id = JobIds.One();
        var command = globals.Command(
            "run-now", "Starts a job now that waits for its time or for its next attempt. Repeats are harmless.", "job run-now 0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a11");
        command.Arguments.Add(id);
        return command.Runs(globals, async (invocation, parsed, ct) => invocation.Show(
            await invocation.Client.PostAsync(Api.Job(parsed.GetRequiredValue(id)) + "/run-now", "{}"u8.ToArray(), ct),
            job => JobPrinting.PrintState(job, invocation)));
    }
}
