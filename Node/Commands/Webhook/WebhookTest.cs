using System.CommandLine;
using ActorPerf.Node.Client;

namespace ActorPerf.Node.Commands;

/// <summary>Sends a test event.</summary>
internal static class WebhookTest
{
    public static Command Create(GlobalOptions globals)
    {
        var name = WebhookPaths.Name();
        var command = globals.Command("test", "Sends a test event; 'webhook deliveries' shows what became of it.", "webhook test ops");
        command.Arguments.Add(name);
        return command.Runs(globals, async (invocation, parsed, ct) => invocation.Show(
            await invocation.Client.PostAsync(WebhookPaths.Path(parsed.GetRequiredValue(name)) + "/test", "{}"u8.ToArray(), ct),
            delivery => WebhookPaths.PrintDelivery(delivery, invocation.Printer)));
    }
}
