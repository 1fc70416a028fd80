using System.Diagnostics;
using ActorPerf.Tracing.Metrics;

namespace ActorPerf.Setup.Metrics;

/// <summary>The process and its runtime, under the names that every monitoring system knows.</summary>
internal static class ProcessFigures
{
    public static IEnumerable<MetricFamily> Of()
    {
        using var process = Process.GetCurrentProcess();
        yield return MetricFamily.Counter("process_cpu_seconds_total", "Processor time used, of user and system together.", process.TotalProcessorTime.TotalSeconds);
        yield return MetricFamily.Gauge("process_resident_memory_bytes", "Memory in use.", process.WorkingSet64);
        yield return MetricFamily.Gauge("process_start_time_seconds", "When the process started, in seconds since 1970.", new DateTimeOffset(process.StartTime.ToUniversalTime()).ToUnixTimeMilliseconds() / 1000.0);
        yield return MetricFamily.Counters("dotnet_gc_collections_total", "Garbage collections by generation.", Generations());
        yield return MetricFamily.Counter("dotnet_gc_pause_time_seconds_total", "Time that the program stood still for them.", GC.GetTotalPauseDuration().TotalSeconds);
        yield return MetricFamily.Gauge("dotnet_gc_heap_size_bytes", "Memory of managed objects.", GC.GetTotalMemory(forceFullCollection: false));
        yield return MetricFamily.Gauge("dotnet_thread_pool_threads", "Threads of the thread pool.", ThreadPool.ThreadCount);
        yield return MetricFamily.Gauge("dotnet_thread_pool_queue_length", "Work that waits for a thread of it.", ThreadPool.PendingWorkItemCount);
    }

    /// <summary>The runtime counts a collection for every generation up to its own; here each counts once.</summary>
    private static IEnumerable<MetricPoint> Generations()
    {
        for (var generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            var higher = generation == GC.MaxGeneration ? 0 : GC.CollectionCount(generation + 1);
            yield return MetricPoint.Of(Math.Max(0, GC.CollectionCount(generation) - higher), ("generation", $"gen{generation}"));
        }
    }
}
