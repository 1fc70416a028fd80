using System.Net;
using ActorPerf.Tests.Web.Console.Fakes;
using AngleSharp.Dom;

namespace ActorPerf.Tests.Web.Console;

public sealed class ConsoleNodeTests
{
    [Fact]
    public async Task A_node_shows_itself_and_the_tree_of_its_actors()
    {
        await using var host = await ConsoleHost.StartAsync();
        var page = await host.PageAsync("/cluster/node-1");
        Assert.Equal("42 %", page.QuerySelector($"[data-live='member-{Sample.Here}-cpu']")?.TextContent);
        Assert.Equal(["user", "compute", "default"], page.QuerySelectorAll(".actors tbody th a").Select(actor => actor.TextContent));
        var leaf = page.QuerySelector(".actors .depth-2")?.ParentElement;
        Assert.Equal("default RouterPoolActor 3 40 1 0 FormatException: oops", string.Join(' ', leaf?.Children.Select(cell => cell.TextContent.Trim()) ?? []));
        var deeper = await host.PageAsync(page.QuerySelectorAll(".actors tbody a")[1].GetAttribute("href") ?? "");
        Assert.Equal(["root", "user", "compute"], deeper.QuerySelectorAll(".way a").Select(part => part.TextContent));
        Assert.Equal("/user/compute", deeper.QuerySelector(".actors tbody a")?.GetAttribute("title"));
    }

    [Fact]
    public async Task Another_node_shows_its_row_and_where_its_actors_can_be_seen()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        var page = await host.PageAsync("/cluster/node-2");
        Assert.Null(page.QuerySelector(".actors"));
        Assert.Equal("http://10.0.0.6:8080/cluster/node-2", page.QuerySelector("a[rel=external]")?.GetAttribute("href"));
        host.Cluster.Members[1] = host.Cluster.Members[1] with { Address = "javascript:alert(1)" };
        Assert.Null((await host.PageAsync("/cluster/node-2")).QuerySelector("a[rel=external]"));
    }

    [Fact]
    public async Task A_member_is_told_to_leave_or_declared_dead_and_never_the_node_itself()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        var page = await host.PageAsync("/cluster/node-2");
        using var left = await host.SendAsync(ConsoleHost.Form(page, "cluster/node-2/leave"));
        Assert.Equal("/cluster?told=node-2", left.Headers.Location?.ToString());
        using var dead = await host.SendAsync(ConsoleHost.Form(page, "cluster/node-2/down"));
        Assert.Equal([("leave", "node-2"), ("down", "node-2")], host.Cluster.Told);
        Assert.Null((await host.PageAsync("/cluster/self")).QuerySelector("form[action$=down]"));
        using var self = await host.PostAsync("/cluster/node-1/down", [new("__RequestVerificationToken", page.QuerySelector("[name=__RequestVerificationToken]")?.GetAttribute("value") ?? "")]);
        Assert.Equal(HttpStatusCode.Conflict, self.StatusCode);
    }

    [Fact]
    public async Task Who_may_only_read_sees_no_actors_and_tells_no_member()
    {
        await using var host = await ConsoleHost.StartAsync(keys: true);
        BusyNode.Fill(host);
        await host.SignInAsync("reader-key");
        var page = await host.PageAsync("/cluster/self");
        Assert.Null(page.QuerySelector(".actors"));
        Assert.Empty(page.QuerySelectorAll("main form"));
        Assert.Contains("needs the scope 'operate'", page.QuerySelector("main")?.TextContent, StringComparison.Ordinal);
    }
}
