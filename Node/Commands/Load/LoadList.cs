using System.CommandLine;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>The runs that a node knows.</summary>
internal static class LoadList
{
    private static readonly Column[] Columns =
    [
        Column.Of("ID", "id"), Column.Of("SCENARIO", "scenario"), Column.Of("STATE", "state"), Column.Of("VERDICT", "verdict"), Column.Of("LOAD", "load"),
        Column.Of("REQUESTS", "requests", right: true), Column.Of("FAILED", "failures", right: true), new Column("REQ/S", item => item.Number("perSecond") is { } rate ? ActorPerf.Load.Figures.LoadWords.Number(rate) : "", true),
        new Column("P95 MS", item => item.Number("p95") is { } seconds ? ActorPerf.Load.Figures.LoadWords.Milliseconds(TimeSpan.FromSeconds(seconds)) : "", true), Column.Of("STARTED", "startedAt"), Column.Of("LABEL", "label"),
    ];

    public static Command Create(GlobalOptions globals) => globals.Command(
        "list", "Prints the load tests that the node runs or has a report of, the latest first.", "load list").Runs(globals, Takes.Watch, async (invocation, _, ct) =>
            invocation.Show(await invocation.Client.GetAsync(Api.Root + "load/runs", ct), page => invocation.Printer.List(page, Columns)));
}
