using System.Text.Json;
using ActorPerf.Tasks;
using ActorPerf.Web.Logs;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Web.Api;

/// <summary>The log of the node that answers: what it remembers of it, what comes, and how much of it is written.</summary>
internal sealed class LogEndpoints(FrontDoors doors, StreamGate streams, AccessCheck access, TimeProvider time)
{
    private const int MaxBody = 4 * 1024;
    private const int LongestCategory = 200;
    private static readonly string[] Members = ["category", "level"];

    private static readonly ApiParameter[] Filters =
    [
        new("level", "query", $"This level and the more serious ones: {LogLevelWords.Known}; trace unless given."),
        new("category", "query", "What the category begins with, such as ActorPerf.Jobs."),
        new("q", "query", "What stands in message or error, whatever its case."),
    ];

    public void Map(ApiMap api)
    {
        api.Get("/log", Scope.Operate, PeekAsync, new ApiDoc("peekLog", "Cluster", $"The newest lines of the log, oldest first; the node that answers remembers {LogBook.MaxLines}.")
        {
            OfAll = true,
            Answers = [(200, "LogLines")], Parameters = [.. Filters, new("limit", "query", "Lines, 1 to 500; 50 unless given.")],
        });
        api.Get("/log/events", Scope.Operate, FollowAsync, new ApiDoc("followLog", "Cluster", "Lines of the log as they come, at most 1,000 a second. Has no ids: after a break it begins with the newest ones again.")
        {
            OfAll = true,
            Answers = [(200, "Text")], Produces = EventStream.ContentType, Parameters = [.. Filters, new("last", "query", "So many of the remembered lines first, 0 to 500; 10 unless given.")],
        });
        api.Get("/log/levels", Scope.Operate, LevelsAsync, new ApiDoc("listLogLevels", "Cluster", "Every category of the log with the least serious level that it writes.") { OfAll = true, Answers = [(200, "LogLevels")] });
        api.Put("/log/levels", Scope.Admin, SetAsync, new ApiDoc("setLogLevel", "Cluster", "Changes the level of all categories that begin with a text, until the node is restarted. The level null takes it back.")
        {
            OfAll = true,
            Answers = [(200, "LogLevels")], Body = "LogLevelSetting",
        });
    }

    private Task PeekAsync(HttpContext context, Namespace ns)
    {
        var query = Query.Of(context.Request, "level", "category", "q", "limit");
        var filter = FilterOf(query);
        var limit = query.Limit();
        if (query.Refusal is { } refusal) return Problems.WriteAsync(context, refusal);
        var buffer = JsonBuffer.Rent();
        var json = buffer.Json;
        json.WriteStartObject();
        json.WriteStartArray(N.Items);
        foreach (var line in doors.Log.Last(filter, limit)) Write(json, new FollowedLine(line, 0));
        json.WriteEndArray();
        json.WriteNull(N.Next);
        json.WriteEndObject();
        return Answer.Json(context, buffer);
    }

    private async Task FollowAsync(HttpContext context, Namespace ns)
    {
        var query = Query.Of(context.Request, "level", "category", "q", "last");
        var filter = FilterOf(query);
        var last = query.Number("last", 10, 0, 500);
        if ((query.Refusal ?? (streams.TryEnter(ns) ? null : streams.Full(ns))) is { } refusal)
        {
            await Problems.WriteAsync(context, refusal);
            return;
        }
        try
        {
            var stream = new EventStream(context, time, () => access.CheckUnbound(context, Scope.Operate) is null);
            await stream.RunAsync(ct => doors.Log.FollowAsync(filter, last, ct), line => stream.Write("line"u8, null, line, Write), context.RequestAborted);
        }
        finally
        {
            streams.Leave(ns);
        }
    }

    private Task LevelsAsync(HttpContext context, Namespace ns)
    {
        var set = doors.LogLevels.Set;
        var buffer = JsonBuffer.Rent();
        var json = buffer.Json;
        json.WriteStartObject();
        json.WriteStartArray(N.Items);
        foreach (var category in doors.Log.Categories.Union(set.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            json.WriteStartObject();
            json.WriteString(N.Category, category);
            json.WriteString(N.Level, LogLevels.Of(doors.Loggers, category).Word());
            json.WriteBoolean(N.Set, set.ContainsKey(category));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNull(N.Next);
        json.WriteEndObject();
        return Answer.Json(context, buffer);
    }

    private async Task SetAsync(HttpContext context, Namespace ns)
    {
        var (body, refusal) = await BodyReading.ReadAsync(context, MaxBody);
        if (refusal is null)
        {
            refusal = Apply(BodyReading.Contiguous(body).ToArray());
            BodyReading.Release(context, body);
        }
        if (refusal is null) await LevelsAsync(context, ns);
        else await Problems.WriteAsync(context, refusal);
    }

    private Refusal? Apply(byte[] body)
    {
        var fault = SmallBody.TryRead(body, depth: 1, Members, out var document);
        using (document)
        {
            if (fault is not null || document is null) return fault;
            var faults = new List<FieldFault>();
            var root = document.RootElement;
            if (!(root.TryGetProperty("category", out var named) && named.TryText(out var category) && category.Length is > 0 and <= LongestCategory))
            {
                faults.Add(new("/category", $"Write what categories begin with, of 1 to {LongestCategory} characters, such as \"ActorPerf.Jobs\"; GET /api/v1/log/levels lists them."));
                category = "";
            }
            LogLevel? level = null;
            if (!root.TryGetProperty("level", out var given)) faults.Add(new("/level", $"It is needed: write {LogLevelWords.Known}, or null for the host's own."));
            else if (given.ValueKind != JsonValueKind.Null)
            {
                if (given.TryText(out var word) && LogLevelWords.TryParse(word, out var read)) level = read;
                else faults.Add(new("/level", $"{JsonFault.Shown(given.GetRawText())} is no level: write {LogLevelWords.Known}, or null for the host's own."));
            }
            if (faults.Count > 0) return JsonFault.Members(faults);
            return doors.LogLevels.TrySet(category, level)
                ? null
                : new Refusal("state-conflict", $"{LogLevels.MaxSet} categories have a level of their own, and there is no room for '{category}'. Take one back with the level null, or name a shorter beginning.");
        }
    }

    private static LogFilter FilterOf(Query query)
    {
        var level = LogLevel.Trace;
        if (query.Text("level") is { } word && !LogLevelWords.TryParse(word, out level)) query.Fault("level", $"'{JsonFault.Shown(word)}' is none; there are {LogLevelWords.Known}.");
        return new LogFilter(level, query.Text("category"), query.Text("q"));
    }

    private static void Write(Utf8JsonWriter json, FollowedLine followed)
    {
        var line = followed.Line;
        json.WriteStartObject();
        json.WriteNumber(N.Seq, line.Seq);
        json.WriteTime(N.At, line.At);
        json.WriteString(N.Level, line.Level.Word());
        json.WriteString(N.Category, line.Category);
        json.WriteNumber(N.EventId, line.EventId);
        json.WriteString(N.Message, line.Message);
        json.WriteText(N.Error, line.Error);
        if (followed.Missed > 0) json.WriteNumber(N.Missed, followed.Missed);
        json.WriteEndObject();
    }
}
