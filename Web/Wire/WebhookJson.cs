using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Webhooks;

namespace ActorPerf.Web.Wire;

/// <summary>Webhooks and their deliveries as JSON.</summary>
internal static class WebhookJson
{
    private static readonly JsonEncodedText Q = JsonEncodedText.Encode("q");
    private static readonly JsonEncodedText Url = JsonEncodedText.Encode("url");
    private static readonly JsonEncodedText Events = JsonEncodedText.Encode("events");
    private static readonly JsonEncodedText Gone = JsonEncodedText.Encode("gone");
    private static readonly JsonEncodedText Secret = JsonEncodedText.Encode("secret");
    private static readonly JsonEncodedText OldSecretUntil = JsonEncodedText.Encode("oldSecretUntil");
    private static readonly JsonEncodedText Webhook = JsonEncodedText.Encode("webhook");
    private static readonly JsonEncodedText DueAt = JsonEncodedText.Encode("dueAt");
    private static readonly JsonEncodedText EndedAt = JsonEncodedText.Encode("endedAt");
    private static readonly JsonEncodedText Response = JsonEncodedText.Encode("response");

    /// <param name="secret">Where the answer shows it; null leaves the member out.</param>
    public static void WriteWebhook(this Utf8JsonWriter json, Webhook webhook, string? secret = null)
    {
        json.WriteStartObject();
        json.WriteString(N.Name, webhook.Name);
        json.WriteString(N.Namespace, webhook.Namespace.Name);
        json.WriteText(Url, webhook.Url);
        json.WriteString(Q, webhook.Query);
        json.WriteStartArray(Events);
        foreach (var state in webhook.Events) json.WriteStringValue(state.Word);
        json.WriteEndArray();
        json.WriteBoolean(N.Paused, webhook.Paused);
        json.WriteBoolean(Gone, webhook.Gone);
        if (secret is not null) json.WriteString(Secret, secret);
        json.WriteTime(OldSecretUntil, webhook.SecretUntil);
        json.WriteTime(N.CreatedAt, webhook.CreatedAt);
        json.WriteTime(N.UpdatedAt, webhook.UpdatedAt);
        json.WriteNumber(N.Version, webhook.Version);
        json.WriteEndObject();
    }

    public static void WriteDelivery(this Utf8JsonWriter json, Delivery delivery)
    {
        json.WriteStartObject();
        json.WriteString(N.Id, delivery.Id);
        json.WriteString(Webhook, delivery.Webhook);
        json.WriteString(N.Type, delivery.Type);
        json.WriteText(N.Job, delivery.Job?.ToString());
        json.WriteText(N.Task, delivery.Task);
        json.WriteString(Url, delivery.Url);
        json.WriteString(N.State, delivery.State switch { DeliveryState.Pending => "pending", DeliveryState.Delivered => "delivered", _ => "failed" });
        json.WriteNumber(N.Attempts, delivery.Attempts);
        if (delivery.Status is { } status) json.WriteNumber(N.Status, status);
        else json.WriteNull(N.Status);
        json.WriteText(Response, delivery.Response);
        json.WriteText(N.Error, delivery.Error);
        json.WriteTime(N.At, delivery.At);
        json.WriteTime(DueAt, delivery.State == DeliveryState.Pending ? delivery.DueAt : null);
        json.WriteTime(EndedAt, delivery.EndedAt);
        json.WriteEndObject();
    }
}
