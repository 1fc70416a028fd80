namespace ActorPerf.Compute;

/// <summary>A pool's figures, written by its gate and read by anyone without a message.</summary>
public sealed class PoolMeter
{
    private int _routees;
    private int _jobs;
    private int _computes;
    private int _waiting;
    private int _abandoned;
    private long _abandonedEver;
    private long _ended;
    private bool _closed;

    /// <summary>The figures of this moment; each is right, together they may be of moments a few messages apart.</summary>
    public PoolReading Read() => new(
        Volatile.Read(ref _routees), Volatile.Read(ref _jobs), Volatile.Read(ref _computes), Volatile.Read(ref _waiting),
        Volatile.Read(ref _abandoned), Volatile.Read(ref _abandonedEver), Volatile.Read(ref _ended), Volatile.Read(ref _closed));

    internal void Show(GateState gate, int abandoned)
    {
        Volatile.Write(ref _routees, gate.Routees);
        Volatile.Write(ref _jobs, gate.Jobs);
        Volatile.Write(ref _computes, gate.Computes);
        Volatile.Write(ref _waiting, gate.Waiting);
        Volatile.Write(ref _abandoned, abandoned);
        Volatile.Write(ref _closed, gate.Closed);
    }

    internal void CountEnded() => Volatile.Write(ref _ended, _ended + 1);         // the gate is the only writer

    internal void CountAbandoned() => Volatile.Write(ref _abandonedEver, _abandonedEver + 1);
}

/// <param name="Routees">Living routees; abandoned ones are not among them.</param>
/// <param name="Jobs">Routees that run a job.</param>
/// <param name="Computes">Routees that run a synchronous computation.</param>
/// <param name="Waiting">Synchronous computations in line.</param>
/// <param name="Abandoned">Runs that were given up and whose code still runs.</param>
/// <param name="AbandonedEver">Runs given up since the node started.</param>
/// <param name="Ended">Runs that ended since the node started.</param>
/// <param name="Closed">So many runs are abandoned that jobs get no more permits.</param>
public readonly record struct PoolReading(
    int Routees, int Jobs, int Computes, int Waiting, int Abandoned, long AbandonedEver, long Ended, bool Closed)
{
    public int Busy => Jobs + Computes;
}
