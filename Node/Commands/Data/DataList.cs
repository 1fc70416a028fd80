using System.CommandLine;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>The kinds, and how the node's pipelines do.</summary>
internal static class DataList
{
    private static readonly Column[] Columns = [Column.Of("KIND", "kind"), Column.Of("ENTITIES", "entities", right: true), new("SIZE", kind => kind.Bytes("bytes"), Right: true)];

    public static Command Create(GlobalOptions globals) => globals.Command(
        "list", "Prints the kinds of a namespace with their sizes.", "data list --watch 2s").Runs(globals, Takes.Watch, async (invocation, _, ct) =>
            invocation.Show(await invocation.Client.GetAsync(Api.Root + "data", ct), page =>
            {
                invocation.Printer.List(page, Columns);
                if (!invocation.Printer.IsTable) return;
                foreach (var name in new[] { "reads", "writes" })
                    if (page.Member(name) is { } pipeline)
                        invocation.Printer.Line($"{name}: {pipeline.Text("calls")} calls in {pipeline.Text("statements")} statements, {pipeline.Text("meanBatch")} a batch");
            }));
}
