using System.CommandLine;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Has a member leave.</summary>
internal static class ClusterLeave
{
    public static Command Create(GlobalOptions globals)
    {
        var node = ClusterMember.Named(optional: true);
        var yes = Options.Flag("--yes", "Do not ask", "-y");
        var command = globals.Command(
            "leave", "Tells a node to end its work and stop: it takes nothing new, what runs has as long as its jobs.drain-timeout says (30 s if nothing else is configured), the rest goes back to its queue. Without a name the node that is asked.", "cluster leave node-2 --yes");
        command.Arguments.Add(node);
        command.Options.Add(yes);
        return command.Runs(globals, (invocation, parsed, ct) => ClusterMember.WithAsync(invocation, parsed.GetValue(node), async member =>
        {
            var question = $"Tell {member.Text("name")} ({member.Text("address")}) to leave? It ends what runs within its drain timeout and stops.";
            if (invocation.Confirm(question, parsed.GetValue(yes)) is { } stop) return stop;
            return invocation.Show(await invocation.Client.PostAsync(ClusterMember.Path(member, "leave"), default, ct), left =>
                invocation.Printer.Document(left, () => invocation.Printer.Line(MemberRow.Of(left))));
        }, ct));
    }
}
