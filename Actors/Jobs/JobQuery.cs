using ActorPerf.Jobs.Search;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>Which jobs of a namespace, in which order, and which page of them.</summary>
public sealed record JobQuery
{
    public const int MaxLimit = 500;

    public required Namespace Namespace { get; init; }

    /// <summary>Any of these; empty: all.</summary>
    public IReadOnlyList<JobState> States { get; init; } = [];

    public string? Task { get; init; }
    public string? Queue { get; init; }
    public string? Tag { get; init; }

    /// <summary>And this as well; null: nothing more.</summary>
    public JobFilter? Filter { get; init; }

    public JobSort Sort { get; init; } = JobSort.Newest;

    /// <summary>1 to <see cref="MaxLimit"/>.</summary>
    public int Limit { get; init; } = 50;

    /// <summary>Rows looked at, at most, in an order of submission; 1 to <see cref="SearchRefusals.MaxLooked"/>. A page that is not full then says so (<see cref="JobPage.Exhausted"/>).</summary>
    public int Look { get; init; } = SearchRefusals.MaxLooked;

    /// <summary>Jobs behind this one (its <see cref="JobRow.Seq"/>) in the order of the list; null: from its beginning.</summary>
    public long? Before { get; init; }

    /// <summary>The key of the job of <see cref="Before"/> in an order other than that of submission.</summary>
    public long BeforeKey { get; init; }

    /// <summary>Jobs submitted before this one alone, whatever the order; null: all.</summary>
    public long? Until { get; init; }

    /// <summary>Tasks and paths of arguments that are indexed. Filled by the front door.</summary>
    public IReadOnlySet<(string Task, string Path)> Indexed { get; init; } = None;

    /// <summary>Tasks and paths of arguments that nobody is told of. Filled by the front door.</summary>
    public IReadOnlySet<(string Task, string Path)> Hidden { get; init; } = None;

    /// <summary>Everything that is asked of a job, in one.</summary>
    public JobFilter Wanted()
    {
        var parts = new List<JobFilter>();
        if (States.Count > 0) parts.Add(JobFilter.Any(States.Select(state => new JobFilter.InState(state))));
        if (Task is not null) parts.Add(new JobFilter.Named(NameField.Task, Task, Prefix: false));
        if (Queue is not null) parts.Add(new JobFilter.Named(NameField.Queue, Queue, Prefix: false));
        if (Tag is not null) parts.Add(new JobFilter.Named(NameField.Tag, Tag, Prefix: false));
        if (Filter is not null) parts.Add(Filter);
        return JobFilter.All(parts);
    }

    internal JobPlace? After => Before is { } seq ? new JobPlace(Sort.IsBySubmission ? seq : BeforeKey, seq) : null;

    private static readonly HashSet<(string, string)> None = [];
}

/// <summary>A page of jobs.</summary>
/// <param name="Rows">At most the limit; possibly fewer although more match, when the search stopped at its bound.</param>
/// <param name="Next">Where the next page begins (<see cref="JobQuery.Before"/>); null when nothing behind it can match.</param>
/// <param name="Exhausted">False when the search stopped at its bound of rows looked at (<see cref="JobQuery.Look"/>) before the page was full.</param>
public sealed record JobPage(IReadOnlyList<Job> Rows, long? Next, bool Exhausted = true)
{
    /// <summary>With <see cref="Next"/>, in an order other than that of submission.</summary>
    public long NextKey { get; init; }

    /// <summary>Why there is no page: an order that would need more rows looked at than may be; null when there is one.</summary>
    public Refusal? Refusal { get; init; }
}

/// <summary>How many jobs of a stretch of the list match.</summary>
/// <param name="Next">Where the count goes on (<see cref="JobQuery.Before"/>); null at the end.</param>
public readonly record struct MatchCount(long Matched, long? Next);

/// <summary>How many jobs share a state, queue and task of one namespace.</summary>
public readonly record struct JobCount(string Queue, string Task, JobState State, long Count);
