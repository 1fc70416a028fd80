using System.Diagnostics.CodeAnalysis;

namespace ActorPerf.Streams;

/// <summary>A line in which elements wait until somebody takes them, many at once. One taker; any number of threads that add.</summary>
/// <typeparam name="TBatch">What is taken.</typeparam>
public interface IBatchLine<TBatch>
{
    /// <summary>How many elements have come since the beginning: what tells a taker whether new ones came meanwhile.</summary>
    long Arrived { get; }

    /// <summary>Whether something can be taken now.</summary>
    bool HasWork { get; }

    /// <summary>Whether a batch of <paramref name="max"/> can be taken now, so that waiting for company gains nothing.</summary>
    bool IsFull(int max);

    /// <summary>Takes the oldest elements that may go together; false where there is nothing.</summary>
    /// <param name="max">1 and up.</param>
    bool TryTake(int max, [MaybeNullWhen(false)] out TBatch batch);

    /// <summary>Waits for the next element. At most one wait at a time.</summary>
    /// <returns><see cref="Arrived"/> as it was when the wait ended, or -1 when the line has ended and is empty.</returns>
    /// <exception cref="Exception">The failure with which the line ended, once what came before it is taken.</exception>
    ValueTask<long> WaitAsync();

    /// <summary>The taker has gone: what waits is dropped and whoever adds is told. A wait under way, or the next one, throws <paramref name="reason"/>.</summary>
    /// <param name="reason">Null: it left of its own accord.</param>
    void Abandon(Exception? reason);
}
