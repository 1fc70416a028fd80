using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace ActorPerf.Streams;

public static partial class Stages
{
    /// <summary>Maps each element by an asynchronous function, up to <paramref name="parallelism"/> of them under way; results keep the elements' order.</summary>
    /// <remarks>A result that downstream has not taken yet occupies its place, so a slow consumer stops the functions, and they stop the source. The first failure in the
    /// elements' order ends the stream, after the results before it. However the stream ends, no function is left behind: those under way are cancelled and awaited.</remarks>
    /// <param name="parallelism">1 and up.</param>
    /// <param name="scheduler">Where the functions start; null: that of the consumer.</param>
    public static IAsyncEnumerable<TOut> SelectAsync<T, TOut>(this IAsyncEnumerable<T> source, int parallelism, Func<T, CancellationToken, ValueTask<TOut>> function, TaskScheduler? scheduler = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parallelism, 1);
        ArgumentNullException.ThrowIfNull(function);
        return Select(source, parallelism, function, ordered: true, scheduler);
    }

    /// <summary>As <see cref="SelectAsync{T, TOut}"/>, but a result is handed on as soon as it is there.</summary>
    public static IAsyncEnumerable<TOut> SelectAsyncUnordered<T, TOut>(this IAsyncEnumerable<T> source, int parallelism, Func<T, CancellationToken, ValueTask<TOut>> function, TaskScheduler? scheduler = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parallelism, 1);
        ArgumentNullException.ThrowIfNull(function);
        return Select(source, parallelism, function, ordered: false, scheduler);
    }

    /// <summary>Runs the stream to its end, an asynchronous action per element, up to <paramref name="parallelism"/> of them under way.</summary>
    /// <remarks>An action that ends makes room for the next element without a hop between. The first failure stops the reading of the source and is thrown once
    /// the actions under way, which it cancels, have ended.</remarks>
    /// <param name="parallelism">1 and up.</param>
    /// <param name="scheduler">Where the actions start; null: that of the caller.</param>
    public static Task SelectAsync<T>(this IAsyncEnumerable<T> source, int parallelism, Func<T, CancellationToken, ValueTask> action, TaskScheduler? scheduler = null, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parallelism, 1);
        ArgumentNullException.ThrowIfNull(action);
        return Pump.Start(scheduler, () => RunAsync(source, parallelism, action, ct));
    }

    private static async Task RunAsync<T>(IAsyncEnumerable<T> source, int parallelism, Func<T, CancellationToken, ValueTask> action, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var slots = new Slots(parallelism);
        Exception? failure = null;
        var reader = source.GetAsyncEnumerator(stop.Token);
        await using (reader)
        {
            var demand = reader as IDemand;
            try
            {
                while (failure is null)
                {
                    var full = !slots.TryTake();
                    if (full) await slots.TakeAsync();
                    var next = false;
                    try
                    {
                        demand?.WasBusy = full;
                        next = failure is null && await reader.MoveNextAsync();
                    }
                    finally
                    {
                        if (!next) slots.GiveBack();
                    }
                    if (!next) break;
                    // Not awaited here: it gives its permit back, and all permits are awaited below.
                    _ = RunOneAsync(reader.Current);
                }
            }
            catch (Exception e)
            {
                Fail(e);
            }
            await slots.AllBackAsync();
        }
        if (failure is not null) ExceptionDispatchInfo.Throw(failure);

        async Task RunOneAsync(T item)
        {
            try
            {
                await action(item, stop.Token);
            }
            catch (Exception e)
            {
                Fail(e);
            }
            slots.GiveBack();
        }

        void Fail(Exception e)
        {
            if (Interlocked.CompareExchange(ref failure, e, null) is null) stop.Cancel();
        }
    }

    private static async IAsyncEnumerable<TOut> Select<T, TOut>(
        IAsyncEnumerable<T> source, int parallelism, Func<T, CancellationToken, ValueTask<TOut>> function, bool ordered, TaskScheduler? scheduler,
        [EnumeratorCancellation] CancellationToken ct = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var feeder = new Feeder<T, TOut>(source, parallelism, function, ordered, stop.Token);
        var feeding = Pump.Start(scheduler, feeder.RunAsync);
        try
        {
            while (await feeder.Results.WaitAsync() >= 0)
            {
                while (feeder.Results.TryRead(out var result))
                {
                    ct.ThrowIfCancellationRequested();
                    yield return await feeder.TakeAsync(result);
                }
            }
        }
        finally
        {
            stop.Cancel();             // here, not on the pool: the scheduler owns every turn
            await feeder.DrainAsync();
            await feeding;
        }
    }

    /// <summary>Pulls the source while there are permits, starts the function on each element, and lines the results up.</summary>
    private sealed class Feeder<T, TOut>(IAsyncEnumerable<T> source, int parallelism, Func<T, CancellationToken, ValueTask<TOut>> function, bool ordered, CancellationToken stop)
    {
        private readonly Slots _slots = new(parallelism);
        private Exception? _failure;
        private int _open = 1;             // the source, and what it started and has not lined up yet

        /// <summary>Never full: what is in it holds a permit.</summary>
        public StreamBuffer<Task<TOut>> Results { get; } = new(parallelism);

        public async Task RunAsync()
        {
            try
            {
                var reader = source.GetAsyncEnumerator(stop);
                await using (reader)
                {
                    while (true)
                    {
                        var full = !_slots.TryTake();
                        if (full) await _slots.TakeAsync();
                        if (reader is IDemand demand) demand.WasBusy = full;
                        if (stop.IsCancellationRequested || !await reader.MoveNextAsync()) break;
                        Start(reader.Current);
                    }
                }
            }
            catch (Exception e)
            {
                _failure = e;
            }
            CloseOne();
        }

        /// <summary>The result is handed on, and its permit given back.</summary>
        public async ValueTask<TOut> TakeAsync(Task<TOut> result)
        {
            try
            {
                return await result;
            }
            finally
            {
                _slots.GiveBack();
            }
        }

        /// <summary>Awaits what is under way; nobody wants the results any more, and what ended the stream has been told.</summary>
        public async ValueTask DrainAsync()
        {
            try
            {
                while (await Results.WaitAsync() >= 0)
                {
                    while (Results.TryRead(out var left))
                    {
                        await Pump.EndOf(left);
                        _slots.GiveBack();
                    }
                }
            }
            catch (Exception e) when (e == _failure)
            {
                // The source's failure came after the one that the consumer got, or after it had left.
            }
        }

        private void Start(T item)
        {
            var result = CallAsync(item);
            if (ordered)
            {
                Results.TryOffer(result);
                return;
            }
            Interlocked.Increment(ref _open);
            _ = LineUpAsync(result);
        }

        private async Task<TOut> CallAsync(T item) => await function(item, stop);

        private async Task LineUpAsync(Task<TOut> result)
        {
            await Pump.EndOf(result);
            Results.TryOffer(result);
            CloseOne();
        }

        private void CloseOne()
        {
            if (Interlocked.Decrement(ref _open) == 0) Results.Complete(_failure);
        }
    }
}
