namespace ActorPerf.Benchmarks.Harness;

/// <summary>Operations done in a time, and what the measured process used for them.</summary>
internal readonly record struct Measurement(long Operations, TimeSpan Elapsed, Usage Used)
{
    public double PerSecond => Operations / Elapsed.TotalSeconds;

    /// <summary>Microseconds of processor time an operation.</summary>
    public double Cpu => Used.Cpu.TotalMicroseconds / Operations;

    /// <summary>Allocated bytes an operation.</summary>
    public double Bytes => (double)Used.AllocatedBytes / Operations;
}
