namespace ActorPerf.Cluster;

/// <summary>What a row of the feed tells of; the numbers are stored (docs/formats/history.md).</summary>
public enum FeedKind
{
    /// <summary>A job moved.</summary>
    Job = 1,

    /// <summary>What is stored for a queue changed; <see cref="FeedRow.Detail"/> is JSON.</summary>
    Queue = 2,

    /// <summary>A schedule was put or deleted; <see cref="FeedRow.Detail"/> is its name.</summary>
    Schedule = 3,

    /// <summary>Remembered results no longer count; <see cref="FeedRow.Detail"/> says which.</summary>
    Cache = 4,

    /// <summary>Something about a member, or asked of one; <see cref="FeedRow.Detail"/> says what.</summary>
    Member = 5,
}

/// <summary>One row of the feed of all changes: written in the transaction that made the change, never changed afterwards.</summary>
public sealed record FeedRow
{
    public required FeedPlace Place { get; init; }

    /// <summary>Whose change it is; empty where it is the cluster's.</summary>
    public required string Namespace { get; init; }

    public required FeedKind Kind { get; init; }

    /// <summary>The job's internal number; 0 for other kinds.</summary>
    public long Subject { get; init; }

    /// <summary>The subject's version after the change.</summary>
    public long Version { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>The job's state before, as stored; null for a new job and for other kinds.</summary>
    public int? From { get; init; }

    /// <summary>The job's state after, as stored; null for other kinds.</summary>
    public int? To { get; init; }

    public int Attempt { get; init; }

    /// <summary>Whose run it concerns; null where no run is concerned.</summary>
    public Guid? Incarnation { get; init; }

    /// <summary>The name of that run's node.</summary>
    public string? Node { get; init; }

    public string? Detail { get; init; }

    /// <summary>Who wrote it: the <see cref="IFeedStore.Origin"/> of a node; null where nobody else was there to tell.</summary>
    public long? Origin { get; init; }

    /// <summary>The job as it stands when the row is read, which may be later; null for other kinds, and where it was deleted.</summary>
    public FeedJob? Job { get; init; }
}

/// <summary>What readers of the feed need of a job.</summary>
/// <param name="State">As stored.</param>
/// <param name="RunAt">When it is due.</param>
/// <param name="Limited">It has a limit key.</param>
public readonly record struct FeedJob(Guid Id, string Queue, int State, DateTimeOffset RunAt, bool Limited, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt);

/// <summary>A row of its own, for a change that is told by nothing else.</summary>
/// <param name="Namespace">Whose change it is; empty where it is the cluster's.</param>
/// <param name="Detail">At most 64 KiB.</param>
public sealed record FeedNote(FeedKind Kind, string Namespace, string Detail);

/// <summary>Rows of the feed, as one look at the database saw them.</summary>
/// <param name="Rows">In order of <see cref="FeedRow.Place"/>.</param>
/// <param name="Horizon">No row at or before it can come any more: all of those up to it that are not deleted were to be seen.</param>
/// <param name="Pruned">Rows behind the place that was asked for are no longer kept, so the slice does not join up.</param>
/// <param name="More">The limit cut the slice off: more rows stand behind its last one.</param>
public sealed record FeedSlice(IReadOnlyList<FeedRow> Rows, FeedPlace Horizon, bool Pruned, bool More)
{
    /// <summary>Up to where a reader has seen everything, who had so up to the place it asked for.</summary>
    public FeedPlace Complete => More && Rows[^1].Place < Horizon ? Rows[^1].Place : Horizon;
}
