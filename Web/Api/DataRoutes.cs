using System.Runtime.ExceptionServices;

namespace ActorPerf.Web.Api;

/// <summary>All routes of entities. Each request that may write is a scope of its own: what it read it reads once, and nothing that it started to write is under way when it has been answered.</summary>
/// <remarks>Only these routes touch entities on the request's own thread; tasks that the others run have the scope of their attempt.</remarks>
internal sealed class DataRoutes(FrontDoors doors, HttpOptions options)
{
    public const string Group = "Data";

    public void Map(ApiMap api)
    {
        var scoped = api.Around(InScope);
        new EntityEndpoints(doors, options).Map(scoped);
        var lists = new EntityListEndpoints(doors, options);
        lists.MapReads(api);                                 // a scope would keep all that it read until the end
        lists.Map(scoped);
        new EntityQueryEndpoints(doors, options).Map(scoped);
        new CommitEndpoint(doors, options).Map(scoped);
        new KindEndpoints(doors).Map(scoped);
    }

    private ApiHandler InScope(ApiHandler inner) => async (context, ns) =>
    {
        if (await ScopedAnswer.RunAsync(context, doors.Data, ns, () => inner(context, ns)) is { } lost) ExceptionDispatchInfo.Throw(lost);
    };
}
