using System.Runtime.CompilerServices;
using ActorPerf.Caching;
using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Web.Console.Export;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

/// <summary>Queues, limit keys, members, tasks and entries of the cache, kinds and entities as files: what the pages show a part of, whole.</summary>
internal static class ListsExportHandler
{
    private const int ReadAtOnce = 500;

    private static readonly ExportColumn<QueueView>[] QueueColumns =
    [
        new("name", queue => queue.Name), .. JobStates.All.Where(state => !state.IsFinal).Select(state => new ExportColumn<QueueView>(state.Word, queue => queue.Counts.GetValueOrDefault(state))),
        new("oldestWaiting", queue => queue.OldestWaiting), new("routees", queue => queue.Routees), new("busy", queue => queue.Busy), new("paused", queue => queue.Paused), new("concurrency", queue => queue.Concurrency),
    ];

    private static readonly ExportColumn<LimitView>[] KeyColumns =
    [
        new("key", key => key.Key), new("running", key => key.Running), new("queued", key => key.Queued), new("blocked", key => key.Blocked), new("concurrency", key => key.Limit.Concurrency > 0 ? key.Limit.Concurrency : null),
        new("rate", key => key.Limit.Rate.IsNone ? null : key.Limit.Rate.Limit), new("per", key => key.Limit.Rate.IsNone ? null : key.Limit.Rate.Per),
    ];

    private static readonly ExportColumn<Member>[] MemberColumns =
    [
        new("name", member => member.Name), new("address", member => member.Address), new("roles", member => string.Join(' ', member.Roles)), new("status", member => member.Status), new("unreachable", member => member.Unreachable),
        new("version", member => member.Version), new("incarnation", member => member.Incarnation.ToString()), new("upSince", member => member.UpSince), new("lastHeartbeat", member => member.LastHeartbeat), new("cpu", member => member.Cpu),
        new("memory", member => member.Memory), new("running", member => member.Running), new("queues", member => string.Join(' ', member.Queues)),
    ];

    private static readonly ExportColumn<(string Task, CacheTotals Totals)>[] TaskColumns =
    [
        new("task", line => line.Task), new("hitRatio", line => Math.Round(line.Totals.HitRatio, 4)), new("hits", line => line.Totals.Hits), new("stale", line => line.Totals.Stale), new("joined", line => line.Totals.Joined), new("misses", line => line.Totals.Misses),
        new("recalled", line => line.Totals.Recalled), new("refreshes", line => line.Totals.Refreshes), new("failures", line => line.Totals.Failures), new("evictions", line => line.Totals.Evictions), new("tooLarge", line => line.Totals.TooLarge),
        new("entries", line => line.Totals.Entries), new("bytes", line => line.Totals.Bytes),
    ];

    private static readonly ExportColumn<CacheEntryView>[] EntryColumns =
    [
        new("task", entry => entry.Task), new("args", entry => entry.Args), new("state", entry => entry.State), new("tags", entry => string.Join(' ', entry.Tags)), new("bytes", entry => entry.Bytes), new("hits", entry => entry.Hits),
        new("computedAt", entry => entry.ComputedAt), new("expiresAt", entry => entry.ExpiresAt),
    ];

    private static readonly ExportColumn<KindSize>[] KindColumns = [new("kind", size => size.Kind), new("entities", size => size.Entities), new("bytes", size => size.Bytes)];

    private static readonly ExportColumn<Entity>[] EntityColumns =
        [new("kind", entity => entity.Key.Kind), new("id", entity => entity.Key.Id.ToString()), new("version", entity => entity.Version), new("updatedAt", entity => entity.UpdatedAt), new("data", entity => entity.Data)];

    public static async Task<IResult> QueuesAsync(ConsoleRequest request) =>
        ListExport.Of("queues", Format(request), QueueColumns, (await request.Queues.ListAsync(request.View.Namespace, request.Aborted)).ToAsyncEnumerable());

    public static Task<IResult> LimitKeysAsync(ConsoleRequest request) =>
        Task.FromResult(ListExport.Of("limit-keys", Format(request), KeyColumns, LimitKeysAsync(request.Queues, request.View.Namespace, request.Aborted)));

    public static async Task<IResult> MembersAsync(ConsoleRequest request) =>
        ListExport.Of("members", Format(request), MemberColumns, (await request.Cluster.MembersAsync(request.Aborted)).ToAsyncEnumerable());

    public static Task<IResult> CacheTasksAsync(ConsoleRequest request) => Task.FromResult(ListExport.Of(
        "cache-tasks", Format(request), TaskColumns, CacheModel.ByName(request.Compute.Statistics(request.View.Namespace)).ToAsyncEnumerable()));

    /// <summary>Those that the page's search finds.</summary>
    public static Task<IResult> EntriesAsync(ConsoleRequest request)
    {
        var search = CacheSearch.Of(request);
        return Task.FromResult(ListExport.Of("cache-entries", Format(request), EntryColumns, Entries(request.Compute, request.View.Namespace, search.Task).Where(search.Meets).ToAsyncEnumerable()));
    }

    public static async Task<IResult> KindsAsync(ConsoleRequest request)
    {
        var data = request.Service<IData>();
        await using var scope = data.BeginScope(new ScopeSettings { Namespace = request.View.Namespace });
        return ListExport.Of("kinds", Format(request), KindColumns, (await data.KindsAsync(request.Aborted)).ToAsyncEnumerable());
    }

    /// <summary>Of one kind, by the query in the address.</summary>
    public static Task<IResult> EntitiesAsync(ConsoleRequest request)
    {
        var (asked, kind) = (request.Http.Request.Query, request.Query("kind") ?? "");
        if (!Key.IsKind(kind)) return Task.FromResult(request.NotFound("A kind has 1 to 64 of A-Z a-z 0-9 . _ - and begins with a letter."));
        var fields = DataQueryFields.Read(asked["path"], asked["op"], asked["value"], request.Query("order"));
        return Task.FromResult(fields.TryQuery(request.View.Namespace, kind, out var fault) is { } query
            ? ListExport.Of(kind, Format(request), EntityColumns, EntitiesAsync(request.Service<IData>(), query with { Limit = ReadAtOnce }, request.View.Namespace, request.Aborted))
            : request.Failure(StatusCodes.Status400BadRequest, "Not a query", fault));
    }

    private static string? Format(ConsoleRequest request) => request.Http.Request.RouteValues["format"] as string;

    private static IEnumerable<CacheEntryView> Entries(ICompute compute, Namespace ns, string? task)
    {
        string? cursor = null;
        do
        {
            var page = compute.Entries(ns, task, ReadAtOnce, cursor);
            foreach (var entry in page.Items) yield return entry;
            cursor = page.Next;
        }
        while (cursor is not null);
    }

    private static async IAsyncEnumerable<LimitView> LimitKeysAsync(IQueues queues, Namespace ns, [EnumeratorCancellation] CancellationToken ct)
    {
        string? after = null;
        do
        {
            var page = await queues.LimitsAsync(ns, after, ReadAtOnce, ct);
            foreach (var key in page.Items) yield return key;
            after = page.Next;
        }
        while (after is not null);
    }

    private static async IAsyncEnumerable<Entity> EntitiesAsync(IData data, EntityQuery query, Namespace ns, [EnumeratorCancellation] CancellationToken ct)
    {
        while (true)
        {
            // A scope of its own for every page: a file of any length leaves nothing behind in one.
            EntityPage page;
            await using (data.BeginScope(new ScopeSettings { Namespace = ns })) page = await data.QueryPageAsync(query, ct);
            foreach (var entity in page.Items) yield return entity;
            if (page.Next is not { } end) yield break;
            query = query with { After = end };
        }
    }
}
