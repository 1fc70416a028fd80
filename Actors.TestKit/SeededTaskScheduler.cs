namespace ActorPerf.TestKit;

/// <summary>Runs tasks one after the other on the thread that asks for them, in an order drawn from a seed. A task that prefers fairness
/// (<see cref="TaskCreationOptions.PreferFairness"/>) waits until everything queued before it has had its turn, as on the thread pool.</summary>
public sealed class SeededTaskScheduler : TaskScheduler
{
    private readonly Lock _gate = new();
    private readonly Random _random;
    private readonly List<(Task Task, long Number)> _ready = [];      // in no order
    private readonly Queue<(Task Task, long Number)> _fair = new();
    private long _last;
    private int _runner;                                              // the thread that gives turns; 0 before the first

    /// <param name="seed">Decides the order.</param>
    public SeededTaskScheduler(int seed) => _random = new Random(seed);

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Turns given so far.</summary>
    public long Turns { get; private set; }

    /// <summary>Of them, those of tasks that prefer fairness: the hops.</summary>
    public long FairTurns { get; private set; }

    /// <summary>Tasks that other threads queued since the first turn. Any of them means that chance had a hand in the order: the same seed may give another run.</summary>
    public long FromOtherThreads { get; private set; }

    public bool HasWork
    {
        get
        {
            lock (_gate) return _ready.Count + _fair.Count > 0;
        }
    }

    /// <summary>Gives one turn; false when nobody waits.</summary>
    public bool Step()
    {
        Task chosen;
        lock (_gate)
        {
            if (_ready.Count + _fair.Count == 0) return false;
            chosen = Choose();
            _runner = Environment.CurrentManagedThreadId;
        }
        Turns++;
        TryExecuteTask(chosen);
        return true;
    }

    protected override void QueueTask(Task task)
    {
        lock (_gate)
        {
            _last++;
            if (_runner != 0 && _runner != Environment.CurrentManagedThreadId) FromOtherThreads++;
            if (task.CreationOptions.HasFlag(TaskCreationOptions.PreferFairness))
                _fair.Enqueue((task, _last));
            else
                _ready.Add((task, _last));
        }
    }

    // A continuation of a task on this scheduler goes on in the same turn, as it would on a thread of the pool.
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => !taskWasPreviouslyQueued && Current == this && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_gate) return [.. _ready.Concat(_fair).Select(entry => entry.Task)];
    }

    private Task Choose()
    {
        var fairMayGo = _fair.TryPeek(out var fair) && _ready.TrueForAll(other => other.Number > fair.Number);
        var index = _random.Next(_ready.Count + (fairMayGo ? 1 : 0));
        if (index == _ready.Count)
        {
            FairTurns++;
            return _fair.Dequeue().Task;
        }
        var chosen = _ready[index].Task;
        _ready[index] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
        return chosen;
    }
}
