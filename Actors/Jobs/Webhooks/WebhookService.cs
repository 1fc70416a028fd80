using System.Security.Cryptography;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Webhooks;

/// <summary><see cref="IWebhooks"/> over the store: every change is one transaction, so nothing stands between.</summary>
internal sealed class WebhookService(IWebhookStore store, TimeProvider time, ITaskCatalog tasks, WebhookAddresses addresses) : IWebhooks
{
    private const int MaxPage = 500;

    public async ValueTask<IReadOnlyList<Webhook>> ListAsync(Namespace ns, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        return [.. (await store.ListAsync(ns, ct)).Select(row => WebhookRules.View(row, now))];
    }

    public async ValueTask<Webhook?> GetAsync(Namespace ns, string name, CancellationToken ct) =>
        await store.ReadAsync(ns, name, ct) is { } row ? WebhookRules.View(row, time.GetUtcNow()) : null;

    public async ValueTask<WebhookReply> PutAsync(Namespace ns, string name, WebhookDefinition definition, CancellationToken ct)
    {
        if (WebhookRules.Fault(name, definition, tasks, addresses) is { } refusal) return new WebhookReply.Refused(refusal);
        var (now, generated, wasThere, isFull) = (time.GetUtcNow(), WebhookSecret.Generate(), false, false);
        var row = await store.ChangeAsync(ns, name, (before, count) =>
        {
            wasThere = before is not null;
            isFull = before is null && name != WebhookRow.Callback && count >= WebhookRow.MaxOfNamespace;
            return isFull ? null : WebhookRules.Put(before, ns, name, definition, generated, now);
        }, ct);
        if (isFull || row is null)
            return new WebhookReply.Refused(new Refusal("state-conflict", $"This namespace has {WebhookRow.MaxOfNamespace} webhooks, the most there may be. Delete one first."));
        return new WebhookReply.Done(WebhookRules.View(row, now), !wasThere, definition.Secret ?? (wasThere ? null : generated.Text));
    }

    public async ValueTask<WebhookReply?> DeleteAsync(Namespace ns, string name, CancellationToken ct)
    {
        if (name == WebhookRow.Callback)
            return new WebhookReply.Refused(new Refusal("state-conflict", "'callback' stands for what jobs name themselves, and cannot be deleted. Rotate its secret, or pause it."));
        if (await GetAsync(ns, name, ct) is not { } webhook || !await store.DeleteAsync(ns, name, ct)) return null;
        return new WebhookReply.Done(webhook, false, null);
    }

    public async ValueTask<WebhookReply?> RotateAsync(Namespace ns, string name, CancellationToken ct)
    {
        var (now, generated) = (time.GetUtcNow(), WebhookSecret.Generate());
        var row = await store.ChangeAsync(ns, name, (before, _) =>
            before is not null ? WebhookRules.Rotate(before, generated, now) : name == WebhookRow.Callback ? WebhookRules.Callbacks(ns, generated, now) : null, ct);
        return row is null ? null : new WebhookReply.Done(WebhookRules.View(row, now), false, generated.Text);
    }

    public async ValueTask<DeliveryReply?> TestAsync(Namespace ns, string name, CancellationToken ct)
    {
        if (name == WebhookRow.Callback)
            return new DeliveryReply.Refused(new Refusal("state-conflict", "'callback' has no address of its own. Submit a job with a callback to try it."));
        if (await store.ReadAsync(ns, name, ct) is not { } row) return null;
        var test = DeliveryRules.Test(row, NewId(), time.GetUtcNow());
        await store.AddAsync(test, ct);
        return new DeliveryReply.Done(test);
    }

    public async ValueTask<DeliveryPage?> DeliveriesAsync(Namespace ns, string name, long? before, int limit, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxPage);
        if (name != WebhookRow.Callback && await store.ReadAsync(ns, name, ct) is null) return null;
        return await store.ListDeliveriesAsync(ns, name, before, limit, ct);
    }

    public ValueTask<Delivery?> RedeliverAsync(Namespace ns, string name, Guid id, CancellationToken ct) => store.RedeliverAsync(ns, name, id, time.GetUtcNow(), ct);

    public ValueTask<IReadOnlyList<Delivery>> DeliveriesOfAsync(Namespace ns, JobId job, CancellationToken ct) => store.DeliveriesOfAsync(ns, job, ct);

    private static Guid NewId()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        return new Guid(bytes);
    }
}
