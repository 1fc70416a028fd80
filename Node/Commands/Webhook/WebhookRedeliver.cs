using System.CommandLine;
using ActorPerf.Node.Client;

namespace ActorPerf.Node.Commands;

/// <summary>Sends a delivery again.</summary>
internal static class WebhookRedeliver
{
    public static Command Create(GlobalOptions globals)
    {
        var name = WebhookPaths.Name();
        var id = new Argument<string>("ID") { Description = "The delivery, as 'webhook deliveries' names it" };
        var command = globals.Command("redeliver", "Sends a delivery again, under the same webhook-id.", "webhook redeliver ops 0199f3b2-7c1e-7d55-9a60-2f4b8f1c3d7e");
        command.Arguments.Add(name);
        command.Arguments.Add(id);
        return command.Runs(globals, async (invocation, parsed, ct) =>
        {
            var path = $"{WebhookPaths.Path(parsed.GetRequiredValue(name))}/deliveries/{Uri.EscapeDataString(parsed.GetRequiredValue(id))}/redeliver";
            return invocation.Show(await invocation.Client.PostAsync(path, "{}"u8.ToArray(), ct), delivery => WebhookPaths.PrintDelivery(delivery, invocation.Printer));
        });
    }
}
