using ActorPerf.Jobs;
using ActorPerf.Web.Console.Forms;
using ActorPerf.Web.Console.Live;

namespace ActorPerf.Web.Console.Pages;

/// <summary>Where is my job? A page of the table, the tabs above it, the filters as chips.</summary>
/// <param name="Fault">What is wrong with the address; then there are no rows.</param>
/// <param name="Complete">False when the search stopped at its bound before the page was full.</param>
/// <param name="Sample">Lines that would submit a job; shown where there is none yet.</param>
public sealed record JobsModel(
    JobFilter Filter, IReadOnlyList<JobTab> Tabs, IReadOnlyList<JobChip> Chips, IReadOnlyList<JobLine> Lines, string? Newer, string? Older, bool Complete,
    string? Fault, long Everything, IReadOnlyList<CallLine> Sample)
{
    public string Shape => Shapes.Of(Lines.Count == 0 ? "empty" : "rows", Everything == 0 ? "none" : "some");

    public LiveState Live()
    {
        var values = new LiveValues();
        foreach (var tab in Tabs) values[tab.Key] = tab.CountText;
        return new LiveState
        {
            Shape = Shape,
            Values = values,
            Rows = new Dictionary<string, IReadOnlyList<LiveRow>> { ["jobs"] = [.. Lines.Select(line => line.Live())] },
        };
    }
}

/// <summary>A state to choose. <paramref name="Count"/> is null where it is not known.</summary>
public sealed record JobTab(string Word, string Link, long? Count, bool IsCurrent)
{
    public string Key => $"tab-{Word}";

    public string CountText => Count is { } count ? Words.Count(count) : "";
}

/// <summary>A filter in force, and the address without it.</summary>
public sealed record JobChip(string Name, string Value, string WithoutIt);
