using System.Diagnostics;

namespace ActorPerf.Kernel;

/// <summary>Turns on the shared thread pool.</summary>
internal sealed class PoolDispatcher(int throughput, TimeSpan turn) : MessageDispatcher
{
    /// <summary>One wake-up in so many goes to the pool's common line, so that chatting actors cannot keep everybody else from running.</summary>
    private const int LocalRun = 32;

    [ThreadStatic] private static int t_wakeUps;

    /// <summary>Turns after which a thread looks at the clock again.</summary>
    private const int Sample = 64;

    private static readonly long Hurry = Stopwatch.Frequency * Sample / 1_000_000;       // a microsecond a turn

    [ThreadStatic] private static int t_turns;
    [ThreadStatic] private static long t_sampled;
    [ThreadStatic] private static bool t_isHurried;

    public override int Throughput => throughput;

    public override long TurnTicks { get; } = (long)(turn.TotalSeconds * Stopwatch.Frequency);

    /// <summary>While this thread's last turns, with the time between them, took less than a microsecond each.</summary>
    public override bool IsHurried
    {
        get
        {
            if (++t_turns % Sample != 0) return t_isHurried;
            var now = Stopwatch.GetTimestamp();
            t_isHurried = now - t_sampled < Hurry;
            t_sampled = now;
            return t_isHurried;
        }
    }

    /// <summary>The thread that sends also runs the receiver next, while the message is in its cache; an idle thread may take it over.</summary>
    public override void Schedule(ActorCell cell) => ThreadPool.UnsafeQueueUserWorkItem(cell, preferLocal: ++t_wakeUps % LocalRun != 0);

    public override void Reschedule(ActorCell cell) => ThreadPool.UnsafeQueueUserWorkItem(cell, preferLocal: false);

    public override void RunOutside(IThreadPoolWorkItem work) => ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
}
