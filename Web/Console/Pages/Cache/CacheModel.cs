using System.Globalization;
using System.Text;
using ActorPerf.Caching;
using ActorPerf.Tracing;
using ActorPerf.Web.Console.Charts;
using ActorPerf.Web.Console.Live;

namespace ActorPerf.Web.Console.Pages;

/// <summary>Which entries are looked for.</summary>
/// <param name="Text">Stands in the arguments or a tag, in any case of letters.</param>
/// <param name="State"><c>fresh</c>, <c>stale</c> or <c>kept</c>.</param>
public sealed record CacheSearch(string? Task, string? Text, string? State)
{
    internal static CacheSearch Of(ConsoleRequest request) => new(request.Query("task"), request.Query("q"), request.Query("state"));

    public bool IsNarrowed => Task is not null || Text is not null || State is not null;

    /// <summary>What the address says of it.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Pairs() => [new("task", Task), new("q", Text), new("state", State)];

    public bool Meets(CacheEntryView entry) => (State is null || entry.State == State)
        && (Text is null || entry.Tags.Any(tag => tag.Contains(Text, StringComparison.OrdinalIgnoreCase)) || Encoding.UTF8.GetString(entry.Args.Span).Contains(Text, StringComparison.OrdinalIgnoreCase));
}

/// <summary>A page of entries that were found.</summary>
/// <param name="LookedAt">Entries compared for it.</param>
/// <param name="Next">Cursor of the next page; null at the end.</param>
public sealed record CacheFound(IReadOnlyList<CacheEntryView> Items, int LookedAt, string? Next);

/// <summary>Does remembering pay, and what is remembered?</summary>
/// <param name="Lines">What the namespace's cache was like over time.</param>
/// <param name="Notice">What an invalidation did; null without one.</param>
public sealed record CacheModel(CacheView Cache, Timelines Lines, CacheSearch Search, CacheFound Found, string? Notice)
{
    public IReadOnlyList<(string Task, CacheTotals Totals)> Tasks => ByName(Cache);

    internal static IReadOnlyList<(string Task, CacheTotals Totals)> ByName(CacheView cache) =>
        [.. cache.Tasks.OrderBy(task => task.Key, StringComparer.Ordinal).Select(task => (task.Key, task.Value))];

    public string Shape => Shapes.Of(Tasks.Select(task => task.Task));

    /// <summary>What calls came to, standing on each other: the best below.</summary>
    public ChartModel Outcomes => ChartModel.Timed("outcomes", ChartKind.Area, "Calls by outcome, per second", ChartUnit.PerSecond, Lines.Until,
        new ChartSeries("hits", Lines.Of("cache.hits")), new ChartSeries("stale", Lines.Of("cache.stale"), "4"),
        new ChartSeries("joined", Lines.Of("cache.joined"), "3"), new ChartSeries("computed", Lines.Of("cache.computed"), "2"));

    public ChartModel Trouble => ChartModel.Timed("trouble", ChartKind.Line, "Failures and evictions", ChartUnit.Count, Lines.Until,
        new ChartSeries("failed", Lines.Of("cache.failed"), "bad"), new ChartSeries("evicted", Lines.Of("cache.evicted"), "wait"));

    public LiveState Live()
    {
        var values = new LiveValues();
        AddTo(values, "all", Cache.Total);
        values["fill@value"] = Cache.Total.Bytes.ToString(CultureInfo.InvariantCulture);
        foreach (var (task, totals) in Tasks) AddTo(values, $"task-{task}", totals);
        Outcomes.AddTo(values);
        Trouble.AddTo(values);
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
        values[$"{stem}-failures"] = Words.Count(totals.Failures);
    }
}
