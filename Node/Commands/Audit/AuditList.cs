using System.CommandLine;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>What operators did.</summary>
internal static class AuditList
{
    private static readonly Column[] Columns =
    [
        Column.Of("AT", "at"), Column.Of("WHO", "who"), Column.Of("FROM", "origin"), Column.Of("ACTION", "action"), Column.Of("TARGET", "target"),
        Column.Of("BEFORE", "before"), Column.Of("AFTER", "after"),
    ];

    public static Command Create(GlobalOptions globals)
    {
        var paging = new Paging();
        var command = globals.Command("list", "Prints what operators did, the newest first.", "audit list --limit 20");
        paging.AddTo(command);
        return command.Runs(globals, Takes.Watch, async (invocation, parsed, ct) =>
        {
            var path = Api.With(Api.Root + "audit", ("limit", paging.Limit(parsed)), ("cursor", paging.Cursor(parsed)));
            return invocation.Show(await invocation.Client.GetAsync(path, ct), page => Paging.Print(page, Columns, invocation));
        });
    }
}
