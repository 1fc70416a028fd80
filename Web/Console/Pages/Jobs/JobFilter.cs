using System.Globalization;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Search;
using ActorPerf.Tasks;
using Filter = ActorPerf.Jobs.Search.JobFilter;

namespace ActorPerf.Web.Console.Pages;

/// <summary>Which jobs the table shows, in which order, and which page of them, as its address says it.</summary>
/// <param name="Trail">Where the pages before this one begin, nearest last: the way back to newer jobs.</param>
/// <param name="Q">A search as it was written; null for none.</param>
public sealed record JobFilter(JobState? State, string? Task, string? Queue, string? Tag, JobSpot? Cursor, IReadOnlyList<JobSpot> Trail, string? Q = null)
{
    private const int LongestTrail = 100;
    private const int LongestWord = 100;

    /// <summary>A search that every job meets: where all are meant, they have to be named.</summary>
    public const string EveryJob = "created>2000-01-01";

    /// <summary>Jobs on a page.</summary>
    public const int PageSize = 50;

    public static JobFilter None { get; } = new(null, null, null, null, null, []);

    public JobSort Sort { get; init; } = JobSort.Newest;

    /// <summary>Null with what is wrong when the address says something that cannot be.</summary>
    public static JobFilter? Parse(Func<string, string?> query, out JobFault? fault)
    {
        fault = null;
        JobState? state = null;
        if (query("state") is { } word)
        {
            if (JobStates.TryParse(word, out var known)) state = known;
            else fault = new JobFault($"There is no state '{Cut(word)}'. The states are {string.Join(", ", JobStates.All.Select(known => known.Word))}.", null);
        }
        JobSpot? cursor = null;
        if (query("cursor") is { } place)
        {
            if (JobSpot.TryParse(place, out var spot)) cursor = spot;
            else fault = new JobFault("The address names a page that cannot be. Start again from the newest jobs.", null);
        }
        var sort = JobSort.Newest;
        if (query("sort") is { } order && !JobSort.TryParse(order, out sort)) fault = new JobFault($"There is no order '{Cut(order)}'. Write one of {JobSort.Known}; with - in front it descends.", null);
        var search = query("q");
        if (search is not null && !FilterText.TryParse(search, out _, out var unreadable)) fault = new JobFault(unreadable!.ToString(), unreadable.Position);
        if (fault is not null) return null;
        var trail = (query("trail") ?? "").Split('.', StringSplitOptions.RemoveEmptyEntries)
            .TakeLast(LongestTrail).Select(step => JobSpot.TryParse(step, out var spot) ? spot : (JobSpot?)null).OfType<JobSpot>();
        return new JobFilter(state, Cut(query("task")), Cut(query("queue")), Cut(query("tag")), cursor, [.. trail], search) { Sort = sort };
    }

    /// <summary>Something besides the state is asked for.</summary>
    public bool IsNarrowed => Task is not null || Queue is not null || Tag is not null || Q is not null;

    public JobQuery Query(Namespace ns) => new()
    {
        Namespace = ns,
        States = State is { } state ? [state] : [],
        Task = Task,
        Queue = Queue,
        Tag = Tag,
        Filter = Parts,
        Limit = PageSize,
        Sort = Sort,
        Before = Cursor?.Seq,
        BeforeKey = Cursor?.Key ?? 0,
    };

    /// <summary>The search as it was read; null for none.</summary>
    public Filter? Parts => Q is not null && FilterText.TryParse(Q, out var filter, out _) ? filter : null;

    /// <summary>All that is asked for, in one search text; <see cref="EveryJob"/> where nothing is.</summary>
    public string Whole(Namespace ns) => Query(ns).Wanted() is var wanted && wanted == Filter.Everything ? EveryJob : wanted.ToString();

    /// <summary>This filter from its newest page.</summary>
    public JobFilter FromTheTop() => this with { Cursor = null, Trail = [] };

    public JobFilter Older(JobSpot next) => this with { Cursor = next, Trail = [.. Trail, Cursor ?? default] };

    public JobFilter Newer() => Trail.Count <= 1
        ? FromTheTop()
        : this with { Cursor = Trail[^1], Trail = [.. Trail.SkipLast(1)] };

    /// <summary>What the address of the list says.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Pairs() =>
    [
        .. Wishes(),
        new("cursor", Cursor?.ToString()),
        new("trail", string.Join('.', Trail)),
    ];

    /// <summary>The same without the page.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Wishes() =>
    [
        new("q", Q),
        new("state", State?.Word),
        new("task", Task),
        new("queue", Queue),
        new("tag", Tag),
        new("sort", Sort == JobSort.Newest ? null : Sort.ToString()),
    ];

    /// <summary>How many jobs the state tabs promise. Null where kept counters cannot say (tags and searches are not counted).</summary>
    public long? Count(IReadOnlyList<JobCount> counts, JobState? state) => IsCounted ? counts
        .Where(count => (state is null || count.State == state) && (Task is null || count.Task == Task) && (Queue is null || count.Queue == Queue))
        .Sum(count => count.Count) : null;

    /// <summary>The kept counters know how many jobs there are.</summary>
    public bool IsCounted => Tag is null && Q is null;

    private static string? Cut(string? text) => text is { Length: > LongestWord } ? text[..LongestWord] : text;
}

/// <summary>What is wrong with the address of a list.</summary>
/// <param name="At">The character of the search at which it went wrong, from 1; null where the fault is elsewhere.</param>
public sealed record JobFault(string Sentence, int? At)
{
    public override string ToString() => Sentence;
}

/// <summary>Where a page of jobs begins: behind this job.</summary>
/// <param name="Key">Its key in the order of the list; 0 in the order of submission.</param>
public readonly record struct JobSpot(long Seq, long Key)
{
    /// <summary>Reads <c>SEQ</c> or <c>SEQ~KEY</c>.</summary>
    public static bool TryParse(string text, out JobSpot spot)
    {
        var parts = text.Split('~');
        spot = default;
        if (parts.Length > 2 || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var seq)) return false;
        var key = 0L;
        if (parts.Length == 2 && !long.TryParse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out key)) return false;
        spot = new JobSpot(seq, key);
        return true;
    }

    public override string ToString() => Key == 0 ? Seq.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{Seq}~{Key}");
}
