using System.Runtime.CompilerServices;

namespace ActorPerf.Streams;

public static partial class Stages
{
    /// <summary>Takes what waits in a buffer in batches: whatever gathered while downstream was busy.</summary>
    /// <param name="max">Elements in a batch at most; 1 and up.</param>
    /// <param name="settle">An idle consumer waits until so many hops of the scheduler in a row brought no new element. 0, as in Akka.Streams: the first element of a burst goes alone.</param>
    public static IAsyncEnumerable<T[]> Batch<T>(this StreamBuffer<T> buffer, int max, int settle = 0) => Batch((IBatchLine<T[]>)buffer, max, settle);

    /// <inheritdoc cref="Batch{T}(StreamBuffer{T}, int, int)"/>
    public static IAsyncEnumerable<TBatch> Batch<TBatch>(this IBatchLine<TBatch> line, int max, int settle = 0)
    {
        ArgumentNullException.ThrowIfNull(line);
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(settle);
        return new BatchStage<TBatch>(line, max, settle);
    }

    /// <summary>Aggregates elements into one while downstream is busy, and hands the aggregate on the moment it asks. One element goes on as an aggregate of its own.</summary>
    /// <param name="max">Elements in an aggregate at most; then the source waits. 1 and up.</param>
    /// <param name="seed">Makes an aggregate of its first element.</param>
    /// <param name="aggregate">Adds an element to it.</param>
    /// <param name="scheduler">Where the source is read and the functions run; null: that of the consumer.</param>
    public static IAsyncEnumerable<TBatch> Batch<T, TBatch>(this IAsyncEnumerable<T> source, int max, Func<T, TBatch> seed, Func<TBatch, T, TBatch> aggregate, TaskScheduler? scheduler = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        ArgumentNullException.ThrowIfNull(seed);
        ArgumentNullException.ThrowIfNull(aggregate);
        return AggregateAsync(source, max, seed, aggregate, scheduler);
    }

    /// <summary>Groups elements until there are <paramref name="count"/>, or <paramref name="within"/> has passed since the first of the group. No group is empty.</summary>
    /// <param name="count">1 and up.</param>
    /// <param name="within">More than zero; rings no finer than the clock's timers do.</param>
    /// <param name="scheduler">Where the source is read; null: that of the consumer.</param>
    public static IAsyncEnumerable<T[]> GroupedWithin<T>(this IAsyncEnumerable<T> source, int count, TimeSpan within, TimeProvider time, TaskScheduler? scheduler = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(within, TimeSpan.Zero);
        ArgumentNullException.ThrowIfNull(time);
        return GroupAsync(source, count, within, time, scheduler);
    }

    private static async IAsyncEnumerable<TBatch> AggregateAsync<T, TBatch>(
        IAsyncEnumerable<T> source, int max, Func<T, TBatch> seed, Func<TBatch, T, TBatch> aggregate, TaskScheduler? scheduler,
        [EnumeratorCancellation] CancellationToken ct = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var buffer = new StreamBuffer<T>(max);
        var filling = Pump.Start(scheduler, () => Pump.FillAsync(source, buffer, stop.Token));
        try
        {
            while (await buffer.WaitAsync() >= 0)
            {
                if (!buffer.TryTake(max, out var items)) continue;
                ct.ThrowIfCancellationRequested();
                var batch = seed(items[0]);
                for (var i = 1; i < items.Length; i++) batch = aggregate(batch, items[i]);
                yield return batch;
            }
        }
        finally
        {
            stop.Cancel();             // here, not on the pool: the scheduler owns every turn
            buffer.Abandon();
            await filling;
        }
    }

    private static async IAsyncEnumerable<T[]> GroupAsync<T>(
        IAsyncEnumerable<T> source, int count, TimeSpan within, TimeProvider time, TaskScheduler? scheduler, [EnumeratorCancellation] CancellationToken ct = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var groups = new GroupLine<T>(count, within, time);
        var filling = Pump.Start(scheduler, () => FillAsync(source, groups, stop.Token));
        try
        {
            while (await groups.Ready.WaitAsync() >= 0)
            {
                while (groups.Ready.TryRead(out var group))
                {
                    ct.ThrowIfCancellationRequested();
                    yield return group;
                }
            }
        }
        finally
        {
            stop.Cancel();             // here, not on the pool: the scheduler owns every turn
            groups.Ready.Abandon();
            await filling;
            await groups.DisposeAsync();
        }
    }

    private static async Task FillAsync<T>(IAsyncEnumerable<T> source, GroupLine<T> groups, CancellationToken ct)
    {
        try
        {
            await foreach (var item in source.WithCancellation(ct))
                if (!await groups.AddAsync(item, ct)) break;
            await groups.EndAsync(ct);
            groups.Ready.Complete();
        }
        catch (Exception failure)
        {
            groups.Ready.Complete(failure);
        }
    }
}
