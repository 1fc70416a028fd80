using System.CommandLine;
using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>The member that is asked.</summary>
internal static class ClusterStatus
{
    public static Command Create(GlobalOptions globals) => globals.Command(
        "status", "Prints the row of the node that is asked, as cluster show does.", "cluster status").Runs(globals, Takes.Watch, async (invocation, _, ct) =>
        {
            var version = await invocation.Client.GetAsync(Api.Root + "version", ct);
            var self = version is Answer.Ok { Body: var known } ? known.Text("node") : "";
            return invocation.Show(await invocation.Client.GetAsync(Api.Root + "cluster/members", ct), page =>
            {
                if (Find(page.Items("items"), self, invocation.Client.Node) is { } member)
                {
                    invocation.Printer.Document(member, () => invocation.Printer.Line(MemberRow.Of(member)));
                    return ExitCodes.Done;
                }
                invocation.Say($"No member of the cluster says that it listens at {invocation.Client.Node}. See all: {invocation.Shell.StartedAs} cluster show");
                return ExitCodes.NotFound;
            });
        });

    /// <summary>The member of the node's own name; else the one that listens where the node was asked; else the only one.</summary>
    private static JsonElement? Find(IReadOnlyList<JsonElement> members, string self, NodeAddress asked) =>
        First(members, member => self.Length > 0 && member.Text("name") == self)
        ?? First(members, member => NodeAddress.TryParse(member.Text("address"), out var address, out _) && address.Url.Authority == asked.Url.Authority)
        ?? (members is [var only] ? only : null);

    private static JsonElement? First(IReadOnlyList<JsonElement> members, Func<JsonElement, bool> matches) =>
        members.Where(matches).Select(member => (JsonElement?)member).FirstOrDefault();
}
