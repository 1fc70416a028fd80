using System.Diagnostics;

namespace ActorPerf.Benchmarks.Harness;

/// <summary>One measured piece of work of a fixed size in this process.</summary>
internal static class Stretch
{
    /// <summary>Measures <paramref name="work"/>, which does so many operations, on a collected heap: it pays for its own garbage and no other's.</summary>
    public static async Task<Measurement> MeasureAsync(long operations, Func<Task> work)
    {
        Collect();
        var before = Usage.Here();
        var started = Stopwatch.GetTimestamp();
        await work();
        return new Measurement(operations, Stopwatch.GetElapsedTime(started), Usage.Here() - before);
    }

    /// <summary>Runs <paramref name="work"/> on so many threads of their own, each given its number.</summary>
    public static Task OnThreadsAsync(int threads, Action<int> work) => Task.WhenAll(Enumerable.Range(0, threads).Select(number =>
        Task.Factory.StartNew(() => work(number), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

    public static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }
}
