namespace ActorPerf.Tests.Kernel;

/// <summary>What a stress run expects of every pair of sender and worker: each number once, in order.</summary>
internal sealed class StressLedger(int workers, int senders)
{
    private readonly int[][] _next = [.. Enumerable.Range(0, workers).Select(_ => new int[senders])];
    private int _living;
    private int _wrong;

    /// <summary>Instances of actors that were started and have not stopped.</summary>
    public int Living => Volatile.Read(ref _living);

    /// <summary>Messages that came twice, late or after a gap.</summary>
    public int Wrong => Volatile.Read(ref _wrong);

    public int Arrived => _next.Sum(row => row.Sum());

    /// <summary>In the turn of the worker.</summary>
    public void Record(int worker, StressWork work)
    {
        if (_next[worker][work.Sender]++ != work.Number) Interlocked.Increment(ref _wrong);
    }

    public void Born() => Interlocked.Increment(ref _living);

    public void Died() => Interlocked.Decrement(ref _living);
}

/// <summary>A message of a stress run.</summary>
/// <param name="Sender">Who sent it, from 0.</param>
/// <param name="Number">How many this sender had sent to this worker before.</param>
/// <param name="Deed">What else the worker does with it; most only count.</param>
internal sealed record StressWork(int Sender, int Number, StressDeed Deed);

internal enum StressDeed
{
    Fail,
    StartChild,
    WatchChild,
    StopChild,
    FailChild,
    Await,
    AwaitAndFail,
    Stash,
    StartTimer,
    StartTimers,
    Become,
    WaitForSilence,
    AskChild,

    /// <summary>Deeds from here on only count.</summary>
    Count,
}
