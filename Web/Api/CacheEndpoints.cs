using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using ActorPerf.Caching;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary>What is remembered, and forgetting it.</summary>
internal sealed class CacheEndpoints(FrontDoors doors, HttpOptions options, AccessCheck access)
{
    private const int MaxTags = 50;

    public void Map(ApiMap api)
    {
        api.Get("/cache", Scope.Read, TotalsAsync, new ApiDoc("getCache", "Cache", "What the cache holds and did, in all and per task.") { Answers = [(200, "Cache")] });
        api.Get("/cache/entries", Scope.Read, EntriesAsync, new ApiDoc("listCacheEntries", "Cache", "The entries.")
        {
            Answers = [(200, "CacheEntries")],
            Parameters = [ApiParameters.Task, ApiParameters.Limit, ApiParameters.Cursor],
        });
        api.Post("/cache/invalidate", Scope.Operate, InvalidateAsync, new ApiDoc("invalidate", "Cache", "Forgets entries of a task, of one call, of tags, or all.")
        {
            Body = "Invalidate",
            Answers = [(200, "Invalidated")],
        });
    }

    private Task TotalsAsync(HttpContext context, Namespace ns)
    {
        var view = doors.Compute.Statistics(ns);
        var buffer = JsonBuffer.Rent();
        var json = buffer.Json;
        json.WriteStartObject();
        WriteTotals(json, view.Total);
        json.WriteNumber(N.MaxEntries, view.MaxEntries);
        json.WriteNumber(N.MaxBytes, view.MaxBytes);
        json.WriteStartArray(N.Tasks);
        foreach (var (task, totals) in view.Tasks.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            json.WriteStartObject();
            json.WriteString(N.Task, task);
            WriteTotals(json, totals);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        return Answer.Json(context, buffer);
    }

    private static void WriteTotals(Utf8JsonWriter json, CacheTotals totals)
    {
        json.WriteNumber(N.Entries, totals.Entries);
        json.WriteNumber(N.Bytes, totals.Bytes);
        json.WriteNumber(N.Hits, totals.Hits);
        json.WriteNumber(N.Misses, totals.Misses);
        json.WriteNumber(N.Joined, totals.Joined);
        json.WriteNumber(N.Stale, totals.Stale);
        json.WriteNumber(N.Evictions, totals.Evictions);
        json.WriteNumber(N.Refreshes, totals.Refreshes);
        json.WriteNumber(N.Failures, totals.Failures);
        json.WriteNumber(N.TooLarge, totals.TooLarge);
        json.WriteNumber(N.Recalled, totals.Recalled);
        json.WriteNumber(N.HitRatio, Math.Round(totals.HitRatio, 4));
    }

    private Task EntriesAsync(HttpContext context, Namespace ns)
    {
        var parameters = Query.Of(context.Request, "task", "limit", "cursor");
        var (task, limit, cursor) = (parameters.Text("task"), parameters.Limit(), parameters.Text("cursor", longest: 4096));
        if (cursor is not null && !CacheCursor.TryRead(cursor, out _)) parameters.Fault("cursor", "it is not of this list. Begin without a cursor, and follow the member next.");
        if (parameters.Refusal is { } refusal) return Problems.WriteAsync(context, refusal);
        var page = doors.Compute.Entries(ns, task, limit, cursor);
        var buffer = JsonBuffer.Rent();
        var json = buffer.Json;
        json.WriteStartObject();
        json.WriteStartArray(N.Items);
        foreach (var entry in page.Items)
        {
            json.WriteStartObject();
            json.WriteString(N.Task, entry.Task);
            json.WriteRaw(N.Args, entry.Args);
            json.WriteTime(N.ComputedAt, entry.ComputedAt);
            json.WriteTime(N.ExpiresAt, entry.ExpiresAt);
            json.WriteNumber(N.Bytes, entry.Bytes);
            json.WriteNumber(N.Hits, entry.Hits);
            json.WriteString(N.State, entry.State);
            json.WriteStartArray(N.Tags);
            foreach (var tag in entry.Tags) json.WriteStringValue(tag);
            json.WriteEndArray();
            if (entry.LastError is { } error)
            {
                json.WriteStartObject(N.LastError);
                json.WriteString(N.Type, error.Type);
                json.WriteString(N.Message, error.Message);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteText(N.Next, page.Next);
        json.WriteEndObject();
        if (page.Next is not null) context.Response.Headers.Link = PageLink.Next(context.Request, page.Next);
        return Answer.Json(context, buffer);
    }

    private async Task InvalidateAsync(HttpContext context, Namespace ns)
    {
        var (body, refusal) = await BodyReading.ReadAsync(context, options.Limits.Args + 64 * 1024, "args");
        if (refusal is null)
        {
            var bytes = body.ToArray();
            BodyReading.Release(context, body);
            refusal = Read(bytes, ns, out var what);
            if (refusal is null && what is { Everywhere: true }) refusal = access.CheckEverywhere(context);
            if (refusal is null && what is not null)
            {
                await InvalidateAsync(context, what);
                return;
            }
        }
        await Problems.WriteAsync(context, refusal!);
    }

    private async Task InvalidateAsync(HttpContext context, Invalidation what)
    {
        switch (await doors.Compute.InvalidateAsync(what, context.RequestAborted))
        {
            case InvalidateOutcome.Done done:
                AuditNote.Put(context, what.Task ?? (what.Everywhere ? "everywhere" : what.All ? "all" : $"tags {string.Join(", ", what.Tags ?? [])}"), after: $"{done.Invalidated} {(what.Expire ? "expired" : "forgotten")}");
                var buffer = JsonBuffer.Rent();
                buffer.Json.WriteStartObject();
                buffer.Json.WriteNumber(N.Invalidated, done.Invalidated);
                buffer.Json.WriteEndObject();
                await Answer.Json(context, buffer);
                break;
            case InvalidateOutcome.Refused refused:
                await Problems.WriteAsync(context, refused.Refusal);
                break;
        }
    }

    private Refusal? Read(byte[] body, Namespace ns, out Invalidation? what)
    {
        what = null;
        var fault = SmallBody.TryRead(body, options.Limits.Depth, ["task", "args", "tags", "all", "everywhere", "expire"], out var document);
        using (document)
        {
            if (fault is not null || document is null) return fault;
            if (document.Text("task", out var task) is { } badTask) return badTask;
            if (Tags(document, out var tags) is { } badTags) return badTags;
            if (Flag(document, "all", out var all) is { } badAll) return badAll;
            if (Flag(document, "everywhere", out var everywhere) is { } badEverywhere) return badEverywhere;
            if (Flag(document, "expire", out var expire) is { } badExpire) return badExpire;
            ReadOnlyMemory<byte>? args = null;
            if (document.Has("args", out var value))
            {
                if (task is null) return JsonFault.Member("/args", "Arguments need the task they belong to.");
                args = JsonMarshal.GetRawUtf8Value(value).ToArray();
            }
            if (everywhere && (all || task is not null || tags is not null)) return JsonFault.Member("/everywhere", "Everywhere is all of every namespace: leave out the rest.");
            if (task is null && tags is null && !all && !everywhere) return JsonFault.Member("", "Say what to forget: task, task and args, tags, or \"all\": true.");
            if (all && (task is not null || tags is not null)) return JsonFault.Member("/all", "Either all, or a task or tags.");
            what = new Invalidation(ns, task, args, tags, all) { Everywhere = everywhere, Expire = expire };
            return null;
        }
    }

    private static Refusal? Flag(JsonDocument document, string name, out bool value)
    {
        value = false;
        if (!document.Has(name, out var flag)) return null;
        if (flag.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) return JsonFault.Member($"/{name}", "Write true or false.");
        value = flag.GetBoolean();
        return null;
    }

    private static Refusal? Tags(JsonDocument document, out List<string>? tags)
    {
        tags = null;
        if (!document.Has("tags", out var value)) return null;
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() is 0 or > MaxTags) return JsonFault.Member("/tags", $"Write an array of 1 to {MaxTags} texts.");
        tags = [];
        foreach (var tag in value.EnumerateArray())
        {
            if (!tag.TryText(out var text) || text.Length is 0 or > Memoization.MaxTagLength) return JsonFault.Member($"/tags/{tags.Count}", $"A tag of results has 1 to {Memoization.MaxTagLength} characters.");
            tags.Add(text);
        }
        return null;
    }
}
