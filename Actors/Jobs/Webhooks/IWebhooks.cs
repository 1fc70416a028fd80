using ActorPerf.Cluster;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Webhooks;

/// <summary>The front door to webhooks. Another namespace's webhook is absent, not an error.</summary>
/// <remarks>Expected refusals are answers; <see cref="StoreUnavailableException"/> means that a change may or may not have become durable: repeat it.</remarks>
public interface IWebhooks
{
    /// <summary>All of a namespace, in order of name: at most 100, and <see cref="WebhookRow.Callback"/> once it has a secret.</summary>
    ValueTask<IReadOnlyList<Webhook>> ListAsync(Namespace ns, CancellationToken ct);

    /// <summary>Null where there is none.</summary>
    ValueTask<Webhook?> GetAsync(Namespace ns, string name, CancellationToken ct);

    /// <summary>Adds a webhook or replaces it. Without a secret one is made; the answer alone shows it.</summary>
    ValueTask<WebhookReply> PutAsync(Namespace ns, string name, WebhookDefinition definition, CancellationToken ct);

    /// <summary>Deletes a webhook and its deliveries; null where there is none.</summary>
    ValueTask<WebhookReply?> DeleteAsync(Namespace ns, string name, CancellationToken ct);

    /// <summary>Makes a new secret, which the answer alone shows; the old one stays good for 24 hours. Null where there is no such webhook.</summary>
    ValueTask<WebhookReply?> RotateAsync(Namespace ns, string name, CancellationToken ct);

    /// <summary>Sends a test event, as a delivery like any other; null where there is no such webhook.</summary>
    ValueTask<DeliveryReply?> TestAsync(Namespace ns, string name, CancellationToken ct);

    /// <summary>Newest first; null where there is no such webhook.</summary>
    /// <param name="before">Where the page before said that the next begins.</param>
    /// <param name="limit">1 to 500.</param>
    ValueTask<DeliveryPage?> DeliveriesAsync(Namespace ns, string name, long? before, int limit, CancellationToken ct);

    /// <summary>Sends a delivery again, from its first attempt on, whatever became of it; null where there is none.</summary>
    ValueTask<Delivery?> RedeliverAsync(Namespace ns, string name, Guid id, CancellationToken ct);

    /// <summary>What was told of a job, oldest first; empty where nothing was.</summary>
    ValueTask<IReadOnlyList<Delivery>> DeliveriesOfAsync(Namespace ns, JobId job, CancellationToken ct);
}

/// <summary>A webhook as it is now, without its secrets.</summary>
/// <param name="SecretUntil">When the secret before the one in force ends; null when there is none.</param>
public sealed record Webhook(
    Namespace Namespace, string Name, string? Url, string Query, IReadOnlyList<JobState> Events, bool Paused, bool Gone, DateTimeOffset? SecretUntil,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long Version);

/// <summary>What became of a change.</summary>
public abstract record WebhookReply
{
    private WebhookReply()
    {
    }

    /// <param name="Webhook">As it is now; as it was where it was deleted.</param>
    /// <param name="IsNew">There was none before.</param>
    /// <param name="Secret">Where one was made or given; shown this once.</param>
    public sealed record Done(Webhook Webhook, bool IsNew, string? Secret) : WebhookReply
    {
        public override string ToString() => $"Done({Webhook.Name})";
    }

    public sealed record Refused(Refusal Refusal) : WebhookReply;
}

/// <summary>What became of a test.</summary>
public abstract record DeliveryReply
{
    private DeliveryReply()
    {
    }

    public sealed record Done(Delivery Delivery) : DeliveryReply;

    public sealed record Refused(Refusal Refusal) : DeliveryReply;
}
