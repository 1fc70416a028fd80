using System.Collections.Concurrent;

namespace ActorPerf.Kernel;

/// <summary>One thread for one actor, for work that blocks. The thread starts with the actor and ends with it.</summary>
internal sealed class PinnedDispatcher : MessageDispatcher
{
    private readonly BlockingCollection<ActorCell> _turns = [];

    public override int Throughput => int.MaxValue;

    public override void Schedule(ActorCell cell)
    {
        if (_thread is null) Start(cell);
        Reschedule(cell);
    }

    public override void Reschedule(ActorCell cell)
    {
        try
        {
            _turns.Add(cell);
        }
        catch (InvalidOperationException)
        {
            ThreadPool.UnsafeQueueUserWorkItem(cell, preferLocal: false);      // the actor has stopped: only late messages are left to bury
        }
    }

    public override void RunOutside(IThreadPoolWorkItem work) => ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);

    public override void Detach(ActorCell cell) => _turns.CompleteAdding();

    private Thread? _thread;

    private void Start(ActorCell cell)
    {
        _thread = new Thread(Run) { IsBackground = true, Name = $"pinned {cell.Self.Path.ToStringWithoutAddress()}" };
        _thread.Start();
    }

    private void Run()
    {
        foreach (var cell in _turns.GetConsumingEnumerable()) cell.Execute();
    }
}
