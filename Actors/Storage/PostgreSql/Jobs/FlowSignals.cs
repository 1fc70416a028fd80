using System.Collections.Concurrent;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>What the lanes of a node tell each other about limits. Only hints: the rows decide.</summary>
internal sealed class FlowSignals
{
    private readonly ConcurrentDictionary<string, bool> _limited = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _stalled = new(StringComparer.Ordinal);

    /// <summary>The latest claim found that something may hold jobs of the queue back.</summary>
    public bool IsLimited(string queue) => _limited.ContainsKey(queue);

    public void SetLimited(string queue, bool limited) => Set(_limited, queue, limited);

    /// <summary>A claim found more jobs than the queue's concurrency let run, or is looking: the end of a run is news for it.</summary>
    public bool IsStalled(string queue) => _stalled.ContainsKey(queue);

    public void SetStalled(string queue, bool stalled) => Set(_stalled, queue, stalled);

    private static void Set(ConcurrentDictionary<string, bool> queues, string queue, bool value)
    {
        if (value) queues[queue] = true;
        else queues.TryRemove(queue, out _);
    }
}
