using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ActorPerf.Caching;
using ActorPerf.Web.Console.Live;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

internal static class CacheHandler
{
    private const int PageSize = 50;

    public static Task<IResult> ShowAsync(ConsoleRequest request)
    {
        var (ns, task) = (request.View.Namespace, request.Query("task"));
        var entries = request.Compute.Entries(ns, task, PageSize, request.Query("cursor"));
        var older = entries.Next is { } next ? request.Links.To("cache", [new("task", task), new("cursor", next)]) : null;
        return Task.FromResult(ConsolePage.Of<CachePage>(request.View, new CacheModel(request.Compute.Statistics(ns), entries, task, older, Notice(request))));
    }

    public static (string Key, Func<ILiveSource> Open)? Live(ConsoleRequest request)
    {
        var (compute, ns) = (request.Compute, request.View.Namespace);
        return ("cache", () => new LiveQuestion(_ => ValueTask.FromResult(
            new CacheModel(compute.Statistics(ns), new CacheEntryPage([], null), null, null, null).Live())));
    }

    public static async Task<IResult> InvalidateAsync(ConsoleRequest request)
    {
        var args = request.Field("args");
        if (args is not null && !IsJson(args)) return request.Failure(StatusCodes.Status400BadRequest, "Arguments refused", "The arguments are not JSON. Leave them empty to forget all entries of the task.");
        var task = request.Field("task");
        var what = new Invalidation(request.View.Namespace, task, args is null ? null : Encoding.UTF8.GetBytes(args), null, All: request.Field("all") == "yes" && task is null);
        var outcome = await request.Compute.InvalidateAsync(what, request.Aborted);
        if (outcome is InvalidateOutcome.Done) await request.RecordAsync("invalidate", task ?? "");
        return outcome switch
        {
            InvalidateOutcome.Done(var count) => request.Redirect(request.Links.To("cache", "forgot", count.ToString(CultureInfo.InvariantCulture))),
            InvalidateOutcome.Refused(var refusal) => request.Refused(refusal),
            _ => throw new UnreachableException(),
        };
    }

    private static string? Notice(ConsoleRequest request) =>
        long.TryParse(request.Query("forgot"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? $"Forgot {Words.Count(count, "entry", "entries")}." : null;

    private static bool IsJson(string text)
    {
        try
        {
            using var _ = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
