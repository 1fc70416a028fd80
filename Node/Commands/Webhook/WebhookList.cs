using System.CommandLine;
using ActorPerf.Node.Client;

namespace ActorPerf.Node.Commands;

/// <summary>All webhooks.</summary>
internal static class WebhookList
{
    public static Command Create(GlobalOptions globals)
    {
        var command = globals.Command("list", "Prints the webhooks: where each goes, and what it tells.", "webhook list");
        return command.Runs(globals, Takes.Watch, async (invocation, _, ct) =>
            invocation.Show(await invocation.Client.GetAsync(Api.Root + "webhooks", ct), page => invocation.Printer.List(page, WebhookPaths.Columns)));
    }
}
