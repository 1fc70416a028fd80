using System.CommandLine;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>What is remembered, entry by entry.</summary>
internal static class CacheEntries
{
    private static readonly Column[] Columns =
    [
        Column.Of("TASK", "task"), Column.Of("COMPUTED AT", "computedAt"), Column.Of("EXPIRES AT", "expiresAt"),
        new("SIZE", entry => entry.Bytes("bytes"), Right: true), Column.Of("HITS", "hits", right: true), Column.Of("STATE", "state"), Column.Of("ARGS", "args"),
    ];

    public static Command Create(GlobalOptions globals)
    {
        var task = Options.Text("--task", "Only this task's", "TASK");
        var paging = new Paging();
        var command = globals.Command("entries", "Prints the remembered results, a page at a time.", "cache entries --task square");
        command.Options.Add(task);
        paging.AddTo(command);
        return command.Runs(globals, Takes.Watch | Takes.All, async (invocation, parsed, ct) =>
        {
            var path = Api.With(
                Api.Root + "cache/entries", ("task", parsed.GetValue(task)), ("limit", paging.Limit(parsed)), ("cursor", paging.Cursor(parsed)));
            return invocation.Show(await invocation.Client.GetAsync(path, ct), page => Paging.Print(page, Columns, invocation));
        });
    }
}
