using System.CommandLine;
using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>What the commands about webhooks share.</summary>
internal static class WebhookPaths
{
    public static readonly Column[] Columns =
    [
        Column.Of("NAME", "name"), Column.Of("URL", "url"), Column.Of("Q", "q"), new("EVENTS", Events),
        new("STATE", webhook => webhook.Flag("gone") ? "gone" : webhook.Flag("paused") ? "paused" : ""),
    ];

    public static readonly Column[] DeliveryColumns =
    [
        Column.Of("ID", "id"), Column.Of("TYPE", "type"), Column.Of("JOB", "job"), Column.Of("STATE", "state"), Column.Of("ATTEMPTS", "attempts"), Column.Of("STATUS", "status"),
        Column.Of("AT", "at"), Column.Of("NEXT", "dueAt"), Column.Of("ERROR", "error"),
    ];

    public static Argument<string> Name() => new("NAME") { Description = "The webhook's name; 'callback' for what jobs name themselves" };

    public static string Path(string name) => $"{Api.Root}webhooks/{Uri.EscapeDataString(name)}";

    /// <summary>A webhook that was changed; its secret where the answer shows it, which it does once.</summary>
    public static void Print(JsonElement webhook, Invocation invocation) => invocation.Printer.Document(webhook, () =>
    {
        invocation.Printer.Line(Visible.Of($"{webhook.Text("name")}: {Events(webhook)} to {(webhook.Text("url") is { Length: > 0 } url ? url : "what each job names")}"));
        if (webhook.Text("secret") is not { Length: > 0 } secret) return;
        invocation.Printer.Line(secret);
        invocation.Say("Keep the secret now: it is not shown again.");
    });

    public static void PrintDelivery(JsonElement delivery, Printer printer) =>
        printer.Document(delivery, () => printer.Line(Visible.Of($"{delivery.Text("id")} {delivery.Text("type")} {delivery.Text("state")}")));

    private static string Events(JsonElement webhook) => string.Join(",", webhook.Items("events").Select(word => word.GetString()));
}
