using ActorPerf.Web.Console.Access;

namespace ActorPerf.Web.Console.Parts;

/// <summary>One entry of the console's navigation.</summary>
/// <param name="Path">Below the mount; "" is the overview.</param>
/// <param name="Icon">Its class in the stylesheet, without <c>nav-</c>.</param>
/// <param name="Key">Typed behind <c>g</c>.</param>
/// <param name="IsMore">Set apart from the pages of every day.</param>
public sealed record Place(string Path, string Word, string Icon, string Key, bool IsMore = false)
{
    /// <summary>Who lacks it does not see the entry.</summary>
    public Right Needs { get; init; } = Right.Read;
}

/// <summary>The console's pages in the order of its navigation, which is also that of the list of keys.</summary>
public static class Navigation
{
    public static IReadOnlyList<Place> Places { get; } =
    [
        new("", "Overview", "overview", "o"),
        new("submit", "Submit", "submit", "n"),
        new("jobs", "Jobs", "jobs", "j"),
        new("workflows", "Workflows", "workflows", "w"),
        new("queues", "Queues", "queues", "q"),
        new("schedules", "Schedules", "schedules", "s"),
        new("cache", "Cache", "cache", "c"),
        new("data", "Data", "data", "d"),
        new("cluster", "Cluster", "cluster", "l"),
        new("traces", "Traces", "traces", "t") { Needs = Right.Operate },
        new("load", "Load", "load", "p"),
        new("webhooks", "Webhooks", "webhooks", "h", IsMore: true) { Needs = Right.Operate },
        new("audit", "Audit", "audit", "a", IsMore: true) { Needs = Right.Admin },
    ];
}
