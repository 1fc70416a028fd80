using System.Diagnostics;

namespace ActorPerf.Kernel;

/// <summary>Turns on the shared thread pool.</summary>
internal sealed class PoolDispatcher(int throughput, TimeSpan turn) : MessageDispatcher
{
    /// <summary>One wake-up in so many goes to the pool's common line, so that chatting actors cannot keep everybody else from running.</summary>
    private const int LocalRun = 32;

    [ThreadStatic] private static int t_wakeUps;

    public override int Throughput => throughput;

    public override long TurnTicks { get; } = (long)(turn.TotalSeconds * Stopwatch.Frequency);

    /// <summary>The thread that sends also runs the receiver next, while the message is in its cache; an idle thread may take it over.</summary>
    public override void Schedule(ActorCell cell) => ThreadPool.UnsafeQueueUserWorkItem(cell, preferLocal: ++t_wakeUps % LocalRun != 0);

    public override void Reschedule(ActorCell cell) => ThreadPool.UnsafeQueueUserWorkItem(cell, preferLocal: false);

    public override void RunOutside(IThreadPoolWorkItem work) => ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
}
