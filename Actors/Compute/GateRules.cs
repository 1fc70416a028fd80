namespace ActorPerf.Compute;

/// <summary>Who gets the next permit. Pure: numbers in, numbers out.</summary>
/// <remarks>Jobs never take the last <c>reserve</c> routees, so that a synchronous miss finds one although jobs fill the pool; while jobs wait,
/// computations hold at most half the routees plus one, so that a stampede of callers cannot stop the jobs; and where that bound is the whole
/// pool (one or two routees) the two take turns. What nobody waits for lies open to be taken for jobs, within the same bound.</remarks>
internal static class GateRules
{
    public static GateStep Next(GateState gate, double reserveForCompute)
    {
        if (gate.Parked > 0 && gate.Idle > 0) return GateStep.StartParked;
        if (gate.Free == 0) return GateStep.None;
        var jobsWait = gate.Wanted > 0 && !gate.Closed;
        var job = jobsWait && gate.HeldByJobs < gate.Routees - (int)(gate.Routees * reserveForCompute);
        var compute = gate.Waiting > 0 && (!jobsWait || gate.Computes < gate.Routees / 2 + 1);
        if (job && compute) return gate.HeldByJobs == 0 && gate.ComputeWasLast ? GateStep.GrantJob : GateStep.StartCompute;
        return compute ? GateStep.StartCompute : job ? GateStep.GrantJob : GateStep.None;
    }

    /// <summary>The numbers after a step that <see cref="Next"/> chose.</summary>
    public static GateState Apply(GateState gate, GateStep step) => step switch
    {
        GateStep.StartParked => gate with { Parked = gate.Parked - 1, Jobs = gate.Jobs + 1 },
        GateStep.StartCompute => gate with { Waiting = gate.Waiting - 1, Computes = gate.Computes + 1, ComputeWasLast = true },
        GateStep.GrantJob => gate with { Wanted = gate.Wanted - 1, Granted = gate.Granted + 1, ComputeWasLast = false },
        _ => gate,
    };

    /// <summary>Whether open permits are needed elsewhere: a dispatcher wants some and shares the bound with them, a computation finds nothing
    /// else free, or routees died and more is promised than there is.</summary>
    public static bool MustWithdraw(GateState gate) => gate.Open > 0
        && (gate.Wanted > 0 || gate.Closed || (gate.Waiting > 0 && gate.Free == 0) || gate.Granted + gate.Parked + gate.Open > gate.Idle);

    /// <summary>How many permits should lie open once <see cref="Next"/> has nothing more to do: what jobs could be granted while nobody waits.</summary>
    public static int ToLayOpen(GateState gate, double reserveForCompute) => gate.Closed || gate.Wanted > 0 || gate.Waiting > 0 || gate.Parked > 0
        ? 0
        : Math.Max(0, Math.Min(gate.Idle - gate.Granted, gate.Routees - (int)(gate.Routees * reserveForCompute) - gate.HeldByJobs));

    /// <summary>Open permits were taken: they are granted now.</summary>
    public static GateState Taken(GateState gate, int count) => count == 0
        ? gate
        : gate with { Open = gate.Open - count, Granted = gate.Granted + count, ComputeWasLast = false };

    public static GateState Announced(GateState gate) => gate with { Routees = gate.Routees + 1 };

    /// <summary>A run is over and its routee idle again.</summary>
    public static GateState Ended(GateState gate, RunKind kind) => kind switch
    {
        RunKind.Job => gate with { Jobs = gate.Jobs - 1 },
        RunKind.Compute => gate with { Computes = gate.Computes - 1 },
        _ => gate,
    };

    /// <summary>A routee is gone, with its run if it had one.</summary>
    public static GateState Lost(GateState gate, RunKind kind) => Ended(gate, kind) with { Routees = gate.Routees - 1 };

    /// <summary>A job starts: under a granted permit, or parked when it has none or its routee died.</summary>
    public static GateState JobArrived(GateState gate, bool granted) =>
        gate with { Granted = gate.Granted - (granted ? 1 : 0), Parked = gate.Parked + 1 };
}

/// <summary>What a routee runs.</summary>
internal enum RunKind
{
    Nothing,
    Job,
    Compute,
}
