namespace ActorPerf.Compute;

/// <summary>Permits that a gate has laid open: whoever feeds jobs to the pool takes one without asking, and so without a message.</summary>
/// <remarks>
/// The gate alone lays permits open and withdraws them, by <see cref="GateRules.ToLayOpen"/>; one taker, named by <see cref="GateCommand.LayOpen"/>,
/// only takes. What is gone from here was therefore taken, and the gate counts it as granted to the taker before its next step. A taken permit
/// is used or given back as any other: by <see cref="GateCommand.StartJob"/> or <see cref="GateCommand.Return"/>.
/// </remarks>
public sealed class OpenPermits
{
    private int _open;

    /// <summary>Takes up to <paramref name="most"/> permits; returns how many, 0 when none lies open.</summary>
    public int Take(int most)
    {
        while (true)
        {
            var open = Volatile.Read(ref _open);
            var taken = Math.Min(open, most);
            if (taken <= 0) return 0;
            if (Interlocked.CompareExchange(ref _open, open - taken, open) == open) return taken;
        }
    }

    /// <summary>How many lie open now. The gate's.</summary>
    internal int Count => Volatile.Read(ref _open);

    /// <summary>Lays more open. The gate's.</summary>
    internal void Add(int count) => Interlocked.Add(ref _open, count);

    /// <summary>Withdraws until at most <paramref name="rest"/> lie open; the gate's.</summary>
    /// <returns>How many lay open before.</returns>
    internal int Lower(int rest)
    {
        while (true)
        {
            var open = Volatile.Read(ref _open);
            if (open <= rest || Interlocked.CompareExchange(ref _open, rest, open) == open) return open;
        }
    }
}
