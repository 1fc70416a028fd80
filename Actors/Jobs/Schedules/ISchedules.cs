using ActorPerf.Cluster;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Schedules;

/// <summary>The front door to schedules. Another namespace's schedule is absent, not an error. Secret arguments are shown as dots, and dots are refused in their place.</summary>
/// <remarks>Expected refusals are answers; <see cref="StoreUnavailableException"/> means that a change may or may not have become durable: repeat it.</remarks>
public interface ISchedules
{
    /// <summary>Schedules in order of name.</summary>
    /// <param name="after">Only names behind this one; null from the first.</param>
    /// <param name="limit">1 to 500.</param>
    ValueTask<IReadOnlyList<Schedule>> ListAsync(Namespace ns, string? after, int limit, CancellationToken ct);

    /// <summary>Null where there is none.</summary>
    ValueTask<Schedule?> GetAsync(Namespace ns, string name, CancellationToken ct);

    /// <summary>Adds a schedule or replaces it; wins over one of the configuration. Where cron, time zone or pause change it begins anew from now.</summary>
    ValueTask<ScheduleReply> PutAsync(Namespace ns, string name, ScheduleDefinition definition, CancellationToken ct);

    /// <summary>Pauses or resumes; ticks in a pause are not missed ones. Null where there is none.</summary>
    ValueTask<ScheduleReply?> PauseAsync(Namespace ns, string name, bool paused, CancellationToken ct);

    /// <summary>Deletes a stored schedule, so that one of the configuration stands again; null where there is none.</summary>
    ValueTask<ScheduleReply?> DeleteAsync(Namespace ns, string name, CancellationToken ct);

    /// <summary>Submits the schedule's job now, out of turn: no tick, no overlap policy, paused or not. Null where there is none.</summary>
    ValueTask<SubmitOutcome?> TriggerAsync(Namespace ns, string name, CancellationToken ct);

    /// <summary>The newest 50 ticks, newest first; null where there is no such schedule.</summary>
    ValueTask<IReadOnlyList<ScheduleTick>?> HistoryAsync(Namespace ns, string name, CancellationToken ct);

    /// <summary>When an expression will fire. <paramref name="count"/> is 1 to 100.</summary>
    PreviewReply Preview(string cron, string timeZone, int count);
}

/// <summary>A schedule as it is now.</summary>
public sealed record Schedule
{
    public required Namespace Namespace { get; init; }
    public required string Name { get; init; }
    public required ScheduleDefinition Definition { get; init; }

    /// <summary>It was put through the API; else the configuration has it.</summary>
    public required bool IsStored { get; init; }

    /// <summary>When, in words.</summary>
    public required string Words { get; init; }

    /// <summary>Null while it is paused, or cannot fire.</summary>
    public DateTimeOffset? Next { get; init; }

    public ScheduleTick? Last { get; init; }

    /// <summary>Why it does not do what it should; null when it does.</summary>
    public string? Error { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public required long Version { get; init; }
}

/// <summary>What became of a change.</summary>
public abstract record ScheduleReply
{
    private ScheduleReply()
    {
    }

    /// <param name="Schedule">As it is now; as it was where nothing is left of it.</param>
    /// <param name="IsNew">There was none before.</param>
    public sealed record Done(Schedule Schedule, bool IsNew) : ScheduleReply;

    public sealed record Refused(Refusal Refusal) : ScheduleReply;
}

/// <summary>When an expression will fire, or why it cannot be read.</summary>
public abstract record PreviewReply
{
    private PreviewReply()
    {
    }

    /// <param name="Words">In words.</param>
    /// <param name="Ticks">With the zone's offset at that moment.</param>
    public sealed record Done(string Words, IReadOnlyList<DateTimeOffset> Ticks) : PreviewReply;

    public sealed record Refused(Refusal Refusal) : PreviewReply;
}

/// <summary>A schedule of the configuration.</summary>
public sealed record ConfiguredSchedule(Namespace Namespace, string Name, ScheduleDefinition Definition);
