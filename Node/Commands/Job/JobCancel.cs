using System.CommandLine;
using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Asks jobs to stop.</summary>
internal static class JobCancel
{
    public static Command Create(GlobalOptions globals)
    {
        var ids = JobIds.Several();
        var yes = Options.Flag("--yes", "Do not ask when several are named", "-y");
        var command = globals.Command(
            "cancel", "Asks jobs to stop: waiting ones are cancelled at once, running ones are told. Repeats are harmless.",
            "job cancel 0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a11");
        command.Arguments.Add(ids);
        command.Options.Add(yes);
        return command.Runs(globals, async (invocation, parsed, ct) =>
        {
            var asked = parsed.GetRequiredValue(ids);
            if (asked.Length > 1 && invocation.Confirm($"Cancel {asked.Length} jobs?", parsed.GetValue(yes)) is { } stop) return stop;
            var jobs = new List<JsonElement>();
            var worst = ExitCodes.Done;
            foreach (var id in asked)
            {
                var answer = await invocation.Client.PostAsync(Api.Job(id) + "/cancel", "{}"u8.ToArray(), ct);
                var code = invocation.Show(answer, jobs.Add);
                worst = Math.Max(worst, code);
                if (code == ExitCodes.CannotConnect) break;
            }
            JobPrinting.Print(jobs, asked.Length, invocation, job => invocation.Printer.Line(Visible.Of($"{job.Text("id")} {job.Text("state")}")));
            return worst;
        });
    }
}
