namespace ActorPerf.Compute;

/// <summary>A gate in numbers. One permit per routee; a permit is free, granted to jobs, or in use by a run.</summary>
/// <param name="Routees">Routees that have announced themselves and live.</param>
/// <param name="Jobs">Runs of jobs on a routee.</param>
/// <param name="Computes">Synchronous computations on a routee.</param>
/// <param name="Granted">Permits promised to jobs that have not started.</param>
/// <param name="Parked">Jobs that started under a permit whose routee died meanwhile; they get the next routee.</param>
/// <param name="Waiting">Computations in line.</param>
/// <param name="Wanted">Permits that jobs could use.</param>
/// <param name="ComputeWasLast">The permit given out last went to a computation.</param>
/// <param name="Closed">Too many abandoned runs: jobs get nothing.</param>
/// <param name="Open">Permits that lie open to be taken for jobs without a message; free as long as the gate can withdraw them.</param>
internal readonly record struct GateState(
    int Routees, int Jobs, int Computes, int Granted, int Parked, int Waiting, int Wanted, bool ComputeWasLast, bool Closed, int Open = 0)
{
    /// <summary>Routees without a run.</summary>
    public int Idle => Routees - Jobs - Computes;

    /// <summary>Permits to give out. Zero while routees died under permits that are promised: those promises come first.</summary>
    public int Free => Math.Max(0, Idle - Granted - Parked - Open);

    /// <summary>Permits that jobs hold in any way.</summary>
    public int HeldByJobs => Jobs + Granted + Parked;
}

/// <summary>What a gate does next.</summary>
internal enum GateStep
{
    None,
    StartParked,
    StartCompute,
    GrantJob,
}
