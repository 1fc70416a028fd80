using System.CommandLine;
using System.Text.Json;
using ActorPerf.Node.Client;

namespace ActorPerf.Node.Commands;

/// <summary>Waits until jobs have ended.</summary>
internal static class JobWait
{
    public static Command Create(GlobalOptions globals)
    {
        var ids = JobIds.Several();
        var any = Options.Flag("--any", "Wait until one of them has ended, and print those that have by then");
        var command = globals.Command(
            "wait", "Waits until jobs have ended. Prints one job's result as JSON, or several jobs as a list. Exit code 1 when one did not succeed, 5 after --timeout.",
            "job wait 0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a11 --timeout 10m");
        command.Arguments.Add(ids);
        command.Options.Add(any);
        return command.Runs(globals, async (invocation, parsed, ct) =>
        {
            if (parsed.GetRequiredValue(ids) is [var only])
                return invocation.Show(await JobWaiting.ForOneAsync(only, invocation, ct), job => JobPrinting.PrintOutcome(job, invocation));
            var asked = parsed.GetRequiredValue(ids);
            var jobs = new List<JsonElement>();
            var answer = parsed.GetValue(any)
                ? await JobWaiting.ForAnyAsync(asked, jobs.Add, invocation, ct)
                : await JobWaiting.ForAllAsync(asked, jobs.Add, invocation, ct);
            JobPrinting.Print(jobs, asked.Length, invocation, _ => { });
            var worst = answer is Answer.Ok ? ExitCodes.Done : Failures.Report(answer, invocation);
            foreach (var job in jobs) worst = Math.Max(worst, JobPrinting.Judge(job, invocation));
            return worst;
        });
    }
}
