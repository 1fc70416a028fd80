using ActorPerf.Node;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Tests.Node;

public sealed class ClusterCommandTests
{
    private const string One = """{"name":"node-1","address":"http://10.0.0.4:8080","roles":["web","compute"],"status":"up","unreachable":false,"version":"1.0.0","running":0}""";
    private const string Two = """{"name":"node-2","address":"http://10.0.0.5:8080","roles":["compute"],"status":"up","unreachable":true,"version":"1.0.0","running":12}""";
    private const string Members = $$"""{"items":[{{One}},{{Two}}],"next":null}""";

    [Theory]
    [InlineData("leave", "node-2")]
    [InlineData("down", "node-2")]
    [InlineData("down", "http://10.0.0.5:8080")]
    [InlineData("down", "10.0.0.5:8080")]
    public async Task A_member_is_named_by_its_name_or_as_pbm_does_by_its_address(string verb, string named)
    {
        await using var node = await AnsweringAsync();
        var run = new CliRun();
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync("--node", node.Url, "cluster", verb, named, "--yes"));
        Assert.Equal($"POST /api/v1/cluster/members/node-2/{verb}", Last(node));
        Assert.Equal("http://10.0.0.5:8080 | [compute] | up | unreachable | 1.0.0", Assert.Single(run.Lines));
    }

    [Fact]
    public async Task Without_a_name_the_node_that_is_asked_leaves()
    {
        await using var node = await AnsweringAsync();
        Assert.Equal(ExitCodes.Done, await new CliRun().InvokeAsync("--node", node.Url, "cluster", "leave", "-y"));
        Assert.Equal("POST /api/v1/cluster/members/node-1/leave", Last(node));
    }

    [Theory]
    [InlineData("cluster", "leave", "node-2")]
    [InlineData("cluster", "down", "node-2")]
    [InlineData("cluster", "down-unreachable")]
    public async Task Nothing_is_changed_without_a_terminal_to_ask_on_or_yes(params string[] words)
    {
        await using var node = await AnsweringAsync();
        var run = new CliRun();
        Assert.Equal(ExitCodes.Usage, await run.InvokeAsync(["--node", node.Url, .. words]));
        Assert.Contains("--yes", run.Error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(node.Requests, asked => asked.Method == "POST");
    }

    [Fact]
    public async Task A_person_is_asked_with_what_is_at_stake()
    {
        await using var node = await AnsweringAsync();
        var run = new CliRun { Terminal = true, In = "n\n" };
        Assert.Equal(ExitCodes.Usage, await run.InvokeAsync("--node", node.Url, "cluster", "down", "node-2"));
        Assert.Contains("Declare node-2 (http://10.0.0.5:8080) dead? What it runs, 12 by its last word", run.Error.ToString(), StringComparison.Ordinal);
        run = new CliRun { Terminal = true, In = "y\n" };
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync("--node", node.Url, "cluster", "down", "node-2"));
    }

    [Fact]
    public async Task A_member_that_is_not_there_and_a_leadership_that_nobody_holds_are_not_found()
    {
        await using var node = await AnsweringAsync();
        var run = new CliRun();
        Assert.Equal(ExitCodes.NotFound, await run.InvokeAsync("--node", node.Url, "cluster", "down", "node-9", "--yes"));
        Assert.Equal("There is no node node-9. There are node-1, node-2.\n", run.Error.ToString());
        await using var nobody = await ScriptedNode.StartAsync(context => context.ProblemAsync(404, "not-found", "No node leads at this moment."));
        Assert.Equal(ExitCodes.NotFound, await new CliRun().InvokeAsync("--node", nobody.Url, "cluster", "leader"));
    }

    [Fact]
    public async Task The_leaders_address_is_printed()
    {
        await using var node = await ScriptedNode.AnsweringAsync("""{"name":"node-1","address":"http://10.0.0.4:8080","epoch":3,"since":"2026-01-01T00:00:00.000Z"}""");
        var run = new CliRun();
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync("pbm", node.Url, "cluster", "leader"));
        Assert.Equal("http://10.0.0.4:8080\n", run.Out.ToString());
    }

    [Fact]
    public async Task All_unreachable_are_downed_and_printed_and_none_is_no_error()
    {
        await using var node = await ScriptedNode.AnsweringAsync($$"""{"items":[{{Two}}],"next":null}""", 202);
        var run = new CliRun();
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync("--node", node.Url, "cluster", "down-unreachable", "--yes"));
        Assert.Equal("POST /api/v1/cluster/down-unreachable", Last(node));
        Assert.StartsWith("http://10.0.0.5:8080 |", Assert.Single(run.Lines), StringComparison.Ordinal);
        await using var none = await ScriptedNode.AnsweringAsync("""{"items":[],"next":null}""", 202);
        Assert.Equal(ExitCodes.Done, await new CliRun().InvokeAsync("--node", none.Url, "cluster", "down-unreachable", "--yes"));
    }

    [Fact]
    public async Task What_happens_to_members_is_a_line_each()
    {
        using var interrupt = new CancellationTokenSource();
        await using var node = await ScriptedNode.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync($"event: up\ndata: {{\"member\":{One}}}\n\nevent: leader\ndata: {{\"epoch\":3,\"member\":null}}\n\n");
            await context.Response.Body.FlushAsync();
            var gone = new TaskCompletionSource();
            await using var leaving = context.RequestAborted.Register(gone.SetResult);
            await gone.Task;
        });
        var run = new CliRun { Interrupt = interrupt.Token };
        var tail = run.InvokeAsync("--node", node.Url, "-o", "ndjson", "cluster", "tail");
        await Eventually.Is(() => run.Out.ToString().Contains("leader", StringComparison.Ordinal), "both events are printed");
        await interrupt.CancelAsync();
        Assert.Equal(ExitCodes.Interrupted, await tail);
        Assert.Equal(["{\"event\":\"up\",\"data\":{\"member\":" + One + "}}", """{"event":"leader","data":{"epoch":3,"member":null}}"""], run.Lines);
    }

    [Fact]
    public async Task Every_member_is_asked_and_each_line_says_whose_it_is()
    {
        await using var second = await ScriptedNode.AnsweringAsync(Two);
        await using var first = await ScriptedNode.StartAsync(context => context.JsonAsync(
            context.Request.Path == "/api/v1/cluster/members"
                ? $$"""{"items":[{{At(One, context.Request.Host.Value!)}},{{At(Two, second.Url["http://".Length..])}},{"name":"gone","address":"http://127.0.0.1:1","status":"down"}],"next":null}"""
                : One));
        var table = new CliRun();
        Assert.Equal(ExitCodes.Done, await table.InvokeAsync("--node", first.Url, "--all", "cluster", "status"));
        Assert.Equal(
            ["node-1 | http://10.0.0.4:8080 | [web, compute] | up |  | 1.0.0", "node-2 | http://10.0.0.5:8080 | [compute] | up | unreachable | 1.0.0"], table.Lines);
        var lines = new CliRun();
        await lines.InvokeAsync("--node", first.Url, "--all", "-o", "ndjson", "cluster", "status");
        Assert.StartsWith("""{"node":"node-2","name":"node-2",""", lines.Lines[1], StringComparison.Ordinal);
        var document = new CliRun();
        await document.InvokeAsync("--node", first.Url, "--all", "-o", "json", "cluster", "status");
        Assert.Equal(["node-1", "node-2"], document.Json.EnumerateArray().Select(part => part.GetProperty("node").GetString()));
        Assert.Equal("node-2", document.Json[1].GetProperty("answer").GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_member_that_cannot_be_asked_is_told_beside_what_the_others_said()
    {
        await using var node = await ScriptedNode.StartAsync(context => context.JsonAsync(
            context.Request.Path == "/api/v1/cluster/members" ? $$"""{"items":[{{At(One, "127.0.0.1:1")}},{{At(Two, context.Request.Host.Value!)}}],"next":null}""" : Two));
        var run = new CliRun();
        Assert.Equal(ExitCodes.CannotConnect, await run.InvokeAsync("--node", node.Url, "--all", "cluster", "status"));
        Assert.StartsWith("node-2 | ", Assert.Single(run.Lines), StringComparison.Ordinal);
        Assert.Contains("No node answers at http://127.0.0.1:1", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_what_is_a_nodes_own_is_asked_of_all()
    {
        var run = new CliRun();
        Assert.Equal(ExitCodes.Usage, await run.InvokeAsync("--all", "queue", "pause", "mail"));
        Assert.Contains("leave out --all", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Actors_are_paths_a_tree_or_a_table()
    {
        const string tree =
            """
            {"system":"akka://actorperf","path":"/user","type":"Guardian","childCount":2,"children":[
              {"path":"/user/jobs","type":"JobTracker","childCount":0,"children":[],"mailbox":3,"processed":40,"restarts":1,"lastFailure":"FormatException: oops"},
              {"path":"/user/compute","type":"Supervisor","childCount":1,"children":[
                {"path":"/user/compute/default","type":"Pool","childCount":0,"children":[],"mailbox":0,"processed":0,"restarts":0,"lastFailure":null}],"mailbox":0,"processed":1,"restarts":0,"lastFailure":null}],
             "mailbox":0,"processed":2,"restarts":0,"lastFailure":null}
            """;
        await using var node = await ScriptedNode.AnsweringAsync(tree);
        var run = new CliRun();
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync("--node", node.Url, "actor", "hierarchy", "-d", "2", "-s", "/user"));
        Assert.Equal("/api/v1/actors?path=%2Fuser&depth=2", node.Requests.Last().Path);
        Assert.Equal(["/user", "/user/compute", "/user/compute/default", "/user/jobs"], run.Lines);
        run = new CliRun();
        await run.InvokeAsync("--node", node.Url, "actor", "hierarchy", "--tree");
        Assert.Equal(["/user", "├─ compute", "│  └─ default", "└─ jobs"], run.Lines);
        run = new CliRun();
        await run.InvokeAsync("--node", node.Url, "actor", "hierarchy", "--counts");
        Assert.Equal(["/user/jobs", "3", "40", "0", "1", "JobTracker", "FormatException:", "oops"], run.Lines[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        run = new CliRun();
        await run.InvokeAsync("--node", node.Url, "actor", "system");
        Assert.Equal("akka://actorperf\n", run.Out.ToString());
    }

    private static Task<ScriptedNode> AnsweringAsync() => ScriptedNode.StartAsync(context => context.JsonAsync(
        context.Request.Path.Value switch { "/api/v1/cluster/members" => Members, "/api/v1/cluster/self" => One, _ => Two }, context.Request.Method == "POST" ? 202 : 200));

    private static string Last(ScriptedNode node) => $"{node.Requests.Last().Method} {node.Requests.Last().Path}";

    private static string At(string member, string address) =>
        member.Replace("10.0.0.4:8080", address, StringComparison.Ordinal).Replace("10.0.0.5:8080", address, StringComparison.Ordinal);
}
