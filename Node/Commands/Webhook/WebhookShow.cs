using System.CommandLine;

namespace ActorPerf.Node.Commands;

/// <summary>One webhook.</summary>
internal static class WebhookShow
{
    public static Command Create(GlobalOptions globals)
    {
        var name = WebhookPaths.Name();
        var command = globals.Command("show", "Prints a webhook: where it goes, and what it tells. Never its secret.", "webhook show billing");
        command.Arguments.Add(name);
        return command.Runs(globals, Takes.Watch, async (invocation, parsed, ct) =>
            invocation.Show(await invocation.Client.GetAsync(WebhookPaths.Path(parsed.GetRequiredValue(name)), ct), webhook => WebhookPaths.Print(webhook, invocation)));
    }
}
