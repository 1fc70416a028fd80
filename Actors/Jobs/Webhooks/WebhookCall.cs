using System.Globalization;
using ActorPerf.Tracing;

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
        var request = new WebhookRequest(delivery.Url, name, seconds, signature, body) { TraceParent = job?.Row.TraceParent };
        return parts.Meter is { } meter ? await PostAsync(meter, delivery, request, ct) : await parts.Post.PostAsync(request, ct);
    }

    /// <summary>A trace of its own, linked to the one that submitted the job.</summary>
    private async Task<DeliveryAnswer> PostAsync(RouteMeter meter, Delivery delivery, WebhookRequest request, CancellationToken ct)
    {
        var began = meter.Timestamp;
        var root = meter.Start(request.TraceParent, asLink: true);
        var error = "cancelled";
        int? status = null;
        try
        {
            var answer = await parts.Post.PostAsync(request with { TraceParent = Spans.TraceParent(root, request.TraceParent) }, ct);
            (status, error) = (answer.Status, answer.Status is >= 200 and < 300 ? null : answer.Status is { } other ? $"http-{other}" : answer.IsRefused ? "refused" : "unreachable");
            return answer;
        }
        finally
        {
            if (root is null) meter.Count(delivery.Namespace.Name, began, error is not null);
            else meter.End(root, delivery.Namespace.Name, status, error, delivery.Webhook);
        }
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
