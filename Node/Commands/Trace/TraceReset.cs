using System.CommandLine;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Begins to count anew, so that what follows is seen alone.</summary>
internal static class TraceReset
{
    public static Command Create(GlobalOptions globals) => globals.Command(
        "reset", "Forgets the traces of the node and sets its counts of routes and calls to zero; metrics go on counting.", "trace reset").Runs(globals, Takes.All, async (invocation, _, ct) =>
            invocation.Show(await invocation.Client.PostAsync(Api.Root + "traces/reset", "{}"u8.ToArray(), ct), stats => invocation.Printer.Document(stats, () => invocation.Printer.Line($"Counts begin at {stats.Text("since")}."))));
}
