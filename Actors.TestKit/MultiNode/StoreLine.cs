using ActorPerf.Cluster;

namespace ActorPerf.TestKit.MultiNode;

/// <summary>The line between one node and the database, which a test can cut, freeze and mend. Any thread may do so.</summary>
public sealed class StoreLine
{
    private readonly Lock _gate = new();
    private readonly Queue<(Action Open, Action Cut)> _held = new();
    private State _state;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private enum State
    {
        Open,
        Cut,
        Frozen,
        Dead,
    }

    /// <summary>The node hears of others' commits at once; else when it looks. True unless said otherwise.</summary>
    public bool Hints { get; set; } = true;

    public bool IsOpen
    {
        get
        {
            lock (_gate) return _state == State.Open;
        }
    }

    /// <summary>Nothing comes through: calls fail at once, and whatever was under way may have become durable or not.</summary>
    public void Cut() => Become(State.Cut);

    /// <summary>Calls hang, and so do answers, until the line is mended or cut.</summary>
    public void Freeze() => Become(State.Frozen);

    /// <summary>The line is as good as new: what was frozen goes on, in its order.</summary>
    public void Mend() => Become(State.Open);

    /// <summary>For good.</summary>
    internal void End() => Become(State.Dead);

    /// <summary>Waits while frozen.</summary>
    /// <exception cref="StoreUnavailableException">Cut.</exception>
    internal async ValueTask PassAsync()
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_state == State.Open) return;
                if (_state != State.Frozen) throw Away();
                changed = _changed.Task;
            }
            await changed;
        }
    }

    /// <summary>Does one of the two: at once, or while frozen later, behind what was held before. Never under the lock: what is done may lead to another node's line.</summary>
    internal void Pass(Action open, Action cut)
    {
        State state;
        lock (_gate)
        {
            state = _state;
            if (state == State.Frozen) _held.Enqueue((open, cut));
        }
        if (state != State.Frozen) (state == State.Open ? open : cut)();
    }

    internal static StoreUnavailableException Away() => new("The test has cut this node's line to the database.");

    private void Become(State state)
    {
        while (true)
        {
            (Action Open, Action Cut) held;
            lock (_gate)
            {
                // It stays frozen until what was held has passed, so that nothing overtakes it; and nothing is held once it is not.
                if (state == State.Frozen || !_held.TryDequeue(out held))
                {
                    if (_state == State.Dead) return;
                    _state = state;
                    _changed.TrySetResult();
                    _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
                    return;
                }
            }
            (state == State.Open ? held.Open : held.Cut)();
        }
    }
}
