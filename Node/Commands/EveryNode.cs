using System.CommandLine;
using System.Text;
using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Carries a command out at every member instead of at one, and says of each line whose it is.</summary>
/// <remarks>The members are those that the named node knows and that are not down; they are asked at once, and printed in the members' order.
/// As a table each line begins with the node's name; as JSON lines each object has <c>node</c> as its first member; as one JSON document it is an array of <c>{node, answer}</c>.</remarks>
internal static class EveryNode
{
    /// <returns>0 when all did; else the first other exit code.</returns>
    public static async Task<int> RunAsync(GlobalOptions globals, Invocation invocation, ParseResult parsed, CommandAction action, CancellationToken ct)
    {
        var answer = await invocation.Client.GetAsync(Api.Root + "cluster/members", ct);
        if (answer is not Answer.Ok { Body: var page }) return Failures.Report(answer, invocation);
        var members = page.Items("items").Where(member => member.Text("status") != "down").ToArray();
        var parts = await Task.WhenAll(members.Select(member => AtAsync(globals, parsed, member, action, ct)));
        Print(invocation, [.. members.Select(member => member.Text("name"))], [.. parts.Select(part => part.Text)]);
        return parts.Select(part => part.Code).FirstOrDefault(code => code != ExitCodes.Done);
    }

    private static async Task<(int Code, string Text)> AtAsync(GlobalOptions globals, ParseResult parsed, JsonElement member, CommandAction action, CancellationToken ct)
    {
        using var output = new StringWriter();
        using var invocation = globals.Read(parsed, output, out var fault, member.Text("address"));
        if (invocation is not null) return (await action(invocation, parsed, ct), output.ToString());
        globals.Shell.Error.WriteLine(Visible.Of($"{member.Text("name")}: {fault}"));
        return (ExitCodes.CannotConnect, "");
    }

    private static void Print(Invocation invocation, IReadOnlyList<string> names, IReadOnlyList<string> texts)
    {
        if (invocation.Printer.Format == OutputFormat.Json)
        {
            invocation.Printer.Line(JsonText.Write(json => Document(json, names, texts), indented: true));
            return;
        }
        var width = names.Count == 0 ? 0 : names.Max(name => name.Length);
        for (var at = 0; at < names.Count; at++)
            foreach (var line in texts[at].Split('\n', StringSplitOptions.RemoveEmptyEntries))
                invocation.Printer.Line(invocation.Printer.IsTable ? $"{names[at].PadRight(width)} | {line}" : Marked(names[at], line));
    }

    private static void Document(Utf8JsonWriter json, IReadOnlyList<string> names, IReadOnlyList<string> texts)
    {
        json.WriteStartArray();
        for (var at = 0; at < names.Count; at++)
        {
            json.WriteStartObject();
            json.WriteString("node", names[at]);
            json.WritePropertyName("answer");
            if (texts[at].Length == 0) json.WriteNullValue();          // what was the matter is told on standard error
            else JsonText.Parse(Encoding.UTF8.GetBytes(texts[at])).WriteTo(json);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static string Marked(string name, string line) => JsonText.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("node", name);
        foreach (var member in JsonText.Parse(Encoding.UTF8.GetBytes(line)).EnumerateObject())
            if (member.Name != "node") member.WriteTo(json);
        json.WriteEndObject();
    }, indented: false);
}
