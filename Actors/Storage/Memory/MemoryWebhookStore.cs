using ActorPerf.Jobs;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Memory;

/// <summary>Webhooks in memory, under the job store's lock: gone with the process.</summary>
/// <param name="gate">Of the job store, whose moves write deliveries.</param>
/// <param name="random">Of their ids.</param>
internal sealed class MemoryWebhookStore(Lock gate, Random random) : IWebhookStore
{
    private const int MaxOfJob = 500;

    private readonly WebhookBook _book = new();
    private readonly SortedDictionary<long, Delivery> _deliveries = [];
    private long _seq;

    public event Action? Arrived;

    /// <summary>Rows written under the lock that the sender was not told of.</summary>
    public bool HasNews { get; private set; }

    public ValueTask<IReadOnlyList<WebhookRow>> ListAsync(Namespace ns, CancellationToken ct)
    {
        lock (gate) return new([.. _book.Of(ns).OrderBy(row => row.Name, StringComparer.Ordinal)]);
    }

    public ValueTask<WebhookRow?> ReadAsync(Namespace ns, string name, CancellationToken ct)
    {
        lock (gate) return new(_book.Find(ns, name));
    }

    public ValueTask<WebhookRow?> ChangeAsync(Namespace ns, string name, Func<WebhookRow?, int, WebhookRow?> change, CancellationToken ct)
    {
        lock (gate)
        {
            var before = _book.Find(ns, name);
            if (change(before, _book.CountOf(ns)) is not { } row) return new(before);
            Put(before, row);
            Tell();
            return new(row);
        }
    }

    public ValueTask<bool> DeleteAsync(Namespace ns, string name, CancellationToken ct)
    {
        lock (gate)
        {
            if (_book.Find(ns, name) is null) return new(false);
            _book.Remove(ns, name);
            foreach (var delivery in Of(ns, name).ToArray()) _deliveries.Remove(delivery.Seq);
            return new(true);
        }
    }

    public ValueTask<DueDeliveries> ReadDueAsync(DateTimeOffset now, IReadOnlyCollection<string> exceptHosts, int limit, CancellationToken ct)
    {
        lock (gate)
        {
            var pending = _deliveries.Values.Where(delivery => delivery.State == DeliveryState.Pending).ToArray();
            var first = pending.Where(delivery => delivery.JobSeq == 0)
                .Concat(pending.Where(delivery => delivery.JobSeq != 0).GroupBy(delivery => (delivery.JobSeq, delivery.Webhook)).Select(group => group.First()));
            return new(new DueDeliveries(
                [.. first.Where(delivery => delivery.DueAt <= now && !exceptHosts.Contains(delivery.Host) && _book.Find(delivery.Namespace, delivery.Webhook) is not { Paused: true })
                    .OrderBy(delivery => delivery.DueAt).Take(limit)],
                pending.Where(delivery => delivery.DueAt > now).Min(delivery => (DateTimeOffset?)delivery.DueAt)));
        }
    }

    public ValueTask WriteAsync(DeliveryOutcome outcome, CancellationToken ct)
    {
        lock (gate)
        {
            var (before, after) = (outcome.Before, outcome.After);
            if (!_deliveries.TryGetValue(before.Seq, out var now) || now.State != DeliveryState.Pending || now.Attempts != before.Attempts) return default;
            _deliveries[before.Seq] = after with { Url = now.Url };
            if (!outcome.IsGone || after.Webhook == WebhookRow.Callback || after.EndedAt is not { } at || _book.Find(after.Namespace, after.Webhook) is not { } row) return default;
            Put(row, WebhookRules.Gone(row, at));
            foreach (var other in Of(after.Namespace, after.Webhook).Where(delivery => delivery.State == DeliveryState.Pending).ToArray())
                _deliveries[other.Seq] = other with { State = DeliveryState.Failed, Error = after.Error, EndedAt = at };
        }
        return default;
    }

    public ValueTask AddAsync(Delivery delivery, CancellationToken ct)
    {
        lock (gate)
        {
            Add(delivery);
            Tell();
        }
        return default;
    }

    public ValueTask<Delivery?> RedeliverAsync(Namespace ns, string webhook, Guid id, DateTimeOffset now, CancellationToken ct)
    {
        lock (gate)
        {
            if (Of(ns, webhook).FirstOrDefault(delivery => delivery.Id == id) is not { } found) return new((Delivery?)null);
            var again = DeliveryRules.Again(found, _book.Find(ns, webhook) is { Url.Length: > 0 } row ? row.Url : found.Url, now);
            _deliveries[again.Seq] = again;
            HasNews = true;
            Tell();
            return new(again);
        }
    }

    public ValueTask<DeliveryPage> ListDeliveriesAsync(Namespace ns, string webhook, long? before, int limit, CancellationToken ct)
    {
        lock (gate)
        {
            Delivery[] items = [.. Of(ns, webhook).Where(delivery => delivery.Seq < (before ?? long.MaxValue)).Reverse().Take(limit)];
            return new(new DeliveryPage(items, items.Length == limit ? items[^1].Seq : null));
        }
    }

    public ValueTask<IReadOnlyList<Delivery>> DeliveriesOfAsync(Namespace ns, JobId job, CancellationToken ct)
    {
        lock (gate) return new([.. _deliveries.Values.Where(delivery => delivery.Namespace == ns && delivery.Job == job).Take(MaxOfJob)]);
    }

    /// <summary>Under the lock: writes what a move is told to.</summary>
    public void Moved(JobRow was, Job next, DateTimeOffset now)
    {
        if (!_book.Concerns(next.Row)) return;
        foreach (var delivery in _book.Deliveries(was, next.Row, now, random, () => next.Args)) Add(delivery);
    }

    /// <summary>Under the lock: the move at this time did not take place.</summary>
    public void Undo(JobRow next)
    {
        foreach (var delivery in _deliveries.Values.Where(delivery => delivery.JobSeq == next.Seq && delivery.Event == next.State).ToArray()) _deliveries.Remove(delivery.Seq);
    }

    /// <summary>Under the lock: whether a delivery of the job is pending.</summary>
    public bool IsOwed(long jobSeq) => _deliveries.Values.Any(delivery => delivery.JobSeq == jobSeq && delivery.State == DeliveryState.Pending);

    /// <summary>Under the lock.</summary>
    public int Prune(DateTimeOffset now, int limit)
    {
        var over = _deliveries.Values.Where(delivery => delivery.EndedAt is { } ended
            && ended < now - (delivery.State == DeliveryState.Delivered ? DeliveryRules.KeepDelivered : DeliveryRules.KeepFailed)).Take(limit).ToArray();
        foreach (var delivery in over) _deliveries.Remove(delivery.Seq);
        return over.Length;
    }

    /// <summary>Under the lock, after a write.</summary>
    public void Tell()
    {
        if (!HasNews) return;
        HasNews = false;
        Arrived?.Invoke();
    }

    private void Add(Delivery delivery)
    {
        _deliveries.Add(++_seq, delivery with { Seq = _seq });
        HasNews = true;
    }

    private void Put(WebhookRow? before, WebhookRow row)
    {
        _book.Put(row);
        HasNews = true;
        if (before is null || before.Url == row.Url) return;
        foreach (var delivery in Of(row.Namespace, row.Name).Where(delivery => delivery.State == DeliveryState.Pending).ToArray()) _deliveries[delivery.Seq] = delivery with { Url = row.Url };
    }

    private IEnumerable<Delivery> Of(Namespace ns, string webhook) => _deliveries.Values.Where(delivery => delivery.Namespace == ns && delivery.Webhook == webhook);
}
