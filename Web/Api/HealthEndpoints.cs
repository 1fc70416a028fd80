using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ActorPerf.Web.Api;

/// <summary>For probes, open to everyone and telling no more than up or not. Live says that the process answers; ready, that it takes new work.</summary>
internal sealed class HealthEndpoints(FrontDoors doors)
{
    public void Map(IEndpointRouteBuilder root)
    {
        root.MapMethods("/health/live", [HttpMethods.Get], static context => AnswerAsync(context, up: true)).OpenToAll()
            .WithMetadata(new ApiDoc("live", "Health", "Whether the process answers.") { Answers = [(200, "Health")] });
        root.MapMethods("/health/ready", [HttpMethods.Get], context => AnswerAsync(context, doors.Cluster.Condition.Ready)).OpenToAll()
            .WithMetadata(new ApiDoc("ready", "Health", "Whether the node takes new work; 503 while it starts or stops.") { Answers = [(200, "Health"), (503, "Health")] });
    }

    private static Task AnswerAsync(HttpContext context, bool up)
    {
        var buffer = JsonBuffer.Rent();
        buffer.Json.WriteStartObject();
        buffer.Json.WriteString(N.Status, up ? "up" : "down");
        buffer.Json.WriteEndObject();
        if (!up) context.Response.Headers.RetryAfter = "1";
        return Answer.Json(context, buffer, up ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
