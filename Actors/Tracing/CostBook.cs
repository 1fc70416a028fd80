namespace ActorPerf.Tracing;

/// <summary>Counts what recording costs. Any thread.</summary>
internal sealed class CostBook
{
    private long _traced;
    private long _spans;
    private long _dropped;
    private long _evicted;
    private long _tracedTicks;
    private long _besideStamps;

    public void Traced(RecordedTrace trace)
    {
        Interlocked.Increment(ref _traced);
        Interlocked.Add(ref _spans, trace.Spans.Length);
        if (trace.Dropped > 0) Interlocked.Add(ref _dropped, trace.Dropped);
        Interlocked.Add(ref _tracedTicks, trace.Cost.Ticks);
    }

    /// <summary>Time that belongs to no trace of its own: counting, and keeping.</summary>
    /// <param name="stamps">In units of the clock's timestamps.</param>
    public void Beside(long stamps) => Interlocked.Add(ref _besideStamps, stamps);

    public void Evicted() => Interlocked.Increment(ref _evicted);

    /// <param name="processor">Processor time of the process since counting began.</param>
    public TracingCost Read(long requests, TimeProvider time, TimeSpan processor, int traces, long bytes, long maxBytes)
    {
        var traced = TimeSpan.FromTicks(Interlocked.Read(ref _tracedTicks));
        var all = traced + time.GetElapsedTime(0, Interlocked.Read(ref _besideStamps));
        var spans = Interlocked.Read(ref _spans);
        return new TracingCost(
            requests, Interlocked.Read(ref _traced), spans, Interlocked.Read(ref _dropped), all, spans == 0 ? TimeSpan.Zero : traced / spans,
            processor > TimeSpan.Zero ? Math.Min(1, all / processor) : 0, traces, bytes, maxBytes, Interlocked.Read(ref _evicted));
    }
}
