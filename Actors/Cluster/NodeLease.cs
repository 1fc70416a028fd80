namespace ActorPerf.Cluster;

/// <summary>This node's right to run jobs, on its own monotonic clock: it ends at two thirds of the lease, so that what runs here has a third to stop in before the store gives it to others.</summary>
/// <remarks>Written by the member actor, read by anyone. Counted from the moment before the renewal was sent, so it never ends later than the store's.</remarks>
internal sealed class NodeLease(TimeProvider time)
{
    private long _ends = long.MinValue;

    public bool Holds => time.GetTimestamp() < Volatile.Read(ref _ends);

    /// <summary>How long it holds; zero when it does not.</summary>
    public TimeSpan Left
    {
        get
        {
            var (now, ends) = (time.GetTimestamp(), Volatile.Read(ref _ends));
            return ends <= now ? TimeSpan.Zero : ends == long.MaxValue ? TimeSpan.MaxValue : time.GetElapsedTime(now, ends);
        }
    }

    /// <param name="from">Timestamp of before the renewal.</param>
    /// <param name="lease">As the store granted it; null: it never ends.</param>
    public void Extend(long from, TimeSpan? lease) => Volatile.Write(
        ref _ends, lease is { } length ? from + (long)(length.TotalSeconds * 2 / 3 * time.TimestampFrequency) : long.MaxValue);

    public void End() => Volatile.Write(ref _ends, long.MinValue);
}
