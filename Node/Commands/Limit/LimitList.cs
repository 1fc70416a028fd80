using System.CommandLine;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Limit keys with jobs.</summary>
internal static class LimitList
{
    private static readonly Column[] Columns =
    [
        Column.Of("KEY", "key"), Column.Of("RUNNING", "running", right: true), Column.Of("QUEUED", "queued", right: true),
        Column.Of("BLOCKED", "blocked", right: true), Column.Of("CONCURRENCY", "concurrency", right: true), new("RATE", key => QueuePrinting.Rate(key, "rate") ?? ""),
    ];

    public static Command Create(GlobalOptions globals)
    {
        var paging = new Paging();
        var command = globals.Command("list", "Prints the limit keys whose jobs run or wait, a page at a time.", "limit list --watch 2s");
        paging.AddTo(command);
        return command.Runs(globals, Takes.Watch, async (invocation, parsed, ct) =>
        {
            var path = Api.With(Api.Root + "limits", ("limit", paging.Limit(parsed)), ("cursor", paging.Cursor(parsed)));
            return invocation.Show(await invocation.Client.GetAsync(path, ct), page => Paging.Print(page, Columns, invocation));
        });
    }
}
