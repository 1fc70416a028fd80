using ActorPerf.Cluster;
using ActorPerf.Web.Console.Live;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

internal static class ClusterHandler
{
    public static async Task<IResult> ShowAsync(ConsoleRequest request) =>
        ConsolePage.Of<ClusterPage>(request.View, await ReadAsync(request.Cluster, request.View.Now, request.Aborted) with { Notice = request.Query("told") });

    public static (string Key, Func<ILiveSource> Open)? Live(ConsoleRequest request)
    {
        var (cluster, time) = (request.Cluster, request.Service<TimeProvider>());
        return ("cluster", () => new LiveQuestion(async ct => (await ReadAsync(cluster, time.GetUtcNow(), ct)).Live()));
    }

    private static async Task<ClusterModel> ReadAsync(ICluster cluster, DateTimeOffset now, CancellationToken ct)
    {
        var view = await cluster.ViewAsync(ct);
        return new(view.Members, cluster.Self.Incarnation, view.Leader, now);
    }
}
