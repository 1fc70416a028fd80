using System.CommandLine;
using ActorPerf.Node.Client;

namespace ActorPerf.Node.Commands;

/// <summary>Makes a new secret.</summary>
internal static class WebhookRotate
{
    public static Command Create(GlobalOptions globals)
    {
        var name = WebhookPaths.Name();
        var command = globals.Command("rotate", "Makes a new secret and prints it once; the old one stays good for 24 hours.", "webhook rotate ops");
        command.Arguments.Add(name);
        return command.Runs(globals, async (invocation, parsed, ct) => invocation.Show(
            await invocation.Client.PostAsync(WebhookPaths.Path(parsed.GetRequiredValue(name)) + "/rotate", "{}"u8.ToArray(), ct),
            webhook => WebhookPaths.Print(webhook, invocation)));
    }
}
