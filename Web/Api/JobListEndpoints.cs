using ActorPerf.Jobs;
using ActorPerf.Jobs.Search;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary>Many jobs: lists, counts.</summary>
internal sealed class JobListEndpoints(FrontDoors doors)
{
    private const int FlushAt = 64 * 1024;

    public void Map(ApiMap api)
    {
        api.Get("/jobs", Scope.Read, ListAsync, new ApiDoc("listJobs", "Jobs", "Jobs that match a search, newest first unless another order is asked for.")
        {
            Answers = [(200, "JobPage")],
            Parameters = [ApiParameters.Search, ApiParameters.Sort, ApiParameters.State, ApiParameters.Task, ApiParameters.Queue, ApiParameters.Tag, ApiParameters.Limit, ApiParameters.Cursor, ApiParameters.Count],
        });
        api.Get("/jobs/counts", Scope.Read, CountsAsync, new ApiDoc("countJobs", "Jobs", "How many jobs there are by state, queue or task.")
        {
            Answers = [(200, "Counts")],
            Parameters = [new ApiParameter("by", "query", "state (unless given), queue or task.")],
        });
    }

    private async Task ListAsync(HttpContext context, Namespace ns)
    {
        var parameters = Query.Of(context.Request, "q", "state", "task", "queue", "tag", "sort", "limit", "cursor", "count");
        var query = parameters.Jobs(ns) with { Limit = parameters.Limit(), Sort = parameters.Sort() };
        var total = parameters.Flag("count");
        if (parameters.Text("cursor") is { } cursor)
        {
            if (Cursor.TryReadPlace(cursor, query, out var place)) query = query with { Before = place.Seq, BeforeKey = place.Key };
            else parameters.Fault("cursor", "it is not of this list. Begin without a cursor, and follow the member next.");
        }
        if (parameters.Refusal is { } refusal)
        {
            await Problems.WriteAsync(context, refusal);
            return;
        }
        var page = await doors.Jobs.ListAsync(query, context.RequestAborted);
        if (page.Refusal is { } tooWide)
        {
            await Problems.WriteAsync(context, tooWide);
            return;
        }
        var count = total ? await TotalAsync(query, context.RequestAborted) : null;
        await WriteAsync(context, query, page, total, count);
    }

    /// <summary>From the kept counters, which know no tags: null then. Of a search counted one by one: null beyond 100,000.</summary>
    private async ValueTask<long?> TotalAsync(JobQuery query, CancellationToken ct)
    {
        if (query.Filter is not null)
            return await doors.Search.CountAsync(query with { Before = null }, ct) is var counted and <= IJobSearch.MaxCounted ? counted : null;
        if (query.Tag is not null) return null;
        long total = 0;
        foreach (var count in await doors.Jobs.CountsAsync(query.Namespace, ct))
            if ((query.States.Count == 0 || query.States.Contains(count.State))
                && (query.Task is null || query.Task == count.Task) && (query.Queue is null || query.Queue == count.Queue))
                total += count.Count;
        return total;
    }

    /// <summary>Sent in pieces: a page may hold 500 large results, and no buffer of ours shall.</summary>
    private static async Task WriteAsync(HttpContext context, JobQuery query, JobPage page, bool withTotal, long? total)
    {
        var response = context.Response;
        var next = page.Next is { } place ? Cursor.Write(new JobPlace(query.Sort.IsBySubmission ? place : page.NextKey, place), query) : null;
        response.ContentType = Answer.JsonType;
        response.Headers.CacheControl = "no-store";
        if (next is not null) response.Headers.Link = PageLink.Next(context.Request, next);
        var done = 0;
        while (WritePart(response, page, next, withTotal, total, ref done)) await response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private static bool WritePart(HttpResponse response, JobPage page, string? next, bool withTotal, long? total, ref int done)
    {
        var buffer = JsonBuffer.Rent();
        var json = buffer.Json;
        Write(response, done == 0 ? "{\"items\":["u8 : []);
        while (done < page.Rows.Count)
        {
            json.WriteJob(page.Rows[done++]);
            if (done < page.Rows.Count) buffer.EndWith((byte)',');
            if (buffer.Written.Length >= FlushAt) break;
        }
        Write(response, buffer.Written);
        buffer.Clear();
        var more = done < page.Rows.Count;
        if (!more)
        {
            Write(response, "],"u8);
            json.WriteStartObject();
            json.WriteText(N.Next, next);
            if (withTotal)
            {
                if (total is { } known) json.WriteNumber(N.Total, known);
                else json.WriteNull(N.Total);
            }
            if (!page.Exhausted) json.WriteBoolean(N.Exhausted, false);
            json.WriteEndObject();
            Write(response, buffer.Written[1..]);
        }
        buffer.Return();
        return more;
    }

    private static void Write(HttpResponse response, ReadOnlySpan<byte> bytes) => System.Buffers.BuffersExtensions.Write(response.BodyWriter, bytes);

    private async Task CountsAsync(HttpContext context, Namespace ns)
    {
        var parameters = Query.Of(context.Request, "by");
        var by = parameters.Word("by", "state", "queue", "task");
        if (parameters.Refusal is { } refusal)
        {
            await Problems.WriteAsync(context, refusal);
            return;
        }
        var counts = await doors.Jobs.CountsAsync(ns, context.RequestAborted);
        var sums = counts.GroupBy(count => by switch { "queue" => count.Queue, "task" => count.Task, _ => count.State.Word })
            .Select(static group => (Name: group.Key, Count: group.Sum(static count => count.Count))).OrderBy(static sum => sum.Name, StringComparer.Ordinal);
        var buffer = JsonBuffer.Rent();
        var json = buffer.Json;
        json.WriteStartObject();
        json.WriteStartArray(N.Items);
        foreach (var (name, count) in sums)
        {
            json.WriteStartObject();
            json.WriteString(by, name);
            json.WriteNumber(N.Count, count);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNull(N.Next);
        json.WriteEndObject();
        await Answer.Json(context, buffer);
    }
}
