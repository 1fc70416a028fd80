using System.Text.Json;
using ActorPerf.Kernel;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary>The actors of the node that answers.</summary>
internal sealed class ActorEndpoints(FrontDoors doors)
{
    private const string System = "akka://actorperf";
    private const int DeepestDepth = 32;

    public void Map(ApiMap api) => api.Get("/actors", Scope.Operate, LookAsync, new ApiDoc("lookAtActors", "Cluster", "An actor of the node that answers, and those below it.")
    {
            OfAll = true,
        Answers = [(200, "Actor")],
        Parameters =
        [
            new("path", "query", "Where to begin, such as /user/compute; /user unless given, and / for all. An address in front is left out."),
            new("depth", "query", "Levels below it, 0 to 32; 1 unless given."),
        ],
    });

    private Task LookAsync(HttpContext context, Namespace ns)
    {
        var query = Query.Of(context.Request, "path", "depth");
        var path = query.Text("path", longest: 1_000) ?? "/user";
        var depth = query.Number("depth", 1, 0, DeepestDepth);
        if (query.Refusal is { } refusal) return Problems.WriteAsync(context, refusal);
        if (path.StartsWith(System, StringComparison.Ordinal)) path = path[System.Length..];
        if (doors.Actors.Look(path, depth) is not { } actor)
            return Problems.WriteAsync(context, new Refusal("not-found", $"No actor lives at {path}. Look at / for all there are; names are those of the path, joined by slashes."));
        var buffer = JsonBuffer.Rent();
        Write(buffer.Json, actor, System);
        return Answer.Json(context, buffer);
    }

    private static void Write(Utf8JsonWriter json, ActorView actor, string? system)
    {
        json.WriteStartObject();
        if (system is not null) json.WriteString(N.System, system);
        json.WriteString(N.Path, actor.Path);
        json.WriteString(N.Type, actor.Type);
        json.WriteNumber(N.ChildCount, actor.ChildCount);
        json.WriteStartArray(N.Children);
        foreach (var child in actor.Children) Write(json, child, null);
        json.WriteEndArray();
        json.WriteNumber(N.Mailbox, actor.Mailbox);
        json.WriteNumber(N.Processed, actor.Processed);
        json.WriteNumber(N.Restarts, actor.Restarts);
        json.WriteText(N.LastFailure, actor.LastFailure);
        json.WriteEndObject();
    }
}
