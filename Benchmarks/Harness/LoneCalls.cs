using System.Diagnostics;

namespace ActorPerf.Benchmarks.Harness;

/// <summary>One call at a time on an idle node, and the same call without anything of ours around it, in turns: how much longer the first takes.</summary>
internal static class LoneCalls
{
    private const int WarmUp = 5_000;
    private const int Samples = 20_000;

    /// <param name="report">Gets p50 and p99 above the bare call.</param>
    /// <param name="name">What is called, such as <c>SQLite, get</c>.</param>
    /// <param name="bare">Makes so many bare calls, one after the other, and tells how long each took, in µs.</param>
    /// <param name="lone">One call through the pipeline; the number is that of the call.</param>
    /// <param name="most">What p50 may be above the bare call's, in µs.</param>
    public static async Task CompareAsync(Pace pace, Report report, string name, Func<int, Task<IReadOnlyList<double>>> bare, Func<int, ValueTask> lone, double most)
    {
        var samples = pace.Scale(Samples) / pace.Pairs;
        var (without, with) = (new List<double>(), new List<double>());
        await bare(WarmUp);
        await SampleAsync(WarmUp, lone);
        for (var pair = 0; pair < pace.Pairs; pair++)
        {
            without.AddRange(await bare(samples));
            with.AddRange(await SampleAsync(samples, lone));
        }
        var (p50, p99) = (Spread.Percentile(without, 50), Spread.Percentile(without, 99));
        report.Add(new Figure($"{name}, p50 above the bare call", Spread.Of(Spread.Percentile(with, 50) - p50), "µs") { Promised = new Promise.Within(most) });
        report.Add(new Figure($"{name}, p50", Spread.Of(Spread.Percentile(with, 50)), "µs") { Limit = Spread.Of(p50) });
        report.Add(new Figure($"{name}, p99", Spread.Of(Spread.Percentile(with, 99)), "µs") { Limit = Spread.Of(p99) });
    }

    /// <returns>How long each call took, in µs.</returns>
    public static async Task<IReadOnlyList<double>> SampleAsync(int samples, Func<int, ValueTask> call)
    {
        var times = new double[samples];
        for (var i = 0; i < samples; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await call(i);
            times[i] = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
        }
        return times;
    }
}
