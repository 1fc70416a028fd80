using System.CommandLine;
using System.Globalization;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>All members.</summary>
internal static class ClusterShow
{
    public static Command Create(GlobalOptions globals) => globals.Command(
        "show", "Prints one row per node: address | [roles] | status | unreachable or empty | version, then how many there are.",
        "cluster show --watch 2s").Runs(globals, Takes.Watch | Takes.All, async (invocation, _, ct) =>
            invocation.Show(await invocation.Client.GetAsync(Api.Root + "cluster/members", ct), page =>
            {
                if (!invocation.Printer.IsTable)
                {
                    invocation.Printer.List(page, []);
                    return;
                }
                var members = page.Items("items");
                foreach (var member in members) invocation.Printer.Line(MemberRow.Of(member));
                invocation.Printer.Line(string.Create(CultureInfo.InvariantCulture, $"Count: {members.Count} nodes"));
            }));
}
