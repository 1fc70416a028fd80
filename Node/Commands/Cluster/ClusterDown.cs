using System.CommandLine;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Declares a member dead.</summary>
internal static class ClusterDown
{
    public static Command Create(GlobalOptions globals)
    {
        var node = ClusterMember.Named(optional: false);
        var yes = Options.Flag("--yes", "Do not ask", "-y");
        var command = globals.Command(
            "down", "Declares a node dead: its jobs go back to their queues at once, and what it still reports of them is refused. If it lives all the same, it comes back as a new member.",
            "cluster down node-2 --yes");
        command.Arguments.Add(node);
        command.Options.Add(yes);
        return command.Runs(globals, (invocation, parsed, ct) => ClusterMember.WithAsync(invocation, parsed.GetRequiredValue(node), async member =>
        {
            var question = $"Declare {member.Text("name")} ({member.Text("address")}) dead? What it runs, {member.Text("running")} by its last word, starts again elsewhere at once.";
            if (invocation.Confirm(question, parsed.GetValue(yes)) is { } stop) return stop;
            return invocation.Show(await invocation.Client.PostAsync(ClusterMember.Path(member, "down"), default, ct), downed =>
                invocation.Printer.Document(downed, () => invocation.Printer.Line(MemberRow.Of(downed))));
        }, ct));
    }
}
