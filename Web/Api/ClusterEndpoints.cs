using System.Text;
using System.Text.Json;
using ActorPerf.Cluster;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary>The nodes that share the database.</summary>
internal sealed class ClusterEndpoints(FrontDoors doors, StreamGate streams, AccessCheck access, TimeProvider time)
{
    public void Map(ApiMap api)
    {
        api.Get("/cluster/leader", Scope.Read, LeaderAsync, new ApiDoc("getLeader", "Cluster", "The node that runs schedules, reaping, pruning and deliveries.") { Answers = [(200, "Leader")] });
        api.Get("/cluster/events", Scope.Read, EventsAsync, new ApiDoc("followCluster", "Cluster", "How every member is, and then what happens to them. Has no ids: after a break it begins with how it is.")
        {
            Answers = [(200, "Text")], Produces = EventStream.ContentType,
        });
        api.Post("/cluster/members/{name}/leave", Scope.Operate, LeaveAsync, new ApiDoc("leaveCluster", "Cluster", "Tells a node to end its work and stop.") { OfAll = true, Answers = [(202, "Member")] });
        api.Post("/cluster/members/{name}/down", Scope.Operate, DownAsync, new ApiDoc("downMember", "Cluster", "Declares a node dead: its jobs go to others at once.") { OfAll = true, Answers = [(202, "Member")] });
        api.Post("/cluster/down-unreachable", Scope.Operate, DownUnreachableAsync, new ApiDoc("downUnreachable", "Cluster", "Declares every unreachable node dead; answers with those.") { OfAll = true, Answers = [(202, "Members")] });
        api.Get("/cluster/members", Scope.Read, MembersAsync, new ApiDoc("listMembers", "Cluster", "Every node, oldest first.") { Answers = [(200, "Members")] });
        api.Get("/cluster/self", Scope.Read, SelfAsync, new ApiDoc("getSelf", "Cluster", "The node that answers.") { Answers = [(200, "Member")] });
    }

    private async Task MembersAsync(HttpContext context, Namespace ns) => await ListAsync(context, await doors.Cluster.MembersAsync(context.RequestAborted), StatusCodes.Status200OK);

    private static Task ListAsync(HttpContext context, IReadOnlyList<Member> members, int status)
    {
        var buffer = JsonBuffer.Rent();
        buffer.Json.WriteStartObject();
        buffer.Json.WriteStartArray(N.Items);
        foreach (var member in members) Write(buffer.Json, member);
        buffer.Json.WriteEndArray();
        buffer.Json.WriteNull(N.Next);
        buffer.Json.WriteEndObject();
        return Answer.Json(context, buffer, status);
    }

    private async Task LeaderAsync(HttpContext context, Namespace ns)
    {
        var view = await doors.Cluster.ViewAsync(context.RequestAborted);
        if (view.LeadingMember is not { } leader)
        {
            await Problems.WriteAsync(context, new Refusal("not-found", "No node leads at this moment, for none is up. Look at the members: GET /api/v1/cluster/members."));
            return;
        }
        var buffer = JsonBuffer.Rent();
        var json = buffer.Json;
        json.WriteStartObject();
        json.WriteString(N.Name, leader.Name);
        json.WriteString(N.Address, leader.Address);
        json.WriteString(N.Incarnation, leader.Incarnation);
        json.WriteNumber(N.Epoch, view.Leader.Epoch);
        json.WriteTime(N.Since, view.Leader.Since);
        json.WriteEndObject();
        await Answer.Json(context, buffer);
    }

    private async Task LeaveAsync(HttpContext context, Namespace ns) => await ToldAsync(context, await doors.Cluster.LeaveAsync(NameOf(context), context.RequestAborted));

    private async Task DownAsync(HttpContext context, Namespace ns) => await ToldAsync(context, await doors.Cluster.DownAsync(NameOf(context), context.RequestAborted));

    private async Task DownUnreachableAsync(HttpContext context, Namespace ns)
    {
        var reply = await doors.Cluster.DownUnreachableAsync(context.RequestAborted);
        if (reply is not MemberReply.Done done)
        {
            await RefusedAsync(context, reply);
            return;
        }
        AuditNote.Put(context, target: string.Join(' ', done.Changed.Select(member => member.Name)));
        await ListAsync(context, [.. done.Changed.Select(member => MemberRules.Shown(member, done.View.Now))], StatusCodes.Status202Accepted);
    }

    /// <summary>The member as it stands now, whether it was so already or not.</summary>
    private static Task ToldAsync(HttpContext context, MemberReply reply)
    {
        if (reply is not MemberReply.Done done || done.View.Find(NameOf(context)) is not { } member) return RefusedAsync(context, reply);
        var buffer = JsonBuffer.Rent();
        Write(buffer.Json, MemberRules.Shown(member, done.View.Now));
        return Answer.Json(context, buffer, StatusCodes.Status202Accepted);
    }

    private static Task RefusedAsync(HttpContext context, MemberReply reply) => Problems.WriteAsync(context, reply switch
    {
        MemberReply.Unknown unknown => new Refusal("not-found", unknown.Detail),
        MemberReply.Refused refused => new Refusal("state-conflict", refused.Detail),
        _ => throw new InvalidOperationException($"{reply} is no refusal."),
    });

    private async Task EventsAsync(HttpContext context, Namespace ns)
    {
        if (!streams.TryEnter(ns))
        {
            await Problems.WriteAsync(context, streams.Full(ns));
            return;
        }
        try
        {
            var stream = new EventStream(context, time, () => access.StillAllows(context, Scope.Read, ns));
            await stream.RunAsync(doors.Cluster.FollowAsync, told => stream.Write(Encoding.UTF8.GetBytes(told.Kind), null, told, WriteEvent), context.RequestAborted);
        }
        finally
        {
            streams.Leave(ns);
        }
    }

    private static void WriteEvent(Utf8JsonWriter json, MemberEvent told)
    {
        json.WriteStartObject();
        if (told.Epoch is { } epoch) json.WriteNumber(N.Epoch, epoch);
        json.WritePropertyName(N.Member);
        if (told.Member is { } member) Write(json, member);
        else json.WriteNullValue();
        json.WriteEndObject();
    }

    private static string NameOf(HttpContext context) => context.Request.RouteValues["name"] as string ?? "";

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
