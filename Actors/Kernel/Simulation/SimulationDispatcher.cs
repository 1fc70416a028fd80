namespace ActorPerf.Kernel;

/// <summary>Gives turns one after the other, on the thread that asks for them, in an order drawn from a seed. Each turn handles one message.</summary>
internal sealed class SimulationDispatcher : MessageDispatcher
{
    private readonly Lock _gate = new();
    private readonly Random _random;
    private readonly List<IThreadPoolWorkItem> _ready = [];
    private readonly Continuations _continuations;

    /// <param name="seed">Decides the order.</param>
    public SimulationDispatcher(int seed)
    {
        _random = new Random(seed);
        _continuations = new Continuations(this);
    }

    public override int Throughput => 1;

    /// <summary>Whether a cell waits for its turn.</summary>
    public bool HasWork
    {
        get
        {
            lock (_gate) return _ready.Count > 0;
        }
    }

    public override void Schedule(ActorCell cell) => Enter(cell);

    public override void Reschedule(ActorCell cell) => Enter(cell);

    public override void RunOutside(IThreadPoolWorkItem work) => Enter(work);

    /// <summary>Runs one turn; false when nobody waits.</summary>
    public bool Step()
    {
        IThreadPoolWorkItem chosen;
        lock (_gate)
        {
            if (_ready.Count == 0) return false;
            var index = _random.Next(_ready.Count);
            chosen = _ready[index];
            _ready[index] = _ready[^1];
            _ready.RemoveAt(_ready.Count - 1);
        }
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);        // as on the thread pool: what a turn ends goes on within it
        try
        {
            chosen.Execute();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
        return true;
    }

    /// <summary>Ends as <paramref name="task"/> does, but in a turn of its own.</summary>
    public async Task<T> Own<T>(Task<T> task)
    {
        SynchronizationContext.SetSynchronizationContext(_continuations);      // until the first await: the caller gets back its own
        return await task;
    }

    /// <inheritdoc cref="Own{T}(Task{T})"/>
    public async Task Own(Task task)
    {
        SynchronizationContext.SetSynchronizationContext(_continuations);
        await task;
    }

    private void Enter(IThreadPoolWorkItem work)
    {
        lock (_gate) _ready.Add(work);
    }

    /// <summary>Makes a turn of what comes after an await.</summary>
    private sealed class Continuations(SimulationDispatcher turns) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => turns.Enter(new SystemMessage.Continuation(d, state));

        public override SynchronizationContext CreateCopy() => this;
    }
}
