using System.Collections.Immutable;

namespace ActorPerf.Storage;

/// <summary>The nodes of one process that share a database: each has a handle, and a commit of one is a hint to the others.</summary>
/// <param name="shared">More than one node may come. Where not, rows carry no mark of who wrote them, and nobody is told anything.</param>
internal sealed class NodeHandles(bool shared)
{
    private ImmutableArray<NodeHandle> _all = [];
    private long _last;

    public bool IsShared => shared;

    /// <exception cref="InvalidOperationException">The storage was opened for one node.</exception>
    public NodeHandle Join()
    {
        var number = Interlocked.Increment(ref _last);
        if (!shared && number > 1) throw new InvalidOperationException("This storage was opened for one node. Open it as shared to have others join.");
        var handle = new NodeHandle(this, number);
        ImmutableInterlocked.Update(ref _all, static (all, joined) => all.Add(joined), handle);
        return handle;
    }

    /// <summary>How many are left.</summary>
    internal int Leave(NodeHandle handle)
    {
        ImmutableInterlocked.Update(ref _all, static (all, left) => all.Remove(left), handle);
        return _all.Length;
    }

    /// <summary>Rows have become durable.</summary>
    internal void Tell(NodeHandle? except)
    {
        if (!shared) return;
        foreach (var handle in _all)
            if (handle != except) handle.Changed?.Invoke();
    }
}

/// <summary>One node's hold on a database that it may share with others of its process.</summary>
internal sealed class NodeHandle(NodeHandles all, long number)
{
    private int _left;

    /// <summary>Differs from that of every other handle of the storage.</summary>
    public long Origin => number;

    /// <summary>What its rows carry; null where nobody else is there.</summary>
    public long? Mark => all.IsShared ? number : null;

    public bool IsShared => all.IsShared;

    public Action? Changed { get; set; }

    /// <summary>Rows of this node have become durable.</summary>
    public void Committed() => all.Tell(this);

    /// <summary>Whether it was the last to leave. The second time it changes nothing, and is not.</summary>
    public bool Leave()
    {
        Changed = null;
        return Interlocked.Exchange(ref _left, 1) == 0 && all.Leave(this) == 0;
    }
}
