using System.Text.Json;
using ActorPerf.Cluster;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary>The nodes that share the database.</summary>
internal sealed class ClusterEndpoints(FrontDoors doors)
{
    public void Map(ApiMap api)
    {
        api.Get("/cluster/members", Scope.Read, MembersAsync, new ApiDoc("listMembers", "Cluster", "Every node, oldest first.") { Answers = [(200, "Members")] });
        api.Get("/cluster/self", Scope.Read, SelfAsync, new ApiDoc("getSelf", "Cluster", "The node that answers.") { Answers = [(200, "Member")] });
    }

    private async Task MembersAsync(HttpContext context, Namespace ns)
    {
        var members = await doors.Cluster.MembersAsync(context.RequestAborted);
        var buffer = JsonBuffer.Rent();
        buffer.Json.WriteStartObject();
        buffer.Json.WriteStartArray(N.Items);
        foreach (var member in members) Write(buffer.Json, member);
        buffer.Json.WriteEndArray();
        buffer.Json.WriteNull(N.Next);
        buffer.Json.WriteEndObject();
        await Answer.Json(context, buffer);
    }

    private Task SelfAsync(HttpContext context, Namespace ns)
    {
        var buffer = JsonBuffer.Rent();
        Write(buffer.Json, doors.Cluster.Self);
        return Answer.Json(context, buffer);
    }

    private static void Write(Utf8JsonWriter json, Member member)
    {
        json.WriteStartObject();
        json.WriteString(N.Name, member.Name);
        json.WriteString(N.Address, member.Address);
        json.WriteStartArray(N.Roles);
        foreach (var role in member.Roles) json.WriteStringValue(role);
        json.WriteEndArray();
        json.WriteString(N.Status, member.Status);
        json.WriteBoolean(N.Unreachable, member.Unreachable);
        json.WriteString(N.Version, member.Version);
        json.WriteString(N.Incarnation, member.Incarnation);
        json.WriteTime(N.UpSince, member.UpSince);
        json.WriteTime(N.LastHeartbeat, member.LastHeartbeat);
        json.WriteNumber(N.Cpu, Math.Round(member.Cpu, 3));
        json.WriteNumber(N.Memory, member.Memory);
        json.WriteNumber(N.Running, member.Running);
        json.WriteStartArray(N.Queues);
        foreach (var queue in member.Queues) json.WriteStringValue(queue);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
