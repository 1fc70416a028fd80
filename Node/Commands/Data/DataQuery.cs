using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Entities that meet a filter, a page at a time.</summary>
internal static class DataQuery
{
    private static readonly Column[] Columns =
    [
        Column.Of("ID", "id"), Column.Of("VERSION", "version", right: true), Column.Of("UPDATED AT", "updatedAt"), new("DATA", entity => entity.Member("data") is { } data ? JsonText.Compact(data) : ""),
    ];

    public static Command Create(GlobalOptions globals)
    {
        var kind = DataArguments.Kind();
        var filter = DataArguments.Filter();
        var order = Options.Texts("--order", "Sort by this path, - in front to descend; may be repeated", "PATH");
        var select = Options.Texts("--select", "Only this member of the data; may be repeated", "MEMBER");
        var keysOnly = Options.Flag("--keys-only", "Leave the data out");
        var paging = new Paging();
        var command = globals.Command(
            "query", "Prints the entities of a kind, all or those that meet a filter.", """data query Account --filter '{"city": {"eq": "Rome"}}' --order=-age""");
        command.Arguments.Add(kind);
        foreach (var option in new Option[] { filter, order, select, keysOnly }) command.Options.Add(option);
        paging.AddTo(command);
        return command.Runs(globals, Takes.Watch, async (invocation, parsed, ct) =>
        {
            var (body, fault) = await DataArguments.BodyAsync(parsed.GetValue(filter), invocation.Shell, json =>
            {
                Write(json, "order", parsed.GetValue(order));
                Write(json, "select", parsed.GetValue(select));
                if (parsed.GetValue(keysOnly)) json.WriteBoolean("keysOnly", true);
                if (paging.Limit(parsed) is { } limit) json.WriteNumber("limit", int.Parse(limit, CultureInfo.InvariantCulture));
                if (paging.Cursor(parsed) is { } cursor) json.WriteString("cursor", cursor);
            }, ct);
            if (fault is not null) return invocation.Usage(fault);
            var answer = await invocation.Client.PostAsync(DataArguments.Path(parsed.GetRequiredValue(kind), "query"), body, ct);
            return invocation.Show(answer, page => Paging.Print(page, Columns, invocation));
        });
    }

    private static void Write(Utf8JsonWriter json, string name, string[]? texts)
    {
        if (texts is not { Length: > 0 }) return;
        json.WriteStartArray(name);
        foreach (var text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
