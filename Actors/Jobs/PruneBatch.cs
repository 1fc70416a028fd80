namespace ActorPerf.Jobs;

/// <summary>How many rows the next prune looks at: as many as the writer's thread can take in a fraction of 50 ms, by how long the last ones took.</summary>
/// <remarks>The store stops in mid-batch when <see cref="Budget"/> is over; a batch of the right size seldom has to, and leaves a small commit.</remarks>
public sealed class PruneBatch
{
    public const int Least = 16;
    public const int Most = 2_048;

    /// <summary>The longest that one prune works before the store lets others write.</summary>
    public static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan TooLong = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(4);

    public int Limit { get; private set; } = 128;

    /// <summary>A prune of <see cref="Limit"/> took so long.</summary>
    public void Took(TimeSpan took)
    {
        if (took > TooLong) Limit = Math.Max(Least, Limit / 2);
        else if (took < Short) Limit = Math.Min(Most, Limit * 2);
    }
}
