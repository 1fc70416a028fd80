using ActorPerf.Tasks;

namespace ActorPerf.Caching;

/// <summary>Runs a flight's task: with the chain of computations that wait for it, and for no longer than the task may take.</summary>
/// <param name="expired">Called when the time is up; null: no limit.</param>
internal sealed class FlightRunner(ITaskRunner inner, FlightChain? chain, TimeSpan? limit, TimeProvider time, Action? expired) : ITaskRunner
{
    public Refusal? Check(ReadOnlyMemory<byte> args) => inner.Check(args);

    public bool TryCanonicalize(ReadOnlyMemory<byte> args, out ReadOnlyMemory<byte> canonical, out Refusal? refusal) =>
        inner.TryCanonicalize(args, out canonical, out refusal);

    public async ValueTask<ReadOnlyMemory<byte>> RunAsync(ReadOnlyMemory<byte> args, TaskContext context, CancellationToken ct)
    {
        FlightChain.Current = chain;
        // The time counts from here, not from the line at the gate.
        using var timer = limit is { } after && expired is not null
            ? time.CreateTimer(static state => ((Action?)state)?.Invoke(), expired, after, Timeout.InfiniteTimeSpan)
            : null;
        if (limit is { } span && context is FlightContext flight) flight.BeginTime(time.GetUtcNow() + span);
        return await inner.RunAsync(args, context, ct);
    }
}
