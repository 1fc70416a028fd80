using System.Globalization;

namespace ActorPerf.Jobs.Webhooks;

/// <summary>One attempt of a delivery: the job and the secrets as they are now, the body, the signatures, the request.</summary>
internal sealed class WebhookCall(WebhookParts parts)
{
    /// <exception cref="Cluster.StoreUnavailableException">The store could not be read: no attempt was made.</exception>
    public async Task<DeliveryAnswer> SendAsync(Delivery delivery, CancellationToken ct)
    {
        if (await WebhookAsync(delivery, ct) is not { } webhook) return new DeliveryAnswer(null, Error: "The webhook was deleted.", IsRefused: true);
        var job = delivery.Job is { } id ? await parts.ReadJob(delivery.Namespace, id, ct) : null;
        var body = WebhookBody.Write(delivery, job, parts.Address);
        var (name, now) = (delivery.Id.ToString("D", CultureInfo.InvariantCulture), parts.Time.GetUtcNow());
        var seconds = now.ToUnixTimeSeconds();
        var signature = WebhookSignature.Of(webhook.Secrets, now, name, seconds, body.Span);
        return await parts.Post.PostAsync(new WebhookRequest(delivery.Url, name, seconds, signature, body), ct);
    }

    /// <summary>The first callback of a namespace makes its secret.</summary>
    private async Task<WebhookRow?> WebhookAsync(Delivery delivery, CancellationToken ct)
    {
        if (await parts.Store.ReadAsync(delivery.Namespace, delivery.Webhook, ct) is { } webhook) return webhook;
        if (delivery.Webhook != WebhookRow.Callback) return null;
        var (generated, now) = (WebhookSecret.Generate(), parts.Time.GetUtcNow());
        return await parts.Store.ChangeAsync(
            delivery.Namespace, WebhookRow.Callback, (before, _) => before ?? WebhookRules.Callbacks(delivery.Namespace, generated, now), ct);
    }
}
