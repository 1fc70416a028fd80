using ActorPerf.Cluster;

namespace ActorPerf.Storage.Memory;

/// <content>The feed: every change is in it, in the order of the lock.</content>
internal sealed partial class MemoryJobStore
{
    private readonly MemoryHistory _history = new();

    public FeedPlace FeedEnd()
    {
        lock (_gate) return FeedPlace.Of(_history.Last);
    }

    public FeedSlice ReadFeed(FeedPlace after, long? except, int limit)
    {
        lock (_gate) return _history.Read(after.Seq, except, limit, subject => _jobs.TryGetValue(subject, out var entry) ? entry.Job.Row : null);
    }

    public void Append(FeedNote note, long? origin)
    {
        lock (_gate)
        {
            _history.Origin = origin;
            _history.Add(note, time.GetUtcNow());
        }
    }
}
