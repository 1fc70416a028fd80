using System.Runtime.CompilerServices;

namespace ActorPerf.Streams;

public static partial class Stages
{
    /// <summary>Lets through <paramref name="elements"/> per <paramref name="per"/>, evenly; what comes faster waits (Akka.Streams' shaping mode).</summary>
    /// <param name="elements">1 and up.</param>
    /// <param name="per">More than zero.</param>
    /// <param name="burst">Elements that may follow one another without a wait after a pause; 1 and up.</param>
    public static IAsyncEnumerable<T> Throttle<T>(this IAsyncEnumerable<T> source, int elements, TimeSpan per, TimeProvider time, int burst = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(elements, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(per, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(burst, 1);
        ArgumentNullException.ThrowIfNull(time);
        return ThrottleAsync(source, elements, per, time, burst);
    }

    private static async IAsyncEnumerable<T> ThrottleAsync<T>(
        IAsyncEnumerable<T> source, int elements, TimeSpan per, TimeProvider time, int burst, [EnumeratorCancellation] CancellationToken ct = default)
    {
        // A bucket of tokens, kept as the time at which it would be full: no loop adds tokens.
        var spacing = per.Ticks / (double)elements;
        var start = time.GetTimestamp();
        var full = 0.0;
        await foreach (var item in source.WithCancellation(ct))
        {
            var now = (double)time.GetElapsedTime(start).Ticks;
            full = Math.Max(full, now) + spacing;
            var wait = full - now - burst * spacing;
            if (wait >= 1) await Task.Delay(TimeSpan.FromTicks((long)Math.Ceiling(wait)), time, ct);
            yield return item;
        }
    }
}
