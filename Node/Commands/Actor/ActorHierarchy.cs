using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>The actors as paths, as a tree, or with their figures.</summary>
internal static class ActorHierarchy
{
    private const int DefaultDepth = 4;

    public static Command Create(GlobalOptions globals)
    {
        var depth = Options.Number("--depth", $"Levels below the start; {DefaultDepth} unless given, 0 for the start alone", 0, 32, "-d");
        var start = Options.Text("--start", "Where to begin, as a path or a full address; /user unless given", "PATH", "-s");
        var tree = Options.Flag("--tree", "Draw the tree instead of printing paths");
        var counts = Options.Flag("--counts", "Add messages waiting and handled, children, restarts and the last failure");
        var command = globals.Command(
            "hierarchy", "Prints a node's actors, one path per line, each before those below it, in order of name. As JSON: the tree with its figures, whatever was asked.", "actor hierarchy -d 2 -s /user/compute --counts");
        foreach (var option in new Option[] { depth, start, tree, counts }) command.Options.Add(option);
        return command.Runs(globals, Takes.Watch | Takes.All, async (invocation, parsed, ct) =>
        {
            var path = Api.With(
                Api.Root + "actors", ("path", parsed.GetValue(start)), ("depth", (parsed.GetValue(depth) ?? DefaultDepth).ToString(CultureInfo.InvariantCulture)));
            return invocation.Show(await invocation.Client.GetAsync(path, ct), root =>
                invocation.Printer.Document(root, () => Print(invocation.Printer, [.. Rows(root, "", "", parsed.GetValue(tree))], parsed.GetValue(counts))));
        });
    }

    private static void Print(Printer printer, IReadOnlyList<(string Name, JsonElement Actor)> rows, bool counts)
    {
        if (!counts)
        {
            foreach (var row in rows) printer.Line(Visible.Of(row.Name));
            return;
        }
        printer.Grid(
            [false, true, true, true, true, false, false],
            [["ACTOR", "MAILBOX", "PROCESSED", "CHILDREN", "RESTARTS", "TYPE", "LAST FAILURE"], .. rows.Select(row => new[]
            {
                row.Name, row.Actor.Text("mailbox"), row.Actor.Text("processed"), row.Actor.Text("childCount"), row.Actor.Text("restarts"), row.Actor.Text("type"), row.Actor.Text("lastFailure"),
            })]);
    }

    /// <summary>Depth first, children in order of name.</summary>
    /// <param name="before">What stands in front of this actor's own line in a tree.</param>
    /// <param name="below">What stands in front of the lines below it.</param>
    private static IEnumerable<(string Name, JsonElement Actor)> Rows(JsonElement actor, string before, string below, bool tree)
    {
        var path = actor.Text("path");
        yield return (tree && before.Length > 0 ? before + path.Split('/')[^1] : path, actor);
        var children = actor.Items("children").OrderBy(child => child.Text("path"), StringComparer.Ordinal).ToArray();
        for (var at = 0; at < children.Length; at++)
        {
            var isLast = at == children.Length - 1;
            foreach (var row in Rows(children[at], below + (isLast ? "└─ " : "├─ "), below + (isLast ? "   " : "│  "), tree)) yield return row;
        }
    }
}
