using System.CommandLine;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Fills the namespace of the demonstrations.</summary>
internal static class DemoLoad
{
    public static Command Create(GlobalOptions globals) => globals.Command(
        "load", "Fills the namespace demo with a small site: accounts, guest book, messages, cart, offers, stock. Loading again writes the same.", "demo load").Runs(globals, async (invocation, _, ct) =>
    {
        var request = new ApiRequest(HttpMethod.Post, Api.Root + "compute/demo-load") { Body = "{}"u8.ToArray(), Headers = [("ActorPerf-Namespace", "demo")] };
        var program = invocation.Shell.StartedAs;
        return invocation.Show(await invocation.Client.SendAsync(request, ct), body =>
        {
            invocation.Printer.Document(body, () => invocation.Printer.Line($"{body.Text("result")} entities in namespace demo"));
            invocation.Say("Each read there takes 20 ms. Now see a staircase, and the same as one batch:");
            foreach (var mode in new[] { "loop", "map" }) invocation.Say($$"""  {{program}} --namespace demo compute demo-messages '{"mode": "{{mode}}"}'""");
        });
    });
}
