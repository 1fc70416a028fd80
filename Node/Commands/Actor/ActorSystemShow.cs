using System.CommandLine;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>The actor system's address.</summary>
internal static class ActorSystemShow
{
    public static Command Create(GlobalOptions globals) => globals.Command(
        "system", "Prints the address of the node's actor system.", "actor system").Runs(globals, Takes.Watch | Takes.All, async (invocation, _, ct) =>
            invocation.Show(await invocation.Client.GetAsync(Api.Root + "actors?path=/&depth=0", ct), root =>
                invocation.Printer.Document(root, () => invocation.Printer.Line(Visible.Of(root.Text("system"))))));
}
