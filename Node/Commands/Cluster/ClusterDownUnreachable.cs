using System.CommandLine;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Declares all members dead that are unreachable.</summary>
internal static class ClusterDownUnreachable
{
    public static Command Create(GlobalOptions globals)
    {
        var yes = Options.Flag("--yes", "Do not ask", "-y");
        var command = globals.Command(
            "down-unreachable", "Declares every node dead that is unreachable, without waiting for the end of its lease. Prints their rows; none is no error.", "cluster down-unreachable --yes");
        command.Options.Add(yes);
        return command.Runs(globals, async (invocation, parsed, ct) =>
        {
            if (invocation.Confirm($"Declare every unreachable node dead, as {invocation.Client.Node} sees them?", parsed.GetValue(yes)) is { } stop) return stop;
            return invocation.Show(await invocation.Client.PostAsync(Api.Root + "cluster/down-unreachable", default, ct), page =>
            {
                if (!invocation.Printer.IsTable) invocation.Printer.List(page, []);
                else
                    foreach (var member in page.Items("items")) invocation.Printer.Line(MemberRow.Of(member));
            });
        });
    }
}
