using System.CommandLine;
using ActorPerf.Node.Client;

namespace ActorPerf.Node.Commands;

/// <summary>Asks whether a node is up; needs no key. Made for health checks of containers.</summary>
internal static class Health
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static Command Create(GlobalOptions globals)
    {
        var ready = Options.Flag("--ready", "Ask whether it takes new work, not only whether it runs");
        var command = globals.Command("health", "Asks whether a node is up: prints up and exits 0, or exits 1 (not well) or 3 (no answer).", "health --ready");
        command.Options.Add(ready);
        return command.Runs(globals, Takes.Watch | Takes.All, async (invocation, parsed, ct) =>
        {
            var path = parsed.GetValue(ready) ? "health/ready" : "health/live";
            var answer = await invocation.Client.SendAsync(
                new ApiRequest(HttpMethod.Get, path) { IgnoreBody = true, Patience = invocation.Timeout ?? Patience }, ct);
            if (answer is Answer.Refused { Problem: { Code: "not-actorperf" or "", Status: var status } })
            {
                invocation.Say($"{invocation.Client.Node} is not well: HTTP {status}.");
                return ExitCodes.Refused;
            }
            return invocation.Show(answer, _ => invocation.Printer.Line(invocation.Printer.IsTable ? "up" : """{"up":true}"""));
        });
    }
}
