using ActorPerf.Cluster;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Schedules;

/// <summary>What schedules need stored: a row each, and the newest lines of their history.</summary>
/// <remarks>A write that throws <see cref="StoreUnavailableException"/> may have become durable all the same; every one of them can be repeated.</remarks>
public interface IScheduleStore
{
    /// <summary>Lines of history that are kept of each schedule.</summary>
    const int HistoryLength = 50;

    /// <summary>All rows of all namespaces, in no order.</summary>
    ValueTask<IReadOnlyList<ScheduleRow>> ReadAllAsync(CancellationToken ct);

    /// <summary>Adds a row, or replaces its definition, shape, cursor and version; the last job and the history stay. Durable when it returns.</summary>
    ValueTask PutAsync(ScheduleRow row, CancellationToken ct);

    /// <summary>Deletes a row and its history. Durable when it returns; nothing happens where there is none.</summary>
    ValueTask DeleteAsync(Namespace ns, string name, CancellationToken ct);

    /// <summary>Moves cursors forward (never back) and adds to histories, in one transaction. A step without a row does nothing.</summary>
    ValueTask AdvanceAsync(IReadOnlyList<ScheduleStep> steps, CancellationToken ct);

    /// <summary>The history, newest first; empty where there is none.</summary>
    ValueTask<IReadOnlyList<ScheduleTick>> ReadHistoryAsync(Namespace ns, string name, CancellationToken ct);
}
