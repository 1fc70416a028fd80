namespace ActorPerf.TestKit;

/// <summary>A scenario failed under one seed.</summary>
public sealed class SimulationFailedException : Exception
{
    internal SimulationFailedException(int seed, Exception cause)
        : base($"Failed under seed {seed}; repeat it with ACTORPERF_SEED={seed}. {cause.Message}", cause) => Seed = seed;

    public int Seed { get; }
}
