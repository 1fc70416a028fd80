using ActorPerf.Node;
using ActorPerf.Node.Output;

namespace ActorPerf.Tests.Node;

public sealed class OutputTests
{
    private const string Members = """
        {"items":[
          {"name":"node-1","address":"http://127.0.0.1:8080","roles":["web","compute"],"status":"up","unreachable":false,"version":"0.1.0"},
          {"name":"node-2","address":"http://127.0.0.1:8081","roles":["compute"],"status":"leaving","unreachable":true,"version":"0.1.0"}],"next":null}
        """;

    private const string Jobs = """
        {"items":[{"id":"0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a11","task":"square","queue":"default","state":"failed","attempt":2,"maxAttempts":5,
          "createdAt":"2026-11-21T10:00:00.000Z","ran":0.012,"error":{"type":"Boom","message":"red \u001b[31m alert\u009b\u202e"},"big":9007199254740993}],"next":"c2"}
        """;

    [Fact]
    public async Task Members_are_printed_as_inspectors_of_akka_clusters_do()
    {
        await using var node = await ScriptedNode.AnsweringAsync(Members);
        var run = new CliRun();
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync("--node", node.Url, "cluster", "show"));
        Assert.Equal(
            """
            http://127.0.0.1:8080 | [web, compute] | up |  | 0.1.0
            http://127.0.0.1:8081 | [compute] | leaving | unreachable | 0.1.0
            Count: 2 nodes

            """, run.Out.ToString());
        Assert.Equal("", run.Error.ToString());
    }

    [Fact]
    public async Task A_node_can_be_named_as_host_and_port_before_the_command()
    {
        await using var node = await ScriptedNode.AnsweringAsync(Members);
        var run = new CliRun();
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync(node.Url["http://".Length..], "cluster", "show"));
        Assert.EndsWith("Count: 2 nodes\n", run.Out.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_is_the_row_of_the_node_that_is_asked()
    {
        await using var node = await ScriptedNode.AnsweringAsync(
            """{"name":"node-2","address":"http://127.0.0.1:8081","roles":["compute"],"status":"leaving","unreachable":true,"version":"0.1.0"}""");
        var run = new CliRun();
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync("--node", node.Url, "cluster", "status"));
        Assert.Equal("/api/v1/cluster/self", node.Request.Path);
        Assert.Equal("http://127.0.0.1:8081 | [compute] | leaving | unreachable | 0.1.0\n", run.Out.ToString());
    }

    [Fact]
    public async Task Escapes_that_others_wrote_reach_no_terminal()
    {
        await using var node = await ScriptedNode.AnsweringAsync(Jobs);
        foreach (var format in new[] { "table", "json", "ndjson" })
        {
            var run = new CliRun();
            Assert.Equal(ExitCodes.Done, await run.InvokeAsync("--node", node.Url, "-o", format, "job", "list"));
            Assert.DoesNotContain(run.Out.ToString(), character => character != '\n' && Visible.IsHarmful(character));
            Assert.Contains("\\u001b[31m alert\\u009b\\u202e", run.Out.ToString(), StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Json_is_the_answer_itself_digit_for_digit()
    {
        await using var node = await ScriptedNode.AnsweringAsync(Jobs);
        var run = new CliRun();
        await run.InvokeAsync("--node", node.Url, "-o", "json", "job", "list");
        Assert.Equal("9007199254740993", run.Json.GetProperty("items")[0].GetProperty("big").GetRawText());
        Assert.Equal("red \u001b[31m alert\u009b\u202e", run.Json.GetProperty("items")[0].GetProperty("error").GetProperty("message").GetString());
        Assert.Equal("c2", run.Json.GetProperty("next").GetString());
    }

    [Fact]
    public async Task Ndjson_is_one_item_a_line_and_the_cursor_is_a_message()
    {
        await using var node = await ScriptedNode.AnsweringAsync(Jobs);
        var run = new CliRun();
        await run.InvokeAsync("--node", node.Url, "-o", "ndjson", "job", "list");
        Assert.StartsWith("""{"id":"0199aa5c""", Assert.Single(run.Lines), StringComparison.Ordinal);
        Assert.Equal("more: --cursor c2\n", run.Error.ToString());
    }

    [Theory]
    [InlineData("json", """{"items":[{"id":"1", "args":["\ud800"]}],"next":null}""")]
    [InlineData("ndjson", """{"id":"1", "args":["\ud800"]}""")]
    public async Task Half_of_a_surrogate_pair_is_printed_as_it_came(string format, string expected)
    {
        await using var node = await ScriptedNode.AnsweringAsync("""{"items":[{"id":"1", "args":["\ud800"]}],"next":null}""".Replace(", ", ",\n", StringComparison.Ordinal));
        var run = new CliRun();
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync("--node", node.Url, "-o", format, "job", "list"));
        Assert.Equal(expected, run.Out.ToString().TrimEnd());
    }

    [Fact]
    public async Task On_a_terminal_rows_are_cut_at_its_edge_and_nowhere_else()
    {
        await using var node = await ScriptedNode.AnsweringAsync(Jobs);
        var (narrow, piped) = (new CliRun { Terminal = true, Width = 40 }, new CliRun());
        await narrow.InvokeAsync("--node", node.Url, "job", "list");
        await piped.InvokeAsync("--node", node.Url, "job", "list");
        Assert.All(narrow.Lines, line => Assert.InRange(line.Length, 1, 40));
        Assert.Contains(piped.Lines, line => line.Length > 100);
    }

    [Fact]
    public async Task A_terminal_of_one_column_is_no_trouble()
    {
        await using var node = await ScriptedNode.AnsweringAsync(Jobs);
        Assert.Equal(ExitCodes.Done, await new CliRun { Terminal = true, Width = 1 }.InvokeAsync("--node", node.Url, "job", "list"));
    }

    [Fact]
    public async Task Search_and_paging_go_to_the_node_as_they_were_written()
    {
        await using var node = await ScriptedNode.AnsweringAsync(Jobs);
        await new CliRun().InvokeAsync("--node", node.Url, "job", "list", "-q", "state:failed error:\"a b\"", "--limit", "7", "--cursor", "x/+");
        Assert.Equal("/api/v1/jobs?q=state:failed%20error:%22a%20b%22&limit=7&cursor=x/%2B", Uri.UnescapeDataString(node.Request.Path)
            .Replace(" ", "%20", StringComparison.Ordinal).Replace("\"", "%22", StringComparison.Ordinal).Replace("+", "%2B", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Watching_prints_again_until_interrupted()
    {
        using var interrupt = new CancellationTokenSource();
        var asked = 0;
        await using var node = await ScriptedNode.StartAsync(async context =>
        {
            if (++asked == 3) await interrupt.CancelAsync();
            await context.JsonAsync(Members);
        });
        var run = new CliRun { Interrupt = interrupt.Token };
        Assert.Equal(ExitCodes.Interrupted, await run.InvokeAsync("--node", node.Url, "cluster", "show", "--watch", "1ms"));
        Assert.Equal(2, run.Lines.Count(line => line == "Count: 2 nodes"));
    }

    [Fact]
    public async Task What_a_writer_handed_over_is_written_however_soon_the_interruption_comes()
    {
        using var written = new MemoryStream();
        await using var output = new StandardOutput(written);
        await output.WriteAsync("[{}"u8.ToArray(), new CancellationToken(canceled: true));
        Assert.Equal("[{}"u8.ToArray(), written.ToArray());
    }

    [Fact]
    public async Task The_environment_names_node_and_key_and_options_win()
    {
        await using var node = await ScriptedNode.AnsweringAsync(Members);
        var run = new CliRun { Environment = { ["ACTORPERF_URL"] = node.Url, ["ACTORPERF_KEY"] = "ap_secret\n" } };
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync("--namespace", "shop", "cluster", "show"));
        Assert.Equal("Bearer ap_secret", node.Request.Headers["Authorization"]);
        Assert.Equal("shop", node.Request.Headers["ActorPerf-Namespace"]);
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "ap_other\n");
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync("--key-file", file, "cluster", "show"));
        Assert.Equal("Bearer ap_other", node.Requests.Last().Headers["Authorization"]);
        File.Delete(file);
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData("dumb", null, false)]
    [InlineData("xterm", null, true)]
    [InlineData("xterm", "1", false)]
    public void Control_sequences_need_a_terminal_that_is_known_and_no_wish_against_them(string? term, string? noColor, bool expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "run on Linux or macOS: Windows has no TERM");
        var environment = new Dictionary<string, string>();
        if (term is not null) environment["TERM"] = term;
        if (noColor is not null) environment["NO_COLOR"] = noColor;
        Assert.Equal(expected, Shell.UnderstandsAnsi(environment));
    }

    [Fact]
    public async Task Every_command_has_a_description_and_an_example()
    {
        string[][] commands =
        [
            ["serve"], ["compute"], ["submit"], ["verify"], ["backup"], ["health"], ["version"],
            ["job", "list"], ["job", "show"], ["job", "cancel"], ["job", "wait"], ["job", "tail"], ["queue", "list"],
            ["cache", "show"], ["cache", "entries"], ["cache", "invalidate"], ["cluster", "show"], ["cluster", "status"],
            ["key", "new"], ["key", "list"], ["key", "revoke"],
        ];
        foreach (var command in commands)
        {
            var run = new CliRun();
            Assert.Equal(ExitCodes.Done, await run.InvokeAsync([.. command, "--help"]));
            Assert.Contains($"actorperf {string.Join(' ', command)}", run.Out.ToString(), StringComparison.Ordinal);
            Assert.Contains("Example:", run.Out.ToString(), StringComparison.Ordinal);
            Assert.Equal("", run.Error.ToString());
        }
    }

    [Fact]
    public async Task Queues_cache_and_entries_are_tables()
    {
        await using var node = await ScriptedNode.StartAsync(context => context.JsonAsync(context.Request.Path.Value switch
        {
            "/api/v1/queues" => """{"items":[{"name":"default","paused":true,"counts":{"queued":3,"retrying":1,"running":2,"succeeded":10,"failed":1},"running":2,"oldestWaiting":61.5}],"next":null}""",
            "/api/v1/cache" => """{"entries":1,"bytes":2048,"hits":9,"misses":1,"joined":0,"stale":0,"evictions":0,"hitRatio":0.9,"tasks":[{"task":"square","entries":1,"bytes":2048,"hits":9,"misses":1,"hitRatio":0.9}]}""",
            _ => """{"items":[{"task":"square","args":{"n":12},"computedAt":"a","expiresAt":"b","bytes":100,"hits":2}],"next":null}""",
        }));
        var (queues, cache, entries) = (new CliRun(), new CliRun(), new CliRun());
        await queues.InvokeAsync("--node", node.Url, "queue", "list");
        await cache.InvokeAsync("--node", node.Url, "cache", "show");
        await entries.InvokeAsync("--node", node.Url, "cache", "entries", "--task", "square");
        Assert.Equal(["default", "4", "2", "10", "1", "61.5", "s", "paused"], queues.Lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("square", cache.Lines[1], StringComparison.Ordinal);
        Assert.Equal(["total", "1", "2", "KiB", "9", "0", "0", "1", "0", "0.900"], cache.Lines[2].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.EndsWith("{\"n\":12}", entries.Lines[1], StringComparison.Ordinal);
    }
}
