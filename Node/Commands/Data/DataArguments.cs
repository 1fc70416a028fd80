using System.CommandLine;
using System.Text;
using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>What the commands about entities share.</summary>
internal static class DataArguments
{
    public static Argument<string> Kind() => new("KIND") { Description = "The kind, such as Account" };

    public static Argument<string> Id() => new("ID") { Description = "The entity's id: a number, a UUID or another text" };

    public static Option<string?> Filter() => Options.Text("--filter", """Only those that meet it: '{"city": {"eq": "Rome"}}', @FILE or -""", "JSON");

    public static string Path(string kind, string idOrCall) => $"{Api.Root}data/{Uri.EscapeDataString(kind)}/{Uri.EscapeDataString(idOrCall)}";

    /// <summary>Facts of an entity, and its data in full.</summary>
    public static void Print(JsonElement entity, Printer printer) => printer.Document(entity, () =>
    {
        printer.Facts(("kind", entity.Text("kind")), ("id", entity.Text("id")), ("version", entity.Text("version")), ("updated at", entity.Text("updatedAt")));
        if (entity.TryGetProperty("data", out var data)) printer.Line(JsonText.Pretty(data));
    });

    /// <summary>The body <c>{…, "filter": …}</c>; the filter as it was written.</summary>
    public static async Task<(ReadOnlyMemory<byte> Body, string? Fault)> BodyAsync(string? filter, Shell shell, Action<Utf8JsonWriter> others, CancellationToken ct)
    {
        ReadOnlyMemory<byte>? condition = null;
        if (filter is not null)
        {
            var (json, fault) = await JsonArguments.ReadAsync(filter, shell, ct);
            if (fault is not null) return (default, fault);
            condition = json;
        }
        return (JsonText.Body(json =>
        {
            json.WriteStartObject();
            if (condition is { } written)
            {
                json.WritePropertyName("filter");
                json.WriteRawValue(Encoding.UTF8.GetString(written.Span));
            }
            others(json);
            json.WriteEndObject();
        }), null);
    }
}
