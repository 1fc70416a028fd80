namespace ActorPerf.Benchmarks.Harness;

/// <summary>What a process has used since its start.</summary>
internal readonly record struct Usage(TimeSpan Cpu, long AllocatedBytes)
{
    /// <summary>Of this process.</summary>
    public static Usage Here() => new(Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes());

    public static Usage operator -(Usage later, Usage earlier) => new(later.Cpu - earlier.Cpu, later.AllocatedBytes - earlier.AllocatedBytes);
}
