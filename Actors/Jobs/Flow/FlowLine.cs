using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>What the book knows of a queue that is limited, or where jobs wait for their keys.</summary>
internal sealed class FlowQueue(string name)
{
    public string Name { get; } = name;

    /// <summary>The latest claim found limits of the queue itself.</summary>
    public bool Limited { get; set; }

    /// <summary>A claim found more jobs than its concurrency let run; the end of a run is news for it.</summary>
    public bool Stalled { get; set; }

    /// <summary>Starts of late, where the queue has a rate.</summary>
    public RateWindow Starts { get; set; } = new();

    /// <summary><see cref="Starts"/> differs from what is stored.</summary>
    public bool Dirty { get; set; }

    /// <summary>Lines that the next claim looks at.</summary>
    public List<FlowLine> Ready { get; } = [];

    /// <summary>Lines to look at again at a time, for their key's rate lets more start then.</summary>
    public PriorityQueue<FlowLine, DateTimeOffset> Timed { get; } = new();

    /// <summary>Every line of the queue with blocked jobs.</summary>
    public HashSet<FlowLine> Lines { get; } = [];
}

/// <summary>What the book knows of a limit key: how many of its jobs run and are queued.</summary>
internal sealed class FlowKey(Namespace ns, string name)
{
    public Namespace Namespace { get; } = ns;
    public string Name { get; } = name;
    public long Running { get; set; }
    public long Queued { get; set; }
    public RateWindow Starts { get; set; } = new();

    /// <summary>The queue of its newest job, whose limits hold for it where no named one does.</summary>
    public string? LastQueue { get; set; }

    /// <summary>Differs from what is stored.</summary>
    public bool Dirty { get; set; }

    /// <summary>One for each queue where jobs of the key are blocked.</summary>
    public List<FlowLine> Lines { get; } = [];

    public bool IsIdle => Running == 0 && Queued == 0 && Starts.IsEmpty;
}

/// <summary>The blocked jobs of a key in a queue.</summary>
internal sealed class FlowLine(FlowKey key, FlowQueue queue)
{
    public FlowKey Key { get; } = key;
    public FlowQueue Queue { get; } = queue;
    public long Blocked { get; set; }
    public bool Ready { get; set; }
    public bool Timed { get; set; }
}
