using ActorPerf.Jobs;
using ActorPerf.Jobs.Operations;
using ActorPerf.Jobs.Search;
using ActorPerf.Web.Console.Forms;
using ActorPerf.Web.Console.Live;

namespace ActorPerf.Web.Console.Pages;

/// <summary>Where is my job? A page of the table, the tabs above it, the filters as chips.</summary>
public sealed record JobsModel
{
    public required JobFilter Filter { get; init; }
    public required IReadOnlyList<JobTab> Tabs { get; init; }
    public IReadOnlyList<JobChip> Chips { get; init; } = [];
    public IReadOnlyList<JobLine> Lines { get; init; } = [];
    public string? Newer { get; init; }
    public string? Older { get; init; }

    /// <summary>False when the search stopped at its bound before the page was full.</summary>
    public bool Complete { get; init; } = true;

    /// <summary>What is wrong with the address; then there are no rows.</summary>
    public JobFault? Fault { get; init; }

    /// <summary>Jobs of the namespace.</summary>
    public required long Everything { get; init; }

    /// <summary>Lines that would submit a job; shown where there is none yet.</summary>
    public IReadOnlyList<CallLine> Sample { get; init; } = [];

    /// <summary>Null where there is too little to see.</summary>
    public JobHistogram? Histogram { get; init; }

    public IReadOnlyList<SavedView> Views { get; init; } = [];

    /// <summary>What was just done to several jobs, in a sentence; null when nothing was.</summary>
    public string? Done { get; init; }

    /// <summary>Actions that jobs of this list may allow, by their words.</summary>
    public IReadOnlyList<OperationAction> Actions => Filter.State is { } state ? BulkWords.For(state) : BulkWords.All;

    /// <summary>Whether the page can be kept true while it is open: in order of submission, where a look is cheap.</summary>
    public bool IsLive => Fault is null && Complete && Filter.Sort == JobSort.Newest;

    public string Shape => Shapes.Of(Lines.Count == 0 ? "empty" : "rows", Everything == 0 ? "none" : "some");

    public LiveState Live()
    {
        var values = new LiveValues();
        foreach (var tab in Tabs.Where(tab => tab.Count is not null)) values[tab.Key] = tab.CountText;
        return new LiveState
        {
            Shape = Shape,
            Values = values,
            Rows = new Dictionary<string, IReadOnlyList<LiveRow>> { ["jobs"] = [.. Lines.Select(line => line.Live())] },
        };
    }
}

/// <summary>A state to choose. <paramref name="Count"/> is null where it is not known.</summary>
/// <param name="AtLeast">There may be more.</param>
public sealed record JobTab(string Word, string Link, long? Count, bool IsCurrent, bool AtLeast = false)
{
    public string Key => $"tab-{Word}";

    public string CountText => Count is not { } count ? "" : AtLeast ? $"{Words.Count(count)}+" : Words.Count(count);
}

/// <summary>A filter in force, and the address without it.</summary>
public sealed record JobChip(string Name, string Value, string WithoutIt);

/// <summary>An order of the list, in words.</summary>
public static class JobOrders
{
    public static IReadOnlyList<(JobSort Sort, string Words)> All { get; } =
    [
        (JobSort.Newest, "newest first"),
        (new(SortField.CreatedAt, false), "oldest first"),
        (new(SortField.FinishedAt, true), "finished last first"),
        (new(SortField.Ran, true), "ran longest first"),
        (new(SortField.RunAt, false), "due first"),
        (new(SortField.Priority, true), "most urgent first"),
    ];

    public static string Of(JobSort sort) => All.FirstOrDefault(order => order.Sort == sort).Words ?? sort.ToString();
}
