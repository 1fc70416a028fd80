using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace ActorPerf.Data;

/// <summary>Awaits several answers as one: <c>var (account, messages) = await (data.GetAsync(…), data.GetManyAsync(…));</c></summary>
/// <remarks>All have been started when the tuple is made, so they overlap; all are awaited, whatever becomes of the others; then the first failure in the tuple's order is thrown.</remarks>
public static class AwaitableTuples
{
    public static ValueTaskAwaiter<(T1, T2)> GetAwaiter<T1, T2>(this (ValueTask<T1>, ValueTask<T2>) all) => AllAsync(all).GetAwaiter();

    public static ValueTaskAwaiter<(T1, T2, T3)> GetAwaiter<T1, T2, T3>(this (ValueTask<T1>, ValueTask<T2>, ValueTask<T3>) all) => AllAsync(all).GetAwaiter();

    public static ValueTaskAwaiter<(T1, T2, T3, T4)> GetAwaiter<T1, T2, T3, T4>(this (ValueTask<T1>, ValueTask<T2>, ValueTask<T3>, ValueTask<T4>) all) =>
        AllAsync(all).GetAwaiter();

    public static ValueTaskAwaiter<(T1, T2, T3, T4, T5)> GetAwaiter<T1, T2, T3, T4, T5>(
        this (ValueTask<T1>, ValueTask<T2>, ValueTask<T3>, ValueTask<T4>, ValueTask<T5>) all) => AllAsync(all).GetAwaiter();

    public static ValueTaskAwaiter<(T1, T2)> GetAwaiter<T1, T2>(this (Task<T1>, Task<T2>) all) => AllAsync((Of(all.Item1), Of(all.Item2))).GetAwaiter();

    public static ValueTaskAwaiter<(T1, T2, T3)> GetAwaiter<T1, T2, T3>(this (Task<T1>, Task<T2>, Task<T3>) all) =>
        AllAsync((Of(all.Item1), Of(all.Item2), Of(all.Item3))).GetAwaiter();

    public static ValueTaskAwaiter<(T1, T2, T3, T4)> GetAwaiter<T1, T2, T3, T4>(this (Task<T1>, Task<T2>, Task<T3>, Task<T4>) all) =>
        AllAsync((Of(all.Item1), Of(all.Item2), Of(all.Item3), Of(all.Item4))).GetAwaiter();

    private static async ValueTask<(T1, T2)> AllAsync<T1, T2>((ValueTask<T1>, ValueTask<T2>) all)
    {
        var failure = new First();
        var result = (await failure.Of(all.Item1), await failure.Of(all.Item2));
        failure.Throw();
        return result;
    }

    private static async ValueTask<(T1, T2, T3)> AllAsync<T1, T2, T3>((ValueTask<T1>, ValueTask<T2>, ValueTask<T3>) all)
    {
        var failure = new First();
        var result = (await failure.Of(all.Item1), await failure.Of(all.Item2), await failure.Of(all.Item3));
        failure.Throw();
        return result;
    }

    private static async ValueTask<(T1, T2, T3, T4)> AllAsync<T1, T2, T3, T4>((ValueTask<T1>, ValueTask<T2>, ValueTask<T3>, ValueTask<T4>) all)
    {
        var failure = new First();
        var result = (await failure.Of(all.Item1), await failure.Of(all.Item2), await failure.Of(all.Item3), await failure.Of(all.Item4));
        failure.Throw();
        return result;
    }

    private static async ValueTask<(T1, T2, T3, T4, T5)> AllAsync<T1, T2, T3, T4, T5>((ValueTask<T1>, ValueTask<T2>, ValueTask<T3>, ValueTask<T4>, ValueTask<T5>) all)
    {
        var failure = new First();
        var result = (await failure.Of(all.Item1), await failure.Of(all.Item2), await failure.Of(all.Item3), await failure.Of(all.Item4), await failure.Of(all.Item5));
        failure.Throw();
        return result;
    }

    private static ValueTask<T> Of<T>(Task<T> task) => new(task);

    /// <summary>The first failure of those awaited.</summary>
    private sealed class First
    {
        private ExceptionDispatchInfo? _failure;

        public async ValueTask<T> Of<T>(ValueTask<T> one)
        {
            try
            {
                return await one;
            }
            catch (Exception failure)
            {
                _failure ??= ExceptionDispatchInfo.Capture(failure);
                return default!;
            }
        }

        public void Throw() => _failure?.Throw();
    }
}
