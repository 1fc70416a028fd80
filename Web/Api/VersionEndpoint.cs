using System.Reflection;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary>Which version answers.</summary>
internal static class VersionEndpoint
{
    public static readonly string Version = typeof(VersionEndpoint).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";

    public static void Map(ApiMap api) =>
        api.Get("/version", Scope.Read, AnswerAsync, new ApiDoc("getVersion", "Node", "The node's version.") { Answers = [(200, "Version")] });

    private static Task AnswerAsync(HttpContext context, Namespace ns)
    {
        var buffer = JsonBuffer.Rent();
        buffer.Json.WriteStartObject();
        buffer.Json.WriteString(N.Name, "actorperf");
        buffer.Json.WriteString(N.Version, Version);
        buffer.Json.WriteEndObject();
        return Answer.Json(context, buffer);
    }
}
