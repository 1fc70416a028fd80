using ActorPerf.Cluster;
using ActorPerf.Compute;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary><see cref="IQueues"/> over the tracker (changes) and the store (reads).</summary>
internal sealed class QueueService(
    IActorRef tracker, IJobStore store, TimeProvider time, ComputeDirectory pools, FlowSettings settings, Func<bool> ended) : IQueues
{
    public async ValueTask<IReadOnlyList<QueueView>> ListAsync(Namespace ns, CancellationToken ct)
    {
        var counts = await store.CountAsync(ns, ct);
        var names = counts.Select(count => count.Queue).Concat(pools.All.Select(pool => pool.Queue)).Concat(settings.Stored)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        return await ViewAsync(names, ns, counts, ct);
    }

    public async ValueTask<QueueView> GetAsync(Namespace ns, string name, CancellationToken ct) =>
        (await ViewAsync([name], ns, await store.CountAsync(ns, ct), ct))[0];

    public async ValueTask<QueueOutcome> SetAsync(Namespace ns, string name, QueueChange change, CancellationToken ct) =>
        change.Check() is { } refusal ? new QueueOutcome.Refused(refusal) : await ChangeAsync(ns, name, change, ct);

    public ValueTask<QueueOutcome> ResetAsync(Namespace ns, string name, CancellationToken ct) => ChangeAsync(ns, name, null, ct);

    public async ValueTask<LimitPage> LimitsAsync(Namespace ns, string? after, int limit, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, JobQuery.MaxLimit);
        var keys = await store.ListLimitKeysAsync(ns, after, limit, ct);
        var now = time.GetUtcNow();
        return new LimitPage([.. keys.Select(key => View(key, now))], keys.Count == limit ? keys[^1].Key : null);
    }

    private async ValueTask<QueueOutcome> ChangeAsync(Namespace ns, string name, QueueChange? change, CancellationToken ct)
    {
        if (QueueNames.Check(name) is { } refusal) return new QueueOutcome.Refused(refusal);
        if (ended()) throw new StoreUnavailableException("The node has stopped.");
        var reply = new TaskCompletionSource<Refusal?>(TaskCreationOptions.RunContinuationsAsynchronously);
        tracker.Tell(new TrackerCommand.SetQueue(name, change, reply));
        return await reply.Task.WaitAsync(ct) is { } refused ? new QueueOutcome.Refused(refused) : new QueueOutcome.Done(await GetAsync(ns, name, ct));
    }

    private async ValueTask<IReadOnlyList<QueueView>> ViewAsync(string[] names, Namespace ns, IReadOnlyList<JobCount> counts, CancellationToken ct)
    {
        var oldest = await store.OldestWaitingAsync(ns, ct);
        var now = time.GetUtcNow();
        var views = new List<QueueView>(names.Length);
        foreach (var name in names)
        {
            var states = counts.Where(count => count.Queue == name).GroupBy(count => count.State).ToDictionary(group => group.Key, group => group.Sum(count => count.Count));
            TimeSpan? age = oldest.TryGetValue(name, out var since) && now > since ? now - since : null;
            var load = pools.Find(name)?.Meter.Read() ?? default;
            views.Add(new QueueView(name, states, age, load.Routees, load.Busy)
            {
                Limits = settings.Of(name),
                IsOverridden = settings.Overrides(name) is not null,
            });
        }
        return views;
    }

    private LimitView View(KeyUse key, DateTimeOffset now)
    {
        var limit = settings.OfKey(key.Key, key.Queue ?? "");
        var usedUp = (limit.Concurrency > 0 && key.Running >= limit.Concurrency) || (!limit.Rate.IsNone && key.Starts.Free(limit.Rate, now) == 0);
        return new LimitView(key.Key, key.Running, key.Queued, usedUp ? key.Queued : 0, limit);
    }
}
