using ActorPerf.Jobs;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Tasks;
using ActorPerf.Web.Console.Live;

namespace ActorPerf.Web.Console.Pages;

public sealed record WebhooksModel(IReadOnlyList<Webhook> Webhooks)
{
    /// <summary>All there is to see: webhooks change when somebody changes them, and a page is built again then.</summary>
    public string Shape => Shapes.Of(Webhooks.Select(WebhookModel.ShapeOf));

    public LiveState Live() => new() { Shape = Shape };
}

/// <summary>One webhook and what was sent.</summary>
/// <param name="Secret">Shown this once; null otherwise.</param>
/// <param name="Cursor">Where its page of deliveries begins; null at the newest.</param>
public sealed record WebhookModel(Webhook Webhook, IReadOnlyList<Delivery> Deliveries, string? Older, string? Secret, long? Cursor)
{
    /// <summary>Not while a secret stands there that no other answer shows.</summary>
    public bool IsLive => Secret is null;

    public string Shape => Shapes.Of(ShapeOf(Webhook), $"{Webhook.SecretUntil is not null}", $"{Deliveries.Count == 0}", Older is null ? "all" : "more");

    internal static string ShapeOf(Webhook webhook) => string.Join('\t', webhook.Name, Words.Exact(webhook.UpdatedAt), webhook.Paused, webhook.Gone);

    public LiveState Live(Links links) => new()
    {
        Shape = Shape,
        Rows = new Dictionary<string, IReadOnlyList<LiveRow>> { ["deliveries"] = [.. Deliveries.Select(delivery => new DeliveryLine(delivery).Live(links))] },
    };

    public string State => Webhook.Gone ? "gone" : Webhook.Paused ? "paused" : "on";

    public string Sentence => Webhook switch
    {
        { Gone: true } => "The receiver answered 410: nothing more is written for it until it is saved again.",
        { Paused: true } => "Deliveries are written and wait until it is resumed.",
        { Name: WebhookRow.Callback } => "Tells the addresses that jobs name themselves (callback).",
        _ => $"Tells {Webhook.Url}",
    };
}

/// <summary>A webhook's form.</summary>
/// <param name="Existing">Its name cannot be changed; null for a new one.</param>
public sealed record WebhookForm(string? Existing, string Url, string Query, IReadOnlyList<JobState> Events, bool Paused)
{
    /// <summary>As it was entered for a new one.</summary>
    public string Name { get; init; } = "";

    public IReadOnlyList<FieldFault> Faults { get; init; } = [];

    /// <summary>Why it was refused; null before it was sent.</summary>
    public string? Refusal { get; init; }

    public string? Fault(string name) => string.Join(' ', Faults.Where(fault => fault.Pointer == "/" + name).Select(fault => fault.Message)) is { Length: > 0 } text ? text : null;

    internal static WebhookForm Posted(ConsoleRequest request) => new(
        request.Field("existing"), request.Field("url")?.Trim() ?? "", request.Field("q")?.Trim() ?? "",
        [.. request.Fields("event").Select(word => JobStates.TryParse(word, out var state) ? state : (JobState?)null).OfType<JobState>()], request.Field("paused") is not null);

    internal WebhookDefinition Definition(string? secret) => new() { Url = Url.Length == 0 ? null : Url, Query = Query, Events = Events, Paused = Paused, Secret = string.IsNullOrEmpty(secret) ? null : secret };
}
