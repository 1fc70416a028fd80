using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Schedules;

/// <summary>What can be asked of the schedule actor. Replies come through the completion that a request carries, changes after they are durable.</summary>
internal abstract record ScheduleCommand
{
    private ScheduleCommand()
    {
    }

    /// <summary>Tells whoever waits for an answer that there is none; false where nobody waits for one that reading the rows would give.</summary>
    public virtual bool TryFail(Exception cause) => false;

    public sealed record List(Namespace Namespace, string? After, int Limit, TaskCompletionSource<IReadOnlyList<Schedule>> Reply) : ScheduleCommand
    {
        public override bool TryFail(Exception cause) => Reply.TrySetException(cause);
    }

    /// <param name="Reply">Null: there is none.</param>
    public sealed record Get(Namespace Namespace, string Name, TaskCompletionSource<Schedule?> Reply) : ScheduleCommand
    {
        public override bool TryFail(Exception cause) => Reply.TrySetException(cause);
    }

    /// <summary>A change that was asked for.</summary>
    public abstract record Change(TaskCompletionSource<ScheduleReply?> Reply) : ScheduleCommand
    {
        public override bool TryFail(Exception cause) => Reply.TrySetException(cause);
    }

    /// <summary>The definition was checked.</summary>
    public sealed record Put(Namespace Namespace, string Name, ScheduleDefinition Definition, TaskCompletionSource<ScheduleReply?> Reply) : Change(Reply);

    public sealed record Pause(Namespace Namespace, string Name, bool Paused, TaskCompletionSource<ScheduleReply?> Reply) : Change(Reply);

    public sealed record Delete(Namespace Namespace, string Name, TaskCompletionSource<ScheduleReply?> Reply) : Change(Reply);

    /// <summary>Rows as the store and the configuration have them together.</summary>
    public sealed record Loaded(IReadOnlyList<ScheduleRow> Rows) : ScheduleCommand;

    public sealed record LoadFailed(Exception Cause) : ScheduleCommand;

    /// <summary>What came of a batch of due schedules.</summary>
    public sealed record Fired(IReadOnlyList<DueSchedule> Due, IReadOnlyList<ScheduleStep> Steps) : ScheduleCommand;

    public sealed record FiringFailed(IReadOnlyList<DueSchedule> Due, Exception Cause) : ScheduleCommand;

    /// <summary>A row is durable.</summary>
    public sealed record Stored(ScheduleRow Row, bool IsNew, TaskCompletionSource<ScheduleReply?> Reply) : ScheduleCommand;

    /// <summary>A row is gone, durably.</summary>
    /// <param name="Again">What the configuration has under its name; null for nothing.</param>
    public sealed record Removed(Schedule Was, ScheduleRow? Again, TaskCompletionSource<ScheduleReply?> Reply) : ScheduleCommand;

    /// <summary>A change may have become durable or not.</summary>
    public sealed record ChangeFailed(TaskCompletionSource<ScheduleReply?> Reply, Exception Cause) : ScheduleCommand;

    /// <summary>Time to look for due ticks.</summary>
    public sealed record Look : ScheduleCommand
    {
        public static Look Instance { get; } = new();
    }

    /// <summary>Others changed rows, or this node leads now: what was read is old.</summary>
    public sealed record Stale : ScheduleCommand
    {
        public static Stale Instance { get; } = new();
    }

    /// <summary>Time to try again to read the rows.</summary>
    public sealed record Load : ScheduleCommand
    {
        public static Load Instance { get; } = new();
    }
}
