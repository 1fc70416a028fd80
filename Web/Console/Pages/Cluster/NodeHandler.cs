using ActorPerf.Cluster;
using ActorPerf.Web.Console.Access;
using ActorPerf.Web.Console.Live;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

/// <summary>One node and, where it is the one that answers, its actors (<c>?actor=/user/jobs</c>). <c>self</c> stands for the node that answers.</summary>
internal static class NodeHandler
{
    private const int LongestPath = 1_000;

    public static async Task<IResult> ShowAsync(ConsoleRequest request)
    {
        var name = NameOf(request);
        if (await new Doors(request, name, PathOf(request)).ReadAsync(request.View.Now, request.Aborted) is not { } model) return request.NotFound($"No member of the cluster is called '{Wire.JsonFault.Shown(name)}'.");
        if (model is { IsSelf: true, Actors: null } && request.Query("actor") is { } path && request.View.Rights.MayForAll(Right.Operate))
            return request.NotFound($"No actor lives at {Wire.JsonFault.Shown(path)} on this node. It may have ended; look at the tree from /user.");
        return ConsolePage.Of<NodePage>(request.View, model);
    }

    public static (string Key, Func<ILiveSource> Open)? Live(ConsoleRequest request)
    {
        if (request.Query("name") is not { } name) return null;
        var (doors, time) = (new Doors(request, name, PathOf(request)), request.Service<TimeProvider>());
        return ($"node:{name}:{doors.Path}:{doors.SeesActors}", () => new LiveQuestion(async ct =>
            (await doors.ReadAsync(time.GetUtcNow(), ct))?.Live() ?? new LiveState { Shape = "gone" }));
    }

    public static Task<IResult> LeaveAsync(ConsoleRequest request) => TellAsync(request, "leaveCluster", static (cluster, name, ct) => cluster.LeaveAsync(name, ct));

    public static Task<IResult> DownAsync(ConsoleRequest request) => TellAsync(request, "downMember", static (cluster, name, ct) => cluster.DownAsync(name, ct));

    private static async Task<IResult> TellAsync(ConsoleRequest request, string action, Func<ICluster, string, CancellationToken, ValueTask<MemberReply>> tell)
    {
        var name = NameOf(request);
        switch (await tell(request.Cluster, name, request.Aborted))
        {
            case MemberReply.Done:
                await request.RecordAsync(action, name);
                return request.Redirect(request.Links.To("cluster", "told", name));
            case MemberReply.Refused refused:
                return request.Failure(StatusCodes.Status409Conflict, "Refused", refused.Detail);
            default:
                return request.NotFound($"No member of the cluster is called '{Wire.JsonFault.Shown(name)}'.");
        }
    }

    private static string NameOf(ConsoleRequest request) => request.Http.Request.RouteValues["node"] as string ?? "";

    private static string PathOf(ConsoleRequest request) => request.Query("actor") is { Length: <= LongestPath } path && path.StartsWith('/') ? path : "/user";

    /// <summary>What the page is read from; outlives the request for the live stream.</summary>
    private sealed class Doors(ConsoleRequest request, string name, string path)
    {
        private readonly (ICluster Cluster, ActorTree Actors) _from = (request.Cluster, request.Actors);

        public string Path => path;

        /// <summary>As over the API: looking at actors is an operator's.</summary>
        public bool SeesActors { get; } = request.View.Rights.MayForAll(Right.Operate);

        public async Task<NodeModel?> ReadAsync(DateTimeOffset now, CancellationToken ct)
        {
            var view = await _from.Cluster.ViewAsync(ct);
            var self = _from.Cluster.Self;
            var member = name == "self" ? view.Members.FirstOrDefault(one => one.Incarnation == self.Incarnation) : view.Find(name);
            if (member is null) return null;
            var isSelf = member.Incarnation == self.Incarnation;
            return new NodeModel(member, isSelf, view.Leader.Incarnation == member.Incarnation, _from.Cluster.Condition, now)
            {
                Path = path,
                Actors = isSelf && SeesActors ? _from.Actors.Look(path) : null,
            };
        }
    }
}
