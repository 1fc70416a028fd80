using System.CommandLine;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>A page of workflows.</summary>
internal static class WorkflowList
{
    private static readonly Column[] Columns =
    [
        Column.Of("ID", "id"), Column.Of("NAME", "name"), Column.Of("STATE", "state"), new("DONE", workflow => $"{workflow.Text("done")}/{workflow.Text("total")}", Right: true),
        Column.Of("CREATED AT", "createdAt"),
    ];

    public static Command Create(GlobalOptions globals)
    {
        var paging = new Paging();
        var command = globals.Command("list", "Prints workflows, the newest first, a page at a time.", "workflow list --limit 20");
        paging.AddTo(command);
        return command.Runs(globals, Takes.Watch, async (invocation, parsed, ct) => invocation.Show(
            await invocation.Client.GetAsync(Api.With(Api.Root + "workflows", ("limit", paging.Limit(parsed)), ("cursor", paging.Cursor(parsed))), ct),
            page => Paging.Print(page, Columns, invocation)));
    }
}
