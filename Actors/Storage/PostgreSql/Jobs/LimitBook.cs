using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>What a transaction changes of limit keys, and whom the store has to wake because of it.</summary>
/// <remarks>Counts change by differences, in rows that are locked last and in their order, so that transactions wait for each other there and never in a circle. Which queues wait for a key is
/// asked when its row is locked: a claim that blocks a job of the key has the same lock, so either it saw what became free, or it is seen here.</remarks>
internal sealed class LimitBook
{
    private readonly SortedDictionary<(string Namespace, string Key), Limit> _limits = new(Comparer<(string Namespace, string Key)>.Create(
        static (a, b) => string.CompareOrdinal(a.Namespace, b.Namespace) is var order and not 0 ? order : string.CompareOrdinal(a.Key, b.Key)));
    private readonly List<Event> _events = [];
    private readonly Dictionary<(string, string), List<string>> _lines = [];

    public IEnumerable<Limit> Changed => _limits.Values;

    public bool IsEmpty => _limits.Count == 0;

    /// <summary>A job was stored.</summary>
    public void Added(JobRow row)
    {
        if (row.LimitKey is not { } key) return;
        var limit = Of(row.Namespace, key);
        if (row.State == JobState.Queued) limit.Queued++;
        if (row.State.IsActive) limit.Running++;
        limit.Queue = row.Queue;
    }

    /// <summary>A job moved.</summary>
    public void Moved(JobWrite write, JobRow was, JobRow next, bool wasBlocked)
    {
        if (was.State.IsActive && !next.State.IsActive) _events.Add(new Event(write, was.Queue, null, null));
        if (was.LimitKey is not { } key) return;
        var limit = Of(was.Namespace, key);
        limit.Queued += (next.State == JobState.Queued ? 1 : 0) - (was.State == JobState.Queued ? 1 : 0);
        limit.Running += (next.State.IsActive ? 1 : 0) - (was.State.IsActive ? 1 : 0);
        if (was.State.IsActive && !next.State.IsActive) _events.Add(new Event(write, null, was.Namespace.Name, key));
        if (was.State == JobState.Queued && !next.State.IsActive && !wasBlocked) _events.Add(new Event(write, was.Queue, was.Namespace.Name, key));
    }

    /// <summary>A claim counted starts under the key's rate. Queues beside its own that wait for the key look again when the rate lets more start.</summary>
    public void Started(JobWrite write, FlowKey key, string queue)
    {
        Of(key.Namespace, key.Name).Starts = key.Starts;
        _events.Add(new Event(write, null, key.Namespace.Name, key.Name) { Except = queue });
    }

    /// <summary>A queue is to be looked at, whatever waits there.</summary>
    public void Wake(JobWrite write, string queue) => _events.Add(new Event(write, queue, null, null) { Always = true });

    /// <summary>Jobs of the key are blocked in the queue.</summary>
    public void AddLine(string ns, string key, string queue)
    {
        if (!_lines.TryGetValue((ns, key), out var queues)) _lines.Add((ns, key), queues = []);
        queues.Add(queue);
    }

    /// <summary>After the commit: names the queues in the writes that made room for them.</summary>
    public void TellWakes(FlowSignals signals)
    {
        foreach (var happened in _events)
        {
            if (happened.Key is null)
            {
                if (happened.Always || signals.IsStalled(happened.Queue!)) Tell(happened.Write, happened.Queue!);
                continue;
            }
            foreach (var queue in _lines.GetValueOrDefault((happened.Namespace!, happened.Key)) ?? [])
                if ((happened.Queue is null || happened.Queue == queue) && queue != happened.Except) Tell(happened.Write, queue);
        }
    }

    private static void Tell(JobWrite write, string queue) => write.Wakes = [.. write.Wakes ?? [], queue];

    private Limit Of(Namespace ns, string key)
    {
        if (!_limits.TryGetValue((ns.Name, key), out var limit)) _limits.Add((ns.Name, key), limit = new Limit(ns.Name, key));
        return limit;
    }

    /// <summary>A limit key that changes.</summary>
    internal sealed class Limit(string ns, string key)
    {
        public string Namespace { get; } = ns;
        public string Key { get; } = key;
        public long Running { get; set; }
        public long Queued { get; set; }

        /// <summary>Of its newest job; null where none was stored.</summary>
        public string? Queue { get; set; }

        /// <summary>Null where they stay.</summary>
        public RateWindow? Starts { get; set; }
    }

    /// <param name="Queue">With a key: only this queue is concerned.</param>
    private sealed record Event(JobWrite Write, string? Queue, string? Namespace, string? Key)
    {
        public string? Except { get; init; }

        public bool Always { get; init; }
    }
}
