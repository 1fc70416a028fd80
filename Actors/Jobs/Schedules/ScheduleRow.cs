using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Schedules;

/// <summary>A schedule as the store keeps it.</summary>
public sealed record ScheduleRow
{
    public required Namespace Namespace { get; init; }
    public required string Name { get; init; }

    /// <summary>Null: what the configuration says.</summary>
    public ScheduleDefinition? Definition { get; init; }

    /// <summary>What <see cref="Cursor"/> belongs to; see <see cref="ScheduleDefinition.Shape"/>.</summary>
    public required string Shape { get; init; }

    /// <summary>Every tick up to this moment has been handled.</summary>
    public required DateTimeOffset Cursor { get; init; }

    /// <summary>The job of the newest tick that has one.</summary>
    public JobId? LastJob { get; init; }

    /// <summary>Lines of history that were ever written.</summary>
    public long Ticks { get; init; }

    /// <summary>The newest line of history.</summary>
    public ScheduleTick? Last { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>1 and up by one at every change of the definition.</summary>
    public required long Version { get; init; }
}

/// <summary>What handling ticks of a schedule changed.</summary>
/// <param name="Cursor">Handled up to here.</param>
/// <param name="LastJob">Null: as before.</param>
/// <param name="Ticks">Oldest first.</param>
public sealed record ScheduleStep(Namespace Namespace, string Name, DateTimeOffset Cursor, JobId? LastJob, IReadOnlyList<ScheduleTick> Ticks);
