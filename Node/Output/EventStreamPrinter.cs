using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Commands;

namespace ActorPerf.Node.Output;

/// <summary>Prints events as they come: a line each; as JSON one array, so that the whole stays one document however it ends.</summary>
internal sealed class EventStreamPrinter(Invocation invocation)
{
    private bool _any;

    /// <param name="worded">The event in words, for a table; a line each.</param>
    public void Print(NodeEvent item, params ReadOnlySpan<string> worded)
    {
        if (invocation.Printer.IsTable)
        {
            foreach (var line in worded) invocation.Printer.Line(Visible.Of(line));
        }
        else if (invocation.Printer.Format == OutputFormat.Ndjson) invocation.Printer.Line(AsJson(item));
        else invocation.Printer.Line((_any ? "," : "[") + AsJson(item));
        _any = true;
    }

    public void Close()
    {
        if (invocation.Printer.Format == OutputFormat.Json) invocation.Printer.Line(_any ? "]" : "[]");
    }

    private static string AsJson(NodeEvent item) => JsonText.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("event", item.Kind);
        if (item.Id is { Length: > 0 } id) json.WriteString("id", id);
        json.WritePropertyName("data");
        if (item.Data.ValueKind == JsonValueKind.Undefined) json.WriteNullValue();
        else JsonText.Copy(item.Data, json);
        json.WriteEndObject();
    }, indented: false);
}
