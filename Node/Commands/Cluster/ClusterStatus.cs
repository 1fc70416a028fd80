using System.CommandLine;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>The member that is asked.</summary>
internal static class ClusterStatus
{
    public static Command Create(GlobalOptions globals) => globals.Command(
        "status", "Prints the row of the node that is asked, as cluster show does.", "cluster status").Runs(globals, Takes.Watch | Takes.All, async (invocation, _, ct) =>
            invocation.Show(await invocation.Client.GetAsync(Api.Root + "cluster/self", ct), member =>
                invocation.Printer.Document(member, () => invocation.Printer.Line(MemberRow.Of(member)))));
}
