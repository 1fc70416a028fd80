using System.Collections.Immutable;

namespace ActorPerf.Jobs;

/// <summary>Limits as this node knows them: the configuration's, and what is stored over them. The store alone decides; this is for hints and for people.</summary>
/// <remarks>Read by any thread; changed by the tracker when a change has been committed.</remarks>
public sealed class FlowSettings
{
    private readonly Func<string, QueueOptions> _queues;
    private readonly Dictionary<string, KeyLimit> _keys;
    private ImmutableDictionary<string, QueueOverrides> _stored;

    /// <param name="queues">The configuration of a queue.</param>
    /// <param name="keys">Limits of named keys.</param>
    /// <param name="stored">As the store has them at the start.</param>
    public FlowSettings(Func<string, QueueOptions> queues, IEnumerable<KeyValuePair<string, LimitOptions>> keys, IEnumerable<KeyValuePair<string, QueueOverrides>> stored)
    {
        _queues = queues;
        _keys = keys.ToDictionary(key => key.Key, key => key.Value.ToLimit(), StringComparer.Ordinal);
        _stored = stored.ToImmutableDictionary(StringComparer.Ordinal);
    }

    /// <summary>Queues for which something is stored.</summary>
    public IEnumerable<string> Stored => Volatile.Read(ref _stored).Keys;

    /// <summary>What the configuration says, for a claim to carry; null where it says nothing.</summary>
    public ClaimLimits? Configured(string queue)
    {
        var limits = _queues(queue).Limits;
        return limits.IsNone && _keys.Count == 0 ? null : new ClaimLimits(limits, _keys);
    }

    /// <summary>What is stored for a queue; null for nothing.</summary>
    public QueueOverrides? Overrides(string queue) => Volatile.Read(ref _stored).GetValueOrDefault(queue);

    /// <summary>What holds for a queue.</summary>
    public QueueLimits Of(string queue)
    {
        var configured = _queues(queue).Limits;
        return Overrides(queue)?.Over(configured) ?? configured;
    }

    /// <summary>What holds for a key in a queue.</summary>
    public KeyLimit OfKey(string key, string queue)
    {
        if (_keys.TryGetValue(key, out var named)) return named;
        var limits = Of(queue);
        return new KeyLimit(limits.KeyConcurrency, limits.KeyRate);
    }

    /// <summary>Whether jobs of the queue without a limit key may start unasked.</summary>
    public bool IsOpen(string queue) => Of(queue) is { Paused: false, Concurrency: 0, Rate.IsNone: true };

    /// <summary>Everything that is stored.</summary>
    internal void Store(IReadOnlyDictionary<string, QueueOverrides> now) => Volatile.Write(ref _stored, now.ToImmutableDictionary(StringComparer.Ordinal));

    internal void Store(string queue, QueueOverrides now) =>
        Volatile.Write(ref _stored, now.IsNone ? _stored.Remove(queue) : _stored.SetItem(queue, now));
}
