using System.Numerics;

namespace ActorPerf.Data;

/// <summary>What a pipeline has done since the node started.</summary>
/// <param name="Calls">Keys asked for, or writes handed in.</param>
/// <param name="Joined">Of them, those that joined a read already on its way, or waited behind a write of the same key.</param>
/// <param name="Sent">Keys that went into batches.</param>
/// <param name="Statements">Sent to the store, retries and halves included.</param>
/// <param name="Retries">Of them, repeated because the store was away for a moment.</param>
/// <param name="Halves">Of them, parts of a batch that failed as a whole.</param>
/// <param name="Failed">Keys or writes that ended in an error.</param>
/// <param name="Cancelled">Given up by their callers before they were sent.</param>
/// <param name="Queued">Waiting now.</param>
/// <param name="UnderWay">Statements under way now.</param>
/// <param name="BatchSizes">Batches by size: item n counts those of up to 2^n keys (1, 2, 3–4, 5–8, …).</param>
/// <param name="Waits">Batches by how long their oldest key had waited: item n counts those of up to 2^n µs.</param>
public sealed record PipelineSnapshot(
    long Calls, long Joined, long Sent, long Statements, long Retries, long Halves, long Failed, long Cancelled, int Queued, int UnderWay,
    IReadOnlyList<long> BatchSizes, IReadOnlyList<long> Waits)
{
    /// <summary>The sum of what <see cref="Waits"/> counts.</summary>
    public TimeSpan Waited { get; init; }

    /// <summary>Keys in a batch, on average.</summary>
    public double MeanBatch => BatchSizes.Sum() is > 0 and var batches ? (double)Sent / batches : 0;

    /// <summary>Batches that were sent since an earlier snapshot.</summary>
    public long BatchesSince(PipelineSnapshot before) => BatchSizes.Sum() - before.BatchSizes.Sum();

    /// <summary>How long the oldest key of a batch had waited at most, for a share of the batches since an earlier snapshot; right to a factor of two.</summary>
    /// <param name="share">0 to 1.</param>
    public TimeSpan WaitSince(PipelineSnapshot before, double share)
    {
        var wanted = share * (Waits.Sum() - before.Waits.Sum());
        var seen = 0L;
        for (var i = 0; i < Waits.Count; i++)
        {
            seen += Waits[i] - before.Waits[i];
            if (seen > 0 && seen >= wanted) return TimeSpan.FromMicroseconds(1L << i);
        }
        return TimeSpan.Zero;
    }
}

/// <summary>The pipelines of a node: those of its entities, and one for each lookup, by its kind.</summary>
public sealed record DataStatistics(PipelineSnapshot Reads, PipelineSnapshot Writes, IReadOnlyDictionary<string, PipelineSnapshot> Lookups);

/// <summary>Counts as a pipeline works; any thread.</summary>
internal sealed class PipelineCounters
{
    private readonly long[] _sizes = new long[14];       // up to 8,192 keys
    private readonly long[] _waits = new long[26];       // up to 33 s
    private long _calls;
    private long _joined;
    private long _sent;
    private long _statements;
    private long _retries;
    private long _halves;
    private long _failed;
    private long _cancelled;
    private long _waited;
    private int _underWay;

    public void Called(int joined, int added)
    {
        Interlocked.Add(ref _calls, joined + added);
        if (joined > 0) Interlocked.Add(ref _joined, joined);
    }

    public void Left() => Interlocked.Increment(ref _cancelled);

    public void Taken(int size, TimeSpan waited)
    {
        Interlocked.Add(ref _sent, size);
        Interlocked.Increment(ref _sizes[Bucket(size, _sizes.Length)]);
        Interlocked.Add(ref _waited, waited.Ticks);
        Interlocked.Increment(ref _waits[Bucket((long)waited.TotalMicroseconds, _waits.Length)]);
    }

    public void Began(StatementSort sort)
    {
        Interlocked.Increment(ref _underWay);
        Interlocked.Increment(ref _statements);
        if (sort == StatementSort.Retry) Interlocked.Increment(ref _retries);
        else if (sort == StatementSort.Half) Interlocked.Increment(ref _halves);
    }

    public void Ended() => Interlocked.Decrement(ref _underWay);

    public void Failed(int count) => Interlocked.Add(ref _failed, count);

    public PipelineSnapshot Snapshot(int queued) => new(
        Interlocked.Read(ref _calls), Interlocked.Read(ref _joined), Interlocked.Read(ref _sent), Interlocked.Read(ref _statements), Interlocked.Read(ref _retries), Interlocked.Read(ref _halves),
        Interlocked.Read(ref _failed), Interlocked.Read(ref _cancelled), queued, Volatile.Read(ref _underWay), [.. _sizes], [.. _waits])
    {
        Waited = TimeSpan.FromTicks(Interlocked.Read(ref _waited)),
    };

    private static int Bucket(long value, int count) => value <= 1 ? 0 : Math.Min(count - 1, 64 - BitOperations.LeadingZeroCount((ulong)(value - 1)));
}

/// <summary>Why a statement is sent.</summary>
internal enum StatementSort
{
    First,
    Retry,
    Half,
}
