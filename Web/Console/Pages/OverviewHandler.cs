using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Web.Console.Live;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

internal static class OverviewHandler
{
    /// <summary>Failed jobs looked at to name the tasks that fail.</summary>
    private const int FailuresRead = 100;

    public static async Task<IResult> ShowAsync(ConsoleRequest request) => ConsolePage.Of<OverviewPage>(
        request.View, await ReadAsync(request.Jobs, request.Queues, request.Cluster, request.View, TourHandler.Model(request), request.View.Now, request.Aborted));

    public static (string Key, Func<ILiveSource> Open)? Live(ConsoleRequest request)
    {
        var (jobs, queues, cluster, view, time) = (request.Jobs, request.Queues, request.Cluster, request.View, request.Service<TimeProvider>());
        return ("overview", () => new LiveQuestion(async ct => (await ReadAsync(jobs, queues, cluster, view, TourModel.None, time.GetUtcNow(), ct)).Live()));
    }

    private static async Task<OverviewModel> ReadAsync(
        IJobs jobs, IQueues queues, ICluster cluster, ConsoleView view, TourModel tour, DateTimeOffset now, CancellationToken ct)
    {
        var ns = view.Namespace;
        var counts = await jobs.CountsAsync(ns, ct);
        var reading = new HealthReading(
            cluster.Condition, await cluster.MembersAsync(ct), await queues.ListAsync(ns, ct), jobs.Statistics(ns), await FailuresAsync(jobs, ns, counts, ct), now);
        return OverviewModel.From(reading, counts.All(count => count.Count == 0), tour, view.Links);
    }

    private static async ValueTask<IReadOnlyList<Job>> FailuresAsync(IJobs jobs, Namespace ns, IReadOnlyList<JobCount> counts, CancellationToken ct)
    {
        if (!counts.Any(count => count is { State: JobState.Failed, Count: > 0 })) return []; // no row is read on a healthy node
        return (await jobs.ListAsync(new JobQuery { Namespace = ns, States = [JobState.Failed], Limit = FailuresRead }, ct)).Rows;
    }
}
