using System.Runtime.CompilerServices;

namespace ActorPerf.Streams;

/// <summary>Stages over asynchronous streams, with the meaning they have in Akka.Streams (docs/data.md shows both side by side).</summary>
/// <remarks>Demand runs from the consumer up: no stage reads what nobody has asked for, beyond what its name says. Leaving an enumeration early, or cancelling it, stops the stages
/// above and disposes the source before the enumeration ends. A failure is thrown once, after the elements before it. Every stage that runs beside its consumer takes the
/// <see cref="TaskScheduler"/> it runs on, so that a seeded scheduler can own every interleaving.</remarks>
public static partial class Stages
{
    /// <summary>Reads up to <paramref name="capacity"/> elements ahead of the consumer.</summary>
    /// <param name="capacity">1 and up.</param>
    /// <param name="scheduler">Where the source is read; null: that of the consumer.</param>
    public static IAsyncEnumerable<T> Buffer<T>(this IAsyncEnumerable<T> source, int capacity, TaskScheduler? scheduler = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        return BufferAsync(source, capacity, scheduler);
    }

    private static async IAsyncEnumerable<T> BufferAsync<T>(
        IAsyncEnumerable<T> source, int capacity, TaskScheduler? scheduler, [EnumeratorCancellation] CancellationToken ct = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var buffer = new StreamBuffer<T>(capacity);
        var filling = Pump.Start(scheduler, () => Pump.FillAsync(source, buffer, stop.Token));
        try
        {
            while (await buffer.WaitAsync() >= 0)
            {
                while (buffer.TryRead(out var item))
                {
                    ct.ThrowIfCancellationRequested();
                    yield return item;
                }
            }
        }
        finally
        {
            stop.Cancel();             // here, not on the pool: the scheduler owns every turn
            buffer.Abandon();
            await filling;
        }
    }
}
