using System.CommandLine;
using ActorPerf.Node.Client;

namespace ActorPerf.Node.Commands;

/// <summary>What was sent, and what came back.</summary>
internal static class WebhookDeliveries
{
    public static Command Create(GlobalOptions globals)
    {
        var name = WebhookPaths.Name();
        var paging = new Paging();
        var command = globals.Command("deliveries", "Prints what was sent, and what came back, newest first.", "webhook deliveries ops");
        command.Arguments.Add(name);
        paging.AddTo(command);
        return command.Runs(globals, Takes.Watch, async (invocation, parsed, ct) =>
        {
            var path = Api.With(WebhookPaths.Path(parsed.GetRequiredValue(name)) + "/deliveries", ("limit", paging.Limit(parsed)), ("cursor", paging.Cursor(parsed)));
            return invocation.Show(await invocation.Client.GetAsync(path, ct), page => Paging.Print(page, WebhookPaths.DeliveryColumns, invocation));
        });
    }
}
