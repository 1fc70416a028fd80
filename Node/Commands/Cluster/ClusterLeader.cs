using System.CommandLine;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Who leads.</summary>
internal static class ClusterLeader
{
    public static Command Create(GlobalOptions globals) => globals.Command(
        "leader", "Prints the address of the node that runs schedules, reaping, pruning and deliveries.", "cluster leader").Runs(globals, Takes.Watch | Takes.All, async (invocation, _, ct) =>
            invocation.Show(await invocation.Client.GetAsync(Api.Root + "cluster/leader", ct), leader =>
                invocation.Printer.Document(leader, () => invocation.Printer.Line(Visible.Of(leader.Text("address"))))));
}
