using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>Which jobs of a namespace, and which page of them. Newest first.</summary>
public sealed record JobQuery
{
    public const int MaxLimit = 500;

    public required Namespace Namespace { get; init; }

    /// <summary>Any of these; empty: all.</summary>
    public IReadOnlyList<JobState> States { get; init; } = [];

    public string? Task { get; init; }
    public string? Queue { get; init; }
    public string? Tag { get; init; }

    /// <summary>1 to <see cref="MaxLimit"/>.</summary>
    public int Limit { get; init; } = 50;

    /// <summary>Jobs older than this one (its <see cref="JobRow.Seq"/>); null: from the newest.</summary>
    public long? Before { get; init; }
}

/// <summary>A page of jobs.</summary>
/// <param name="Rows">At most the limit; possibly fewer although more match, when the search stopped at its bound.</param>
/// <param name="Next">Where the next page begins (<see cref="JobQuery.Before"/>); null when nothing older can match.</param>
/// <param name="Exhausted">False when the search stopped at its bound of rows looked at (100,000) before the page was full.</param>
public sealed record JobPage(IReadOnlyList<Job> Rows, long? Next, bool Exhausted = true);

/// <summary>How many jobs share a state, queue and task of one namespace.</summary>
public readonly record struct JobCount(string Queue, string Task, JobState State, long Count);
