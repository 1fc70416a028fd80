using System.Buffers;
using ActorPerf.Data;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace ActorPerf.Web.Api;

/// <summary>Entities that meet a filter: a page, a stream of any length, or their number.</summary>
internal sealed class EntityQueryEndpoints(FrontDoors doors, HttpOptions options)
{
    /// <summary>Entities in one statement of a stream.</summary>
    private const int StreamPage = 200;

    /// <summary>And bytes of them, with one entity more.</summary>
    private const long StreamBytes = 4 * 1024 * 1024;

    /// <summary>The same of a page: it ends sooner than asked, and its cursor leads on.</summary>
    private const long PageBytes = 16 * 1024 * 1024;

    private const int FlushAt = 64 * 1024;

    public void Map(ApiMap api)
    {
        api.Post("/data/{kind}/query", Scope.Read, QueryAsync, new ApiDoc("queryEntities", DataRoutes.Group, "A page of the entities that meet a filter; with Accept: application/x-ndjson all of them, a line each.")
        {
            Body = "EntityQuery",
            Answers = [(200, "EntityPage")],
            Parameters = [new ApiParameter("Accept", "header", "application/x-ndjson: a stream of lines instead of a page.")],
        });
        api.Post("/data/{kind}/count", Scope.Read, CountAsync, new ApiDoc("countEntities", DataRoutes.Group, "How many entities meet a filter.")
        {
            Body = "EntityCount",
            Answers = [(200, "EntityCounted")],
        });
    }

    private async Task QueryAsync(HttpContext context, Namespace ns)
    {
        var streamed = WantsLines(context.Request);
        var (body, refusal) = await DataAnswers.BodyAsync(context, options.Limits.ArrayBody, "array-body");
        var kind = "";
        EntityQuery? query = null;
        var most = 0L;
        refusal ??= DataAnswers.Kind(context, out kind);
        refusal ??= QueryBody.TryRead(body, options.Limits.Depth, ns, kind, streamed, out query, out most);
        if (refusal is not null || query is null) await Problems.WriteAsync(context, refusal!);
        else if (streamed) await StreamAsync(context, query, most);
        else await PageAsync(context, query);
    }

    private async Task PageAsync(HttpContext context, EntityQuery query)
    {
        var page = await doors.Data.QueryPageAsync(query with { MaxBytes = PageBytes }, context.RequestAborted);
        var next = page.Next is { } place ? QueryCursor.Write(query, place) : null;
        await DataAnswers.ItemsAsync(context, page.Items, static (json, entity) => json.WriteEntity(entity), json =>
        {
            json.WriteText(N.Next, next);
            json.WriteBoolean(N.Indexed, page.Indexed);
        });
    }

    /// <summary>One page is written while the next is read, and none is read ahead of that: a client that reads slowly makes the store wait, and one that left ends it.</summary>
    private async Task StreamAsync(HttpContext context, EntityQuery query, long most)
    {
        var aborted = context.RequestAborted;
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        query = query with { Limit = (int)Math.Min(most, StreamPage), MaxBytes = StreamBytes };
        var page = await doors.Data.QueryPageAsync(query, leaving.Token);      // a fault so far is an answer of its own
        context.Response.ContentType = BodyRule.Lines;
        context.Response.Headers.CacheControl = "no-store";
        Task<EntityPage>? ahead = null;
        try
        {
            while (true)
            {
                most -= page.Items.Count;
                if (page.Next is { } place && most > 0) ahead = doors.Data.QueryPageAsync(query with { After = place, Limit = (int)Math.Min(most, StreamPage) }, leaving.Token).AsTask();
                if (!await TryWriteAsync(context, page, aborted) || ahead is null) return;
                page = await ahead;
                ahead = null;
            }
        }
        catch (OperationCanceledException) when (aborted.IsCancellationRequested)
        {
            // The client left; that is how streams may end.
        }
        finally
        {
            await leaving.CancelAsync();
            if (ahead is not null) await ((Task)ahead).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>False where the client has left, which may be known here before its token says so.</summary>
    private static async ValueTask<bool> TryWriteAsync(HttpContext context, EntityPage page, CancellationToken ct)
    {
        var writer = context.Response.BodyWriter;
        var unsent = 0;
        foreach (var entity in page.Items)
        {
            unsent += DataAnswers.PutLine(writer, entity, static (json, entity) => json.WriteEntity(entity));
            if (unsent < FlushAt) continue;
            unsent = 0;
            if ((await writer.FlushAsync(ct)).IsCompleted) return false;
            ct.ThrowIfCancellationRequested();
        }
        return !(await writer.FlushAsync(ct)).IsCompleted;
    }

    private async Task CountAsync(HttpContext context, Namespace ns)
    {
        var (body, refusal) = await DataAnswers.BodyAsync(context, options.Limits.ArrayBody, "array-body");
        var kind = "";
        EntityFilter? filter = null;
        refusal ??= DataAnswers.Kind(context, out kind);
        refusal ??= QueryBody.TryReadFilter(body, options.Limits.Depth, out filter);
        if (refusal is not null)
        {
            await Problems.WriteAsync(context, refusal);
            return;
        }
        var count = await doors.Data.CountAsync(kind, filter, ct: context.RequestAborted);
        var buffer = JsonBuffer.Rent();
        buffer.Json.WriteStartObject();
        buffer.Json.WriteNumber(N.Count, count);
        buffer.Json.WriteEndObject();
        await Answer.Json(context, buffer);
    }

    private static bool WantsLines(HttpRequest request)
    {
        foreach (var line in request.Headers.Accept)
            foreach (var range in line.AsSpan().Split(','))
                if (IsLines(line.AsSpan(range))) return true;
        return false;
    }

    /// <summary>Whatever its parameters say, except that it is not wanted at all.</summary>
    private static bool IsLines(ReadOnlySpan<char> range)
    {
        var end = range.IndexOf(';') is >= 0 and var semicolon ? semicolon : range.Length;
        return BodyRule.IsLines(range[..end].Trim().ToString()) && !(MediaTypeHeaderValue.TryParse($"a/b{range[end..]}", out var asked) && asked.Quality == 0);
    }
}
