using ActorPerf.Cluster;

namespace ActorPerf.Storage.Memory;

/// <summary>The feed in memory, as one of the process' nodes sees it.</summary>
internal sealed class MemoryFeedStore(MemoryJobStore store, NodeHandle handle) : IFeedStore
{
    public bool IsShared => handle.IsShared;

    public long Origin => handle.Origin;

    public Action? Changed
    {
        get => handle.Changed;
        set => handle.Changed = value;
    }

    public ValueTask<FeedPlace> EndAsync(CancellationToken ct) => new(store.FeedEnd());

    public ValueTask<FeedSlice> ReadAsync(FeedPlace after, long? except, int limit, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 10_000);
        return new(store.ReadFeed(after, except, limit));
    }

    public ValueTask AppendAsync(FeedNote note, CancellationToken ct)
    {
        store.Append(note, handle.Mark);
        handle.Committed();
        return ValueTask.CompletedTask;
    }
}
