using System.Diagnostics;
using System.Globalization;
using ActorPerf.Caching;
using ActorPerf.Tasks;
using ActorPerf.Web.Console.Live;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

internal static class CacheHandler
{
    private const int PageSize = 50;

    /// <summary>Entries that one page of a search compares; the next page goes on behind them.</summary>
    private const int MostLookedAt = 10_000;

    /// <summary>Stretches of the table that one page goes through, for most of it may be others'.</summary>
    private const int MostAsked = 200;

    public static async Task<IResult> ShowAsync(ConsoleRequest request)
    {
        var search = CacheSearch.Of(request);
        var ns = request.View.Namespace;
        var found = Find(request.Compute, ns, search, request.Query("cursor"));
        return ConsolePage.Of<CachePage>(request.View, new CacheModel(
            request.Compute.Statistics(ns), await request.Timelines.ReadAsync(ns.Name, request.Aborted), search, found, Notice(request)));
    }

    public static (string Key, Func<ILiveSource> Open)? Live(ConsoleRequest request)
    {
        var (compute, timelines, ns) = (request.Compute, request.Timelines, request.View.Namespace);
        return ("cache", () => new LiveQuestion(async ct => new CacheModel(
            compute.Statistics(ns), await timelines.ReadAsync(ns.Name, ct), new CacheSearch(null, null, null), new CacheFound([], 0, null), null).Live()));
    }

    /// <summary>Asks first; with <c>sure</c> it forgets.</summary>
    public static async Task<IResult> InvalidateAsync(ConsoleRequest request)
    {
        var ns = request.View.Namespace;
        var fields = new ForgetFields(request.Field("what") ?? "", request.Field("task") ?? "", request.Field("args") ?? "", request.Field("tag") ?? "", request.Field("expire") == "yes");
        var (what, fault) = fields.Read(ns);
        if (what is null) return request.Failure(StatusCodes.Status400BadRequest, "Nothing was forgotten", fault ?? "");
        if (!fields.IsAllowedTo(request.View.Rights))
            return request.Failure(StatusCodes.Status403Forbidden, "Not yours to do", "Forgetting every namespace needs the scope 'admin' and a key that is bound to no namespace.");
        if (request.Field("sure") != "yes") return ConsolePage.Of<ForgetPage>(request.View, new ForgetModel(fields, ns, Held(request.Compute.Statistics(ns), fields)));
        return await ForgetAsync(request, what, fields);
    }

    private static async Task<IResult> ForgetAsync(ConsoleRequest request, Invalidation what, ForgetFields fields)
    {
        var outcome = await request.Compute.InvalidateAsync(what, request.Aborted);
        if (outcome is InvalidateOutcome.Done) await request.RecordAsync("invalidate", what.Task ?? (what.Tags is { } tags ? $"tags {string.Join(", ", tags)}" : what.Everywhere ? "everywhere" : "all"));
        return outcome switch
        {
            InvalidateOutcome.Done(var count) => request.Redirect(request.Links.To("cache", fields.Expire ? "expired" : "forgot", count.ToString(CultureInfo.InvariantCulture))),
            InvalidateOutcome.Refused(var refusal) => request.Refused(refusal),
            _ => throw new UnreachableException(),
        };
    }

    private static long? Held(CacheView cache, ForgetFields fields) => fields.What switch
    {
        "task" => cache.Tasks.TryGetValue(fields.Task, out var totals) ? totals.Entries : 0,
        "namespace" => cache.Total.Entries,
        _ => null,
    };

    private static CacheFound Find(ICompute compute, Namespace ns, CacheSearch search, string? cursor)
    {
        var (items, looked, asked) = (new List<CacheEntryView>(), 0, 0);
        do
        {
            // Never more than there is room for: what a page found and did not show would be left out of the next one too.
            var page = compute.Entries(ns, search.Task, PageSize - items.Count, cursor);
            looked += page.Items.Count;
            items.AddRange(page.Items.Where(search.Meets));
            cursor = page.Next;
        }
        while (cursor is not null && items.Count < PageSize && looked < MostLookedAt && ++asked < MostAsked);
        return new CacheFound(items, looked, cursor);
    }

    private static string? Notice(ConsoleRequest request) => (Number(request.Query("forgot")), Number(request.Query("expired"))) switch
    {
        ({ } count, _) => $"Forgot {Words.Count(count, "entry", "entries")}.",
        (_, { } count) => $"{Words.Count(count, "entry is", "entries are")} stale now.",
        _ => null,
    };

    private static long? Number(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
