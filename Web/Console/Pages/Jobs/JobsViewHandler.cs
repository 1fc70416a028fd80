using ActorPerf.Jobs.Operations;
using ActorPerf.Jobs.Search;
using ActorPerf.Tasks;
using ActorPerf.Web.Api;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

/// <summary>Named searches: keeping one, forgetting one.</summary>
internal static class JobsViewHandler
{
    public static async Task<IResult> SaveAsync(ConsoleRequest request)
    {
        var (name, q, sort) = (request.Field("name") ?? "", request.Field("q") ?? "", request.Field("sort") ?? JobSort.Newest.ToString());
        if (!TaskNames.IsValid(name)) return Not(request, $"'{name}' is no name of a view: use {TaskNames.Rule}.");
        if (!FilterText.TryParse(q, out _, out var fault)) return Not(request, fault!.ToString());
        if (!JobSort.TryParse(sort, out _)) return Not(request, $"There is no order '{sort}'. Write one of {JobSort.Known}.");
        var views = request.Service<IViews>();
        var before = await views.GetViewAsync(request.View.Namespace, name, request.Aborted);
        var view = new SavedView(request.View.Namespace, name, q, sort, before?.Columns ?? [], request.View.Now);
        if (!await views.PutViewAsync(view, request.Aborted)) return Not(request, $"There are {IViews.MaxViews} views already. Forget one that nobody uses.");
        AuditNote.Put(request.Http, name, before?.Q, q);
        await request.RecordAsync("putView", name);
        return request.Redirect(request.Links.To("jobs", [new("q", q), new("sort", sort == JobSort.Newest.ToString() ? null : sort)]));
    }

    public static async Task<IResult> ForgetAsync(ConsoleRequest request)
    {
        var name = request.Field("name") ?? "";
        if (!await request.Service<IViews>().DeleteViewAsync(request.View.Namespace, name, request.Aborted)) return request.NotFound("This view is not here any more.");
        await request.RecordAsync("deleteView", name);
        return request.Redirect(request.Links.To("jobs"));
    }

    private static IResult Not(ConsoleRequest request, string why) => request.Failure(StatusCodes.Status400BadRequest, "The view was not saved", why);
}
