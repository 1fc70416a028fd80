using System.Diagnostics.CodeAnalysis;

namespace ActorPerf.Kernel;

/// <summary>An actor's children by name. Locked, for a guardian's children are started from any thread.</summary>
internal sealed class ChildTable
{
    private readonly Dictionary<string, LocalActorRef?> _byName = [];      // null: reserved, being made
    private HashSet<LocalActorRef>? _dying;
    private ChildrenWait? _wait;
    private bool _closed;
    private long _generated;

    /// <summary>Whether the actor is neither waiting for its children nor gone.</summary>
    public bool IsNormal
    {
        get
        {
            lock (_byName) return _wait is null && !_closed;
        }
    }

    /// <summary>Takes a name: the given one, or the next generated one.</summary>
    public string Reserve(string? name, ActorPath parent)
    {
        lock (_byName)
        {
            if (_closed) ThrowStopping(parent);
            name ??= ActorNames.Generated(_generated++);
            if (!_byName.TryAdd(name, null))
            {
                throw new InvalidActorNameException(
                    $"Actor name [{name}] is not unique under {parent}: a child of that name lives or is still stopping. Watch it and wait for Terminated, or choose another name.");
            }
            return name;
        }
    }

    public void Release(string name)
    {
        lock (_byName) _byName.Remove(name);
    }

    public void Enter(string name, LocalActorRef child, ActorPath parent)
    {
        lock (_byName)
        {
            if (_closed)
            {
                _byName.Remove(name);
                ThrowStopping(parent);
            }
            _byName[name] = child;
        }
    }

    public LocalActorRef? Find(string name)
    {
        lock (_byName) return _byName.GetValueOrDefault(name);
    }

    public LocalActorRef[] Snapshot()
    {
        lock (_byName) return List();
    }

    /// <summary>Notes that a child was told to stop. Others than children are ignored.</summary>
    public void MarkDying(LocalActorRef child)
    {
        lock (_byName)
        {
            if (_byName.TryGetValue(child.Path.Name, out var known) && ReferenceEquals(known, child)) (_dying ??= []).Add(child);
        }
    }

    /// <summary>Begins to wait for the stopping children; false when there are none. A stop is stronger than a restart.</summary>
    public bool TryWait(ChildrenWait wait)
    {
        lock (_byName)
        {
            if (_dying is not { Count: > 0 }) return false;
            _wait = wait;
            return true;
        }
    }

    /// <summary>Forgets a child that has stopped. Returns what was waited for when it was the last.</summary>
    public ChildrenWait? Remove(LocalActorRef child)
    {
        lock (_byName)
        {
            if (_byName.TryGetValue(child.Path.Name, out var known) && ReferenceEquals(known, child)) _byName.Remove(child.Path.Name);
            _dying?.Remove(child);
            if (_wait is null || _dying is { Count: > 0 }) return null;
            var ended = _wait;
            _wait = null;
            return ended;
        }
    }

    /// <summary>No child can be started any more; the caller stops all there are. In one step: a child that came between would live for ever.</summary>
    public LocalActorRef[] Close()
    {
        lock (_byName)
        {
            _closed = true;
            var children = List();
            if (children.Length > 0) (_dying ??= []).UnionWith(children);
            return children;
        }
    }

    private LocalActorRef[] List()
    {
        if (_byName.Count == 0) return [];
        var children = new List<LocalActorRef>(_byName.Count);
        foreach (var child in _byName.Values)
        {
            if (child is not null) children.Add(child);
        }
        return [.. children];
    }

    [DoesNotReturn]
    private static void ThrowStopping(ActorPath parent) =>
        throw new InvalidOperationException($"{parent} is stopping or has stopped: it cannot start children any more.");
}
