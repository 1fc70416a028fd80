using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Tracing;
using ActorPerf.Web.Console.Live;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

internal static class OverviewHandler
{
    /// <summary>Failed jobs looked at to name the tasks that fail.</summary>
    private const int FailuresRead = 100;

    public static async Task<IResult> ShowAsync(ConsoleRequest request) =>
        ConsolePage.Of<OverviewPage>(request.View, await new Doors(request).ReadAsync(TourHandler.Model(request), request.View.Now, request.Aborted));

    public static (string Key, Func<ILiveSource> Open)? Live(ConsoleRequest request)
    {
        var (doors, time) = (new Doors(request), request.Service<TimeProvider>());
        return ("overview", () => new LiveQuestion(async ct => (await doors.ReadAsync(TourModel.None, time.GetUtcNow(), ct)).Live()));
    }

    /// <summary>What the page is read from; outlives the request for the live stream.</summary>
    private sealed class Doors(ConsoleRequest request)
    {
        private readonly (IJobs Jobs, IQueues Queues, ICluster Cluster, ITimelines Timelines, ActorTree Actors, ConsoleView View) _from =
            (request.Jobs, request.Queues, request.Cluster, request.Timelines, request.Actors, request.View);

        public async Task<OverviewModel> ReadAsync(TourModel tour, DateTimeOffset now, CancellationToken ct)
        {
            var ns = _from.View.Namespace;
            var counts = await _from.Jobs.CountsAsync(ns, ct);
            var reading = new HealthReading(
                _from.Cluster.Condition, await _from.Cluster.MembersAsync(ct), await _from.Queues.ListAsync(ns, ct), _from.Jobs.Statistics(ns), await FailuresAsync(_from.Jobs, ns, counts, ct), now)
            {
                Node = await _from.Timelines.ReadAsync(Timelines.Node, ct),
                Mailboxes = _from.Actors.Mailboxes(),
            };
            return OverviewModel.From(reading, counts.All(count => count.Count == 0), tour, _from.View.Links);
        }
    }

    private static async ValueTask<IReadOnlyList<Job>> FailuresAsync(IJobs jobs, Namespace ns, IReadOnlyList<JobCount> counts, CancellationToken ct)
    {
        if (!counts.Any(count => count is { State: JobState.Failed, Count: > 0 })) return []; // no row is read on a healthy node
        return (await jobs.ListAsync(new JobQuery { Namespace = ns, States = [JobState.Failed], Limit = FailuresRead }, ct)).Rows;
    }
}
