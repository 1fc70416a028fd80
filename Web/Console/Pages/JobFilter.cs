using System.Globalization;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Search;
using ActorPerf.Tasks;

namespace ActorPerf.Web.Console.Pages;

/// <summary>Which jobs the table shows, as its address says it.</summary>
/// <param name="Trail">Cursors of the pages before this one, nearest last: the way back to newer jobs.</param>
/// <param name="Q">A search as it was written; null for none.</param>
public sealed record JobFilter(JobState? State, string? Task, string? Queue, string? Tag, long? Cursor, IReadOnlyList<long> Trail, string? Q = null)
{
    private const int LongestTrail = 100;
    private const int LongestWord = 100;

    /// <summary>Jobs on a page.</summary>
    public const int PageSize = 50;

    /// <summary>Null with a sentence about the fault when the address says something that cannot be.</summary>
    public static JobFilter? Parse(Func<string, string?> query, out string? fault)
    {
        fault = null;
        JobState? state = null;
        if (query("state") is { } word)
        {
            if (JobStates.TryParse(word, out var known)) state = known;
            else fault = $"There is no state '{Cut(word)}'. The states are {string.Join(", ", JobStates.All.Select(known => known.Word))}.";
        }
        long? cursor = null;
        if (query("cursor") is { } place)
        {
            if (TryPlace(place, out var seq)) cursor = seq;
            else fault = "The address names a page that cannot be. Start again from the newest jobs.";
        }
        var search = query("q");
        if (search is not null && !FilterText.TryParse(search, out _, out var unreadable)) fault = unreadable!.ToString();
        if (fault is not null) return null;
        var trail = (query("trail") ?? "").Split('.', StringSplitOptions.RemoveEmptyEntries)
            .TakeLast(LongestTrail).Select(step => TryPlace(step, out var seq) ? seq : -1).Where(seq => seq >= 0);
        return new JobFilter(state, Cut(query("task")), Cut(query("queue")), Cut(query("tag")), cursor, [.. trail], search);
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
        Filter = Q is not null && FilterText.TryParse(Q, out var filter, out _) ? filter : null,
        Limit = PageSize,
        Before = Cursor,
    };

    /// <summary>This filter from its newest page.</summary>
    public JobFilter FromTheTop() => this with { Cursor = null, Trail = [] };

    public JobFilter Older(long next) => this with { Cursor = next, Trail = [.. Trail, Cursor ?? 0] };

    public JobFilter Newer() => Trail.Count <= 1
        ? FromTheTop()
        : this with { Cursor = Trail[^1], Trail = [.. Trail.SkipLast(1)] };

    public IEnumerable<KeyValuePair<string, string?>> Pairs() =>
    [
        new("q", Q),
        new("state", State?.Word),
        new("task", Task),
        new("queue", Queue),
        new("tag", Tag),
        new("cursor", Cursor?.ToString(CultureInfo.InvariantCulture)),
        new("trail", string.Join('.', Trail.Select(seq => seq.ToString(CultureInfo.InvariantCulture)))),
    ];

    /// <summary>How many jobs the state tabs promise. Null where kept counters cannot say (tags and searches are not counted).</summary>
    public long? Count(IReadOnlyList<JobCount> counts, JobState? state) => Tag is not null || Q is not null ? null : counts
        .Where(count => (state is null || count.State == state) && (Task is null || count.Task == Task) && (Queue is null || count.Queue == Queue))
        .Sum(count => count.Count);

    private static bool TryPlace(string text, out long seq) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seq);

    private static string? Cut(string? text) => text is { Length: > LongestWord } ? text[..LongestWord] : text;
}
