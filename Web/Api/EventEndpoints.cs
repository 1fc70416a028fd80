using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary>Server-sent events of one job, or of all jobs that match.</summary>
internal sealed class EventEndpoints(FrontDoors doors, StreamGate streams, AccessCheck access, TimeProvider time)
{
    public void Map(ApiMap api)
    {
        api.Get("/jobs/{id}/events", Scope.Read, OneAsync, new ApiDoc("followJob", "Events", "The job's changes, progress and log lines, until it is done.")
        {
            Answers = [(200, "Text")],
            Produces = EventStream.ContentType,
            Parameters = [ApiParameters.LastEventId],
        });
        api.Get("/events", Scope.Read, AllAsync, new ApiDoc("followJobs", "Events", "Changes, progress and log lines of all jobs that match.")
        {
            Answers = [(200, "Text")],
            Produces = EventStream.ContentType,
            Parameters = [ApiParameters.Search, ApiParameters.State, ApiParameters.Task, ApiParameters.Queue, ApiParameters.Tag, ApiParameters.LastEventId],
        });
    }

    private async Task OneAsync(HttpContext context, Namespace ns)
    {
        if (LastEventId(context.Request, out var after) is { } badId) await Problems.WriteAsync(context, badId);
        else if (!JobAnswers.TryId(context, out var id, out var text) || await doors.Jobs.GetAsync(ns, id, context.RequestAborted) is null)
            await Problems.WriteAsync(context, JobAnswers.Unknown(text));
        else await StreamAsync(context, ns, ct => doors.Jobs.FollowAsync(ns, id, after, ct));
    }

    private async Task AllAsync(HttpContext context, Namespace ns)
    {
        var parameters = Query.Of(context.Request, "q", "state", "task", "queue", "tag");
        var query = parameters.Jobs(ns);
        if ((parameters.Refusal ?? LastEventId(context.Request, out _)) is { } refusal)
        {
            await Problems.WriteAsync(context, refusal);
            return;
        }
        LastEventId(context.Request, out var after);
        await StreamAsync(context, ns, ct => doors.Jobs.FollowAllAsync(query, after, ct));
    }

    private async Task StreamAsync(HttpContext context, Namespace ns, Func<CancellationToken, IAsyncEnumerable<JobEvent>> follow)
    {
        if (!streams.TryEnter(ns))
        {
            await Problems.WriteAsync(context, streams.Full(ns));
            return;
        }
        try
        {
            var stream = new EventStream(context, time, () => access.StillAllows(context, Scope.Read, ns));
            await stream.RunAsync(follow, context.RequestAborted);
        }
        finally
        {
            streams.Leave(ns);
        }
    }

    private static Refusal? LastEventId(HttpRequest request, out FeedPlace? after)
    {
        after = null;
        var header = request.Headers["Last-Event-ID"];
        if (header.Count == 0 || header.ToString().Length == 0) return null;
        if (header.Count == 1 && FeedPlace.TryParse(header[0], out var place))
        {
            after = place;
            return null;
        }
        return new Refusal("invalid-request", "The header Last-Event-ID is of no event of this stream. Send the id of the last event as it came, or none.");
    }
}
