using ActorPerf.Caching;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Web.Api;

/// <summary>Answers what a test puts in, and remembers what it was asked.</summary>
internal sealed class FakeCompute : ICompute
{
    public Func<ComputeRequest, ComputeOutcome> Answer { get; set; } = static request => new ComputeOutcome.Found(
        new ComputedResult(request.Args, DateTimeOffset.UtcNow, TimeSpan.FromSeconds(0.25), null), CacheSource.Bypass);

    public ComputeRequest Last { get; private set; }

    public Invalidation? Forgotten { get; private set; }

    /// <summary>Answers calls by their bytes; null: none is known.</summary>
    public KnownCall? Known { get; set; }

    public Func<string?, CacheEntryPage>? Page { get; set; }

    public delegate ComputeOutcome.Found? KnownCall(Namespace ns, string task, ReadOnlySpan<byte> args);

    public ComputeOutcome.Found? TryHit(Namespace ns, string task, ReadOnlySpan<byte> args) => Known?.Invoke(ns, task, args);

    public ValueTask<ComputeOutcome> ComputeAsync(ComputeRequest request, CancellationToken ct)
    {
        Last = request;
        return ValueTask.FromResult(Answer(request));
    }

    public ValueTask<ComputeOutcome> GetOrComputeAsync(
        CacheKey key, Func<TaskContext, CancellationToken, ValueTask<ReadOnlyMemory<byte>>> factory, CacheCallOptions? options, CancellationToken ct) =>
        throw new NotSupportedException("No page computes with code of its own.");

    public CacheView Statistics(Namespace ns)
    {
        var totals = new CacheTotals(2, 300, 6, 2, 1, 1, 0);
        return new CacheView(totals, new Dictionary<string, CacheTotals> { ["square"] = totals }, 100_000, 1 << 28);
    }

    public CacheEntryPage Entries(Namespace ns, string? task, int limit, string? cursor) =>
        Page?.Invoke(task) ?? new([new CacheEntryView("square", """{"n":12}"""u8.ToArray(), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddMinutes(5), 150, 3)], cursor is null ? "1a" : null);

    public ValueTask<InvalidateOutcome> InvalidateAsync(Invalidation what, CancellationToken ct)
    {
        Forgotten = what;
        return ValueTask.FromResult<InvalidateOutcome>(what.Task == "nosuch"
            ? new InvalidateOutcome.Refused(new Refusal("unknown-task", "There is no task 'nosuch'."))
            : new InvalidateOutcome.Done(7));
    }
}
