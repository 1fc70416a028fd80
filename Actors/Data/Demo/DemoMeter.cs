namespace ActorPerf.Data.Demo;

/// <summary>Counts the statements that read the namespace <c>demo</c>, and lets one demonstration run at a time on a node, so that the count is its own.</summary>
public sealed class DemoMeter : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private long _statements;

    public void Dispose() => _turn.Dispose();

    /// <summary>Runs a demonstration and says how long it took and how many statements read for it.</summary>
    internal async Task<DemoAnswer> MeasureAsync(TimeProvider time, Func<Task<string>> demonstration, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            var (before, started) = (Interlocked.Read(ref _statements), time.GetTimestamp());
            var found = await demonstration();
            return new DemoAnswer(Math.Round(time.GetElapsedTime(started).TotalSeconds, 4), Interlocked.Read(ref _statements) - before, found);
        }
        finally
        {
            _turn.Release();
        }
    }

    internal void Count() => Interlocked.Increment(ref _statements);
}

/// <param name="Took">Seconds.</param>
/// <param name="Statements">That read for it: batches of gets, and queries.</param>
/// <param name="Found">What came of it.</param>
public sealed record DemoAnswer(double Took, long Statements, string Found);
