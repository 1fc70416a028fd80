using System.Runtime.ExceptionServices;
using ActorPerf.Streams;

namespace ActorPerf.Data;

/// <summary>Many things at once, within bounds.</summary>
public static class DataParallel
{
    /// <summary>So many callbacks of <c>MapAsync</c> over a list are under way unless it is told otherwise: fifty of something, the page of a list, go at once and are one statement.</summary>
    public const int DefaultConcurrency = 64;

    /// <summary>The same over a stream, where there is no end in sight and a window moves along.</summary>
    public const int DefaultWindow = 32;

    /// <summary>Maps each item by an asynchronous function; results in the order of the items.</summary>
    /// <remarks>Callbacks that start together run up to their first wait before any of their reads is sent, so the reads of all of them make one statement;
    /// a callback that blocks its thread for its own read would wait for ever. After a failure no more are
    /// started, those under way are awaited, and the first failure in the items' order is thrown.</remarks>
    /// <param name="maxConcurrency">Callbacks under way at once; 1 and up; 64 unless said otherwise.</param>
    public static Task<IReadOnlyList<TOut>> MapAsync<T, TOut>(
        this IReadOnlyList<T> items, Func<T, CancellationToken, ValueTask<TOut>> function, int maxConcurrency = DefaultConcurrency, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(function);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxConcurrency, 1);
        return MapListAsync(items, function, maxConcurrency, ct);
    }

    /// <summary>Maps a stream by an asynchronous function, results in order; stops reading while so many callbacks are under way, and when the consumer stops.</summary>
    /// <param name="maxConcurrency">Callbacks under way at once; 1 and up; 32 unless said otherwise.</param>
    public static IAsyncEnumerable<TOut> MapAsync<T, TOut>(
        this IAsyncEnumerable<T> items, Func<T, CancellationToken, ValueTask<TOut>> function, int maxConcurrency = DefaultWindow)
    {
        ArgumentNullException.ThrowIfNull(items);
        return items.SelectAsync(maxConcurrency, function);
    }

    /// <summary>Waits for the first of several to end, and gives its result, or throws its failure. The others go on.</summary>
    /// <returns>Which it was, and what it brought.</returns>
    /// <exception cref="ArgumentException">There are none: nothing could ever end.</exception>
    public static Task<(int Index, T Result)> WhenAnyAsync<T>(this IReadOnlyList<Task<T>> tasks)
    {
        CheckAny(tasks);
        return FirstAsync(tasks);
    }

    /// <inheritdoc cref="WhenAnyAsync{T}(IReadOnlyList{Task{T}})"/>
    public static Task<(int Index, T Result)> WhenAnyAsync<T>(this IReadOnlyList<ValueTask<T>> tasks)
    {
        CheckAny(tasks);
        return FirstAsync<T>([.. tasks.Select(task => task.AsTask())]);
    }

    /// <summary>The same for things of different kinds, such as a read, a job and a fetch.</summary>
    /// <returns>Which it was; its own task has the result.</returns>
    /// <exception cref="ArgumentException">There are none: nothing could ever end.</exception>
    public static Task<int> WhenAnyAsync(this IReadOnlyList<Task> tasks)
    {
        CheckAny(tasks);
        return FirstPlaceAsync(tasks);
    }

    private static async Task<IReadOnlyList<TOut>> MapListAsync<T, TOut>(
        IReadOnlyList<T> items, Func<T, CancellationToken, ValueTask<TOut>> function, int maxConcurrency, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var results = new TOut[items.Count];
        var failures = new SortedDictionary<int, Exception>();
        var slots = new Slots(maxConcurrency);
        for (var next = 0; next < items.Count && !stop.IsCancellationRequested;)
        {
            await slots.TakeAsync();
            if (stop.IsCancellationRequested)
            {
                slots.GiveBack();
                break;
            }
            using var hold = ReadHold.Begin();
            do
            {
                _ = OneAsync(next++);
            }
            while (next < items.Count && !stop.IsCancellationRequested && slots.TryTake());
        }
        await slots.AllBackAsync();
        if (failures.Count > 0) ExceptionDispatchInfo.Throw(failures.First().Value);
        ct.ThrowIfCancellationRequested();
        return results;

        async Task OneAsync(int index)
        {
            try
            {
                results[index] = await function(items[index], stop.Token);
            }
            catch (Exception failure)
            {
                // Those cancelled because of it are no failures of their own.
                lock (failures)
                    if (failures.Count == 0 || failure is not OperationCanceledException) failures[index] = failure;
                stop.Cancel();
            }
            slots.GiveBack();
        }
    }

    private static async Task<(int Index, T Result)> FirstAsync<T>(IReadOnlyList<Task<T>> tasks)
    {
        var first = await Task.WhenAny(tasks);
        return (IndexOf(tasks, first), await first);
    }

    private static async Task<int> FirstPlaceAsync(IReadOnlyList<Task> tasks)
    {
        var first = await Task.WhenAny(tasks);
        await first;
        return IndexOf(tasks, first);
    }

    private static void CheckAny<T>(IReadOnlyList<T> tasks)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        if (tasks.Count == 0) throw new ArgumentException("The first of none never comes: give at least one.", nameof(tasks));
        foreach (var task in tasks)
            if (task is null) throw new ArgumentException("One of the tasks is null: give only those that were started.", nameof(tasks));
    }

    private static int IndexOf(IReadOnlyList<Task> tasks, Task task)
    {
        for (var i = 0; i < tasks.Count; i++)
            if (tasks[i] == task) return i;
        return -1;
    }
}
