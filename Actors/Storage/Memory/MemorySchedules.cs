using ActorPerf.Cluster;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Memory;

/// <summary>Schedules in memory as one of the process' nodes sees them: its changes stand in the feed.</summary>
internal sealed class MemorySchedules(MemoryScheduleStore rows, IFeedStore feed) : IScheduleStore
{
    public ValueTask<IReadOnlyList<ScheduleRow>> ReadAllAsync(CancellationToken ct) => rows.ReadAllAsync(ct);

    public async ValueTask PutAsync(ScheduleRow row, CancellationToken ct)
    {
        await rows.PutAsync(row, ct);
        await feed.AppendAsync(new FeedNote(FeedKind.Schedule, row.Namespace.Name, row.Name), ct);
    }

    public async ValueTask DeleteAsync(Namespace ns, string name, CancellationToken ct)
    {
        await rows.DeleteAsync(ns, name, ct);
        await feed.AppendAsync(new FeedNote(FeedKind.Schedule, ns.Name, name), ct);
    }

    public ValueTask AdvanceAsync(IReadOnlyList<ScheduleStep> steps, CancellationToken ct) => rows.AdvanceAsync(steps, ct);

    public ValueTask<IReadOnlyList<ScheduleTick>> ReadHistoryAsync(Namespace ns, string name, CancellationToken ct) => rows.ReadHistoryAsync(ns, name, ct);
}
