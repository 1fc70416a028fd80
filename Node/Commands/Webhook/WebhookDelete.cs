using System.CommandLine;
using ActorPerf.Node.Client;

namespace ActorPerf.Node.Commands;

/// <summary>Deletes a webhook.</summary>
internal static class WebhookDelete
{
    public static Command Create(GlobalOptions globals)
    {
        var name = WebhookPaths.Name();
        var yes = Options.Flag("--yes", "Do not ask", "-y");
        var command = globals.Command("delete", "Deletes a webhook with its deliveries, sent or not.", "webhook delete ops --yes");
        command.Arguments.Add(name);
        command.Options.Add(yes);
        return command.Runs(globals, async (invocation, parsed, ct) =>
        {
            var which = parsed.GetRequiredValue(name);
            if (invocation.Confirm($"Delete webhook {which} at {invocation.Client.Node}?", parsed.GetValue(yes)) is { } stop) return stop;
            var answer = await invocation.Client.SendAsync(new ApiRequest(HttpMethod.Delete, WebhookPaths.Path(which)) { IgnoreBody = true }, ct);
            return invocation.Show(answer, _ => invocation.Say($"{which} is deleted."));
        });
    }
}
