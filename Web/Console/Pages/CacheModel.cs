using System.Globalization;
using System.Text;
using ActorPerf.Caching;
using ActorPerf.Web.Console.Live;

namespace ActorPerf.Web.Console.Pages;

/// <summary>Does remembering pay, and what is remembered?</summary>
/// <param name="Entries">A page of them.</param>
/// <param name="Task">Only this task's entries; null: all.</param>
/// <param name="Older">Address of the next page; null at the end.</param>
/// <param name="Notice">What an invalidation did; null without one.</param>
public sealed record CacheModel(CacheView Cache, CacheEntryPage Entries, string? Task, string? Older, string? Notice)
{
    public IReadOnlyList<(string Task, CacheTotals Totals)> Tasks =>
        [.. Cache.Tasks.OrderBy(task => task.Key, StringComparer.Ordinal).Select(task => (task.Key, task.Value))];

    public string Shape => Shapes.Of(Tasks.Select(task => task.Task));

    public LiveState Live()
    {
        var values = new LiveValues();
        AddTo(values, "all", Cache.Total);
        values["fill@value"] = Cache.Total.Bytes.ToString(CultureInfo.InvariantCulture);
        foreach (var (task, totals) in Tasks) AddTo(values, $"task-{task}", totals);
        return new LiveState { Shape = Shape, Values = values };
    }

    public static string Ratio(CacheTotals totals) => totals.Hits + totals.Stale + totals.Joined + totals.Misses == 0 ? "–" : Words.Percent(totals.HitRatio);

    /// <summary>Arguments in a line, cut.</summary>
    public static string Args(CacheEntryView entry) =>
        Encoding.UTF8.GetString(entry.Args.Span) is { Length: > 200 } text ? string.Concat(text.AsSpan(0, 199), "…") : Encoding.UTF8.GetString(entry.Args.Span);

    private static void AddTo(LiveValues values, string stem, CacheTotals totals)
    {
        values[$"{stem}-ratio"] = Ratio(totals);
        values[$"{stem}-entries"] = Words.Count(totals.Entries);
        values[$"{stem}-bytes"] = Words.Bytes(totals.Bytes);
        values[$"{stem}-hits"] = Words.Count(totals.Hits);
        values[$"{stem}-misses"] = Words.Count(totals.Misses);
        values[$"{stem}-joined"] = Words.Count(totals.Joined);
        values[$"{stem}-stale"] = Words.Count(totals.Stale);
        values[$"{stem}-evictions"] = Words.Count(totals.Evictions);
    }
}
