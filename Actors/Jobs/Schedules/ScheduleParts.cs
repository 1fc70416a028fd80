using ActorPerf.Cluster;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Schedules;

/// <summary>What the schedule actor works with.</summary>
internal sealed class ScheduleParts
{
    /// <summary>Schedules that a node may have.</summary>
    public const int MaxSchedules = 100_000;

    public required IScheduleStore Store { get; init; }
    public required IJobs Jobs { get; init; }
    public required ITaskCatalog Tasks { get; init; }
    public required IReadOnlyList<ConfiguredSchedule> Configured { get; init; }
    public required TimeProvider Time { get; init; }
    public required ILogger Log { get; init; }

    /// <summary>Only the leader fires; others show and change schedules.</summary>
    public ILeadership Leadership { get; init; } = Cluster.Leadership.Always;
}
