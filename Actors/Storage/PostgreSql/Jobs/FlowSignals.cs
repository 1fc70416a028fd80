using System.Collections.Concurrent;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>What the lanes of a node tell each other about limits. Only hints: the rows decide.</summary>
internal sealed class FlowSignals
{
    private readonly ConcurrentDictionary<string, bool> _limited = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _stalled = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (string Namespace, string Key)> _lastLines = new(StringComparer.Ordinal);

    private readonly Lock _gate = new();
    private (string Namespace, string Key) _lastPruned = ("", "");

    /// <summary>The latest claim found that something may hold jobs of the queue back.</summary>
    public bool IsLimited(string queue) => _limited.ContainsKey(queue);

    public void SetLimited(string queue, bool limited) => Set(_limited, queue, limited);

    /// <summary>A claim found more jobs than the queue's concurrency let run, or is looking: the end of a run is news for it.</summary>
    public bool IsStalled(string queue) => _stalled.ContainsKey(queue);

    public void SetStalled(string queue, bool stalled) => Set(_stalled, queue, stalled);

    /// <summary>The last limit key that a claim of the queue looked at, where there were more than one claim looks at; null to begin with the first.</summary>
    public (string Namespace, string Key)? LastLine(string queue) => _lastLines.TryGetValue(queue, out var line) ? line : null;

    public void SetLastLine(string queue, (string Namespace, string Key)? line)
    {
        if (line is { } last) _lastLines[queue] = last;
        else _lastLines.TryRemove(queue, out _);
    }

    /// <summary>The last limit key whose starts were looked at for those that are over; empty to begin with the first.</summary>
    public (string Namespace, string Key) LastPruned
    {
        get
        {
            lock (_gate) return _lastPruned;
        }

        set
        {
            lock (_gate) _lastPruned = value;
        }
    }

    private static void Set(ConcurrentDictionary<string, bool> queues, string queue, bool value)
    {
        if (value) queues[queue] = true;
        else queues.TryRemove(queue, out _);
    }
}
