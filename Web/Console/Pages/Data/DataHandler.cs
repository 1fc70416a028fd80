using ActorPerf.Data;
using ActorPerf.Tasks;
using ActorPerf.Tracing;
using ActorPerf.Web.Console.Live;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

/// <summary>The kinds of a namespace, the entities of one of them, one entity. What to show is in the address: <c>?kind=</c>, a query of it, <c>&amp;cursor=</c>, <c>&amp;id=</c>.</summary>
internal static class DataHandler
{
    private const int PageSize = 50;

    /// <summary>A page of large entities ends sooner.</summary>
    private const long PageBytes = 8 * 1024 * 1024;

    /// <summary>Of a page's mark, which stands in an address; a server takes some 8,000 signs of one.</summary>
    private const int LongestMark = 4_000;

    public static Task<IResult> ShowAsync(ConsoleRequest request)
    {
        var data = request.Service<IData>();
        return data.InScopeAsync(_ => ShowAsync(request, data), new ScopeSettings { Namespace = request.View.Namespace });
    }

    public static (string Key, Func<ILiveSource> Open)? Live(ConsoleRequest request)
    {
        var (data, timelines, ns) = (request.Service<IData>(), request.Timelines, request.View.Namespace);
        return ("data", () => new LiveQuestion(async ct => (await OverviewAsync(data, timelines, ns, ct)).Live()));
    }

    private static async Task<IResult> ShowAsync(ConsoleRequest request, IData data)
    {
        var model = await OverviewAsync(data, request.Timelines, request.View.Namespace, request.Aborted);
        var (kind, id) = (request.Query("kind"), request.Query("id"));
        if (kind is null) return ConsolePage.Of<DataPage>(request.View, model);
        if (!Key.IsKind(kind)) return request.NotFound("A kind has 1 to 64 of A-Z a-z 0-9 . _ - and begins with a letter.");
        model = model with { Kind = kind };
        return id is null ? await ListAsync(request, data, model, kind) : await OneAsync(request, data, model, kind, id);
    }

    private static async Task<IResult> OneAsync(ConsoleRequest request, IData data, DataModel model, string kind, string id)
    {
        if (!EntityId.TryParse(id, out var which, out var fault)) return request.NotFound(fault);
        var entity = await data.GetAsync(Key.Of(request.View.Namespace, kind, which), request.Aborted);
        return entity is null
            ? request.NotFound($"There is no {kind}/{JsonFault.Shown(id)} in namespace '{request.View.Namespace}'.")
            : ConsolePage.Of<DataPage>(request.View, model with { One = entity });
    }

    private static async Task<IResult> ListAsync(ConsoleRequest request, IData data, DataModel model, string kind)
    {
        var asked = request.Http.Request.Query;
        var fields = DataQueryFields.Read(asked["path"], asked["op"], asked["value"], request.Query("order"));
        model = model with { Query = fields };
        if (fields.TryQuery(request.View.Namespace, kind, out var fault) is not { } query) return ConsolePage.Of<DataPage>(request.View, model with { Fault = fault }, StatusCodes.Status400BadRequest);
        query = query with { Limit = PageSize, MaxBytes = PageBytes };
        if (request.Query("cursor") is { } cursor)
        {
            if (!QueryCursor.TryRead(cursor, query, out var place)) return request.NotFound("The page's mark is not of this list. Begin at its start.");
            query = query with { After = place };
        }
        var page = await data.QueryPageAsync(query, request.Aborted);
        var mark = page.Next is { } end ? QueryCursor.Write(query, end) : null;
        var next = mark is { Length: <= LongestMark } ? request.Links.To("data", [new("kind", kind), .. fields.Parameters(), new("cursor", mark)]) : null;
        return ConsolePage.Of<DataPage>(request.View, model with { Entities = page.Items, Next = next, IsCutOff = mark is not null && next is null, Indexed = page.Indexed });
    }

    private static async Task<DataModel> OverviewAsync(IData data, ITimelines timelines, Namespace ns, CancellationToken ct)
    {
        // Asked for by the live stream too, which has no scope of its own.
        await using var scope = data.BeginScope(new ScopeSettings { Namespace = ns });
        return new DataModel(await data.KindsAsync(ct), data.Statistics, await timelines.ReadAsync(Timelines.Node, ct));
    }
}
