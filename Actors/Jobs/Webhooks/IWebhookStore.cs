using ActorPerf.Cluster;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Webhooks;

/// <summary>What webhooks need stored. Deliveries of jobs are written by the job store, in the transaction of the move that they tell of.</summary>
/// <remarks>A write that throws <see cref="StoreUnavailableException"/> may have become durable all the same.</remarks>
public interface IWebhookStore
{
    /// <summary>Told after a commit of this process that wrote deliveries, or changed when some are due. Must not wait.</summary>
    event Action? Arrived;

    /// <summary>The webhooks of a namespace in order of name.</summary>
    ValueTask<IReadOnlyList<WebhookRow>> ListAsync(Namespace ns, CancellationToken ct);

    /// <summary>Null where there is none.</summary>
    ValueTask<WebhookRow?> ReadAsync(Namespace ns, string name, CancellationToken ct);

    /// <summary>Changes a webhook in one transaction; pending deliveries go to its new address. Durable when it returns.</summary>
    /// <param name="change">From the row as it is (null: none) and the number of webhooks in the namespace to the row as it is to be; null changes nothing. Pure, for it may be asked twice.</param>
    /// <returns>The row as it is now; null where there is none.</returns>
    ValueTask<WebhookRow?> ChangeAsync(Namespace ns, string name, Func<WebhookRow?, int, WebhookRow?> change, CancellationToken ct);

    /// <summary>Deletes a webhook and its deliveries. False where there is none.</summary>
    ValueTask<bool> DeleteAsync(Namespace ns, string name, CancellationToken ct);

    /// <summary>What may be sent: pending, due, with no earlier one pending of the same job and webhook, and whose webhook is not paused.</summary>
    /// <param name="exceptHosts">Hosts (with port) to leave out; at most 1,000.</param>
    /// <param name="limit">1 to 1,000.</param>
    ValueTask<DueDeliveries> ReadDueAsync(DateTimeOffset now, IReadOnlyCollection<string> exceptHosts, int limit, CancellationToken ct);

    /// <summary>Writes what came of an attempt; nothing happens where the row is not as it was read, so it can be repeated.</summary>
    ValueTask WriteAsync(DeliveryOutcome outcome, CancellationToken ct);

    /// <summary>Adds a delivery that no job wrote.</summary>
    ValueTask AddAsync(Delivery delivery, CancellationToken ct);

    /// <summary>Makes a delivery pending again, due at <paramref name="now"/>; null where there is none.</summary>
    ValueTask<Delivery?> RedeliverAsync(Namespace ns, string webhook, Guid id, DateTimeOffset now, CancellationToken ct);

    /// <summary>Deliveries of a webhook, newest first.</summary>
    /// <param name="before">Older than this <see cref="Delivery.Seq"/>; null: from the newest.</param>
    /// <param name="limit">1 to 500.</param>
    ValueTask<DeliveryPage> ListDeliveriesAsync(Namespace ns, string webhook, long? before, int limit, CancellationToken ct);

    /// <summary>Deliveries of a job to all webhooks, oldest first; at most 500.</summary>
    ValueTask<IReadOnlyList<Delivery>> DeliveriesOfAsync(Namespace ns, JobId job, CancellationToken ct);
}
