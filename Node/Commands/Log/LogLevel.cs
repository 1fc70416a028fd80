using System.CommandLine;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>How much a node logs.</summary>
internal static class LogLevel
{
    public static Command Create(GlobalOptions globals)
    {
        var category = new Argument<string?>("CATEGORY") { Arity = ArgumentArity.ZeroOrOne, Description = "What categories begin with; without it, all are listed" };
        var level = new Argument<string?>("LEVEL") { Arity = ArgumentArity.ZeroOrOne, Description = "trace, debug, information, warning, error, critical, none, or default to take it back" };
        var command = globals.Command(
            "level", "Lists the categories of a node's log with the level each writes, or sets one until the node is restarted.", "log level ActorPerf.Jobs debug");
        command.Arguments.Add(category);
        command.Arguments.Add(level);
        return command.Runs(globals, Takes.Watch | Takes.All, async (invocation, parsed, ct) =>
        {
            var (named, wanted) = (parsed.GetValue(category), parsed.GetValue(level));
            var answer = wanted is null
                ? await invocation.Client.GetAsync(Api.Root + "log/levels", ct)
                : await invocation.Client.SendAsync(new ApiRequest(HttpMethod.Put, Api.Root + "log/levels") { Body = Body(named, wanted) }, ct);
            return invocation.Show(answer, root => invocation.Printer.Document(root, () => invocation.Printer.Grid(
                [false, false, false],
                [
                    ["CATEGORY", "LEVEL", "SET"],
                    .. root.Items("items").Where(row => named is null || row.Text("category").StartsWith(named, StringComparison.Ordinal))
                        .Select(row => new[] { row.Text("category"), row.Text("level"), row.Text("set") == "true" ? "yes" : "" }),
                ])));
        });
    }

    private static ReadOnlyMemory<byte> Body(string? category, string level) => JsonText.Body(json =>
    {
        json.WriteStartObject();
        json.WriteString("category", category);
        json.WriteString("level", level == "default" ? null : level);
        json.WriteEndObject();
    });
}
