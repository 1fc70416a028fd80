namespace ActorPerf.Kernel;

/// <summary>Gives turns one after the other, on the thread that asks for them, in an order drawn from a seed. Each turn handles one message.</summary>
internal sealed class SimulationDispatcher(int seed) : MessageDispatcher
{
    private readonly Lock _gate = new();
    private readonly Random _random = new(seed);
    private readonly List<IThreadPoolWorkItem> _ready = [];

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
        chosen.Execute();
        return true;
    }

    private void Enter(IThreadPoolWorkItem work)
    {
        lock (_gate) _ready.Add(work);
    }
}
