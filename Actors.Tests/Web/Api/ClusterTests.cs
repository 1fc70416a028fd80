using System.Net;
using ActorPerf.Cluster;

namespace ActorPerf.Tests.Web.Api;

public sealed class ClusterTests : IAsyncLifetime
{
    private WebHost? _host;

    private WebHost Host => _host ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync() => _host = await WebHost.StartAsync();

    public async ValueTask DisposeAsync() => await Host.DisposeAsync();

    [Fact]
    public async Task The_leader_is_told_with_its_epoch_and_nobody_is_not_found()
    {
        using var leader = await Host.Client.GetAsync("cluster/leader");
        var body = await leader.BodyAsync();
        Assert.Equal(("node-1", "http://127.0.0.1:8080", 3L), (body.GetProperty("name").GetString(), body.GetProperty("address").GetString(), body.GetProperty("epoch").GetInt64()));
        Host.Cluster.View = Host.Cluster.View with { Leader = new Leader(Guid.Empty, 4, FakeCluster.Now) };
        using var nobody = await Host.Client.GetAsync("cluster/leader");
        await nobody.ProblemAsync(404, "not-found");
    }

    [Fact]
    public async Task A_member_is_told_to_leave_or_downed_and_repeats_are_harmless()
    {
        Host.Cluster.View = Host.Cluster.View with { Members = [FakeCluster.Row("node-1", 1), FakeCluster.Row("node-2", 2)] };
        for (var times = 0; times < 2; times++)
            Assert.Equal("leaving", (await Host.Client.PostAsync("cluster/members/node-2/leave", "{}", HttpStatusCode.Accepted)).GetProperty("status").GetString());
        for (var times = 0; times < 2; times++)
            Assert.Equal("down", (await Host.Client.PostAsync("cluster/members/node-2/down", "{}", HttpStatusCode.Accepted)).GetProperty("status").GetString());
        using var gone = await Host.Client.PostAsync("cluster/members/node-2/leave", Http.Json("{}"));
        await gone.ProblemAsync(409, "state-conflict");
        using var unknown = await Host.Client.PostAsync("cluster/members/node-9/down", Http.Json("{}"));
        Assert.Contains("There are node-1, node-2.", (await unknown.ProblemAsync(404, "not-found")).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_unreachable_are_downed_together()
    {
        var silent = FakeCluster.Row("node-2", 2) with { LastHeartbeat = FakeCluster.Now.AddSeconds(-25), LeaseUntil = FakeCluster.Now.AddSeconds(5) };
        Host.Cluster.View = Host.Cluster.View with { Members = [FakeCluster.Row("node-1", 1), silent] };
        var downed = (await Host.Client.PostAsync("cluster/down-unreachable", "{}", HttpStatusCode.Accepted)).GetProperty("items");
        Assert.Equal(("node-2", "down", true), (downed[0].GetProperty("name").GetString(), downed[0].GetProperty("status").GetString(), downed[0].GetProperty("unreachable").GetBoolean()));
        Assert.Equal(0, (await Host.Client.PostAsync("cluster/down-unreachable", "{}", HttpStatusCode.Accepted)).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Events_begin_with_how_it_is()
    {
        Host.Cluster.Later.Add(new MemberEvent(MemberEvent.Leader, null, 4));
        using var stream = await Sse.OpenAsync(Host, "cluster/events");
        var (up, leader, nobody) = (await stream.NextAsync(), await stream.NextAsync(), await stream.NextAsync());
        Assert.Equal(("up", null, "node-1"), (up.Name, up.Id, up.Data.GetProperty("member").GetProperty("name").GetString()));
        Assert.Equal(("leader", 3L), (leader.Name, leader.Data.GetProperty("epoch").GetInt64()));
        Assert.Equal("""{"epoch":4,"member":null}""", nobody.Data.GetRawText());
        Assert.True(await stream.EndedAsync());
    }

    [Fact]
    public async Task Actors_are_shown_to_the_depth_that_is_asked()
    {
        using var one = await Host.Client.GetAsync("actors");
        var user = await one.BodyAsync();
        Assert.Equal(("akka://actorperf", "/user"), (user.GetProperty("system").GetString(), user.GetProperty("path").GetString()));
        Assert.Equal(0, user.GetProperty("children")[0].GetProperty("children").GetArrayLength());
        using var deep = await Host.Client.GetAsync("actors?path=akka://actorperf/user/compute&depth=2");
        var leaf = (await deep.BodyAsync()).GetProperty("children")[0];
        Assert.Equal((3, 40, 1, "FormatException: oops"), (
            leaf.GetProperty("mailbox").GetInt32(), leaf.GetProperty("processed").GetInt32(), leaf.GetProperty("restarts").GetInt32(), leaf.GetProperty("lastFailure").GetString()));
        using var nobody = await Host.Client.GetAsync("actors?path=/user/nobody");
        await nobody.ProblemAsync(404, "not-found");
        using var tooDeep = await Host.Client.GetAsync("actors?depth=33");
        await tooDeep.ProblemAsync(400, "invalid-request");
    }
}
