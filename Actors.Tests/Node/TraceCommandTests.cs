namespace ActorPerf.Tests.Node;

/// <summary>The palette <c>trace</c>.</summary>
public sealed class TraceCommandTests
{
    private const string Trace = """
        {"id":"00f067aa0ba902b7","traceId":"0af7651916cd43dd8448eb211c80319c","namespace":"default","route":"GET /demo/page","kind":"request","title":null,"job":null,"startedAt":"2026-11-21T10:00:00.000Z",
         "duration":0.02,"status":200,"error":null,"calls":3,"ownCost":0.000038,"dropped":4,
         "findings":[{"sort":"staircase","message":"2 reads wait for each other.","callSite":"Pages/Report.cs:41","count":2,"saving":0.005,"spans":["b1"]}],
         "spans":[
          {"id":"9","parent":null,"depth":0,"kind":"request","name":"GET /demo/page","start":0,"duration":0.02,"open":false,"error":null,"callSite":null,"tags":{},"batch":null,"shared":null},
          {"id":"b1","parent":"9","depth":1,"kind":"get","name":"get Account","start":0.005,"duration":0.01,"open":false,"error":null,"callSite":"Pages/Report.cs:41","tags":{},"batch":17,"shared":null},
          {"id":"c1","parent":"b1","depth":2,"kind":"statement","name":"read Account","start":0.01,"duration":0.005,"open":false,"error":"timeout","callSite":null,"tags":{},"batch":17,"shared":{"calls":64,"others":[],"keys":64,"ownKeys":50}},
          {"id":"d1","parent":"9","depth":1,"kind":"wait","name":"wait","start":-0.001,"duration":0.0015,"open":true,"error":null,"callSite":null,"tags":{},"batch":null,"shared":null}],
         "kinds":[],"links":[],"related":[{"id":"3dd067aa0ba902b7","route":"job report","duration":0.412}]}
        """;

    [Fact]
    public async Task Show_draws_each_call_in_its_place_and_marks_what_was_shared()
    {
        await using var node = await ScriptedNode.AnsweringAsync(Trace);
        var run = new CliRun();
        Assert.Equal(0, await run.InvokeAsync("--node", node.Url, "trace", "show", "00f067aa0ba902b7"));
        Assert.Equal("/api/v1/traces/00f067aa0ba902b7", node.Request.Path);
        Assert.Equal(new string('#', 40), Bar(run, "GET /demo/page"));
        Assert.Equal(new string('.', 10) + new string('#', 20) + new string('.', 10), Bar(run, "get Account"));
        Assert.Equal(new string('.', 20) + new string('=', 10) + new string('.', 10), Bar(run, "read Account"));
        Assert.Equal("#" + new string('.', 39), Bar(run, "wait"));
        Assert.Contains(run.Lines, line => line.Contains("read Account", StringComparison.Ordinal) && line.Contains("failed: timeout, batch 17, 64 keys, 50 its own, shared by 64 calls", StringComparison.Ordinal));
        Assert.Contains(run.Lines, line => line.Contains("    read Account", StringComparison.Ordinal));
        Assert.Contains("= shared with others", run.Lines);
        Assert.Contains("4 more calls were counted and not kept", run.Lines);
        Assert.Contains("staircase, could save 5 ms: 2 reads wait for each other.", run.Lines);
        Assert.Contains("  at Pages/Report.cs:41", run.Lines);
        Assert.Contains("  3dd067aa0ba902b7  412 ms  job report", run.Lines);
    }

    [Theory]
    [InlineData("", 3)]
    [InlineData("--every", 52)]
    public async Task Alike_calls_of_one_batch_are_one_row_unless_every_one_is_asked_for(string option, int rows)
    {
        var gets = string.Join(',', Enumerable.Range(0, 50).Select(n => $$"""{"id":"b{{n}}","parent":"9","depth":1,"kind":"get","name":"get Account","start":0.00{{n:00}},"duration":0.01,"open":false,"batch":17,"shared":null,"callSite":"a.cs:1"}"""));
        await using var node = await ScriptedNode.AnsweringAsync($$$"""{"id":"x","duration":0.02,"spans":[{"id":"9","depth":0,"name":"GET /","start":0,"duration":0.02,"shared":null},{{{gets}}},{"id":"c","depth":2,"kind":"statement","name":"read Account","start":0.01,"duration":0.01,"batch":17,"shared":{"calls":50,"keys":50,"ownKeys":50}}]}""");
        var run = new CliRun();
        Assert.Equal(0, await run.InvokeAsync(["--node", node.Url, "trace", "show", "x", .. option.Split(' ', StringSplitOptions.RemoveEmptyEntries)]));
        Assert.Equal(rows, run.Lines.Count(line => line.Split(' ').Any(IsBar)));
        Assert.Equal(rows == 3, run.Lines.Any(line => line.Contains("  50 x get Account", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Reset_says_from_when_on_the_counts_are()
    {
        await using var node = await ScriptedNode.AnsweringAsync("""{"on":true,"since":"2026-11-21T10:00:00.000Z","routes":[],"kinds":[],"findings":[],"cost":{}}""");
        var run = new CliRun();
        Assert.Equal(0, await run.InvokeAsync("--node", node.Url, "trace", "reset"));
        Assert.Equal("/api/v1/traces/reset", node.Request.Path);
        Assert.Equal("Counts begin at 2026-11-21T10:00:00.000Z.", Assert.Single(run.Lines));
    }

    [Fact]
    public async Task List_asks_for_what_was_said()
    {
        await using var node = await ScriptedNode.AnsweringAsync(
            """{"items":[{"id":"2cc067aa0ba902b7","route":"POST /x","startedAt":"2026-11-21T10:00:00.000Z","duration":0.0031,"status":500,"error":"task-failed","calls":1,"findings":2,"title":"fail"}],"next":"638"}""");
        var run = new CliRun { Width = 200 };
        Assert.Equal(0, await run.InvokeAsync("--node", node.Url, "trace", "list", "--route", "POST /x", "--min-duration", "1.5ms", "--kind", "request", "--errors", "--slowest", "--everywhere", "--limit", "5", "--cursor", "7"));
        Assert.Equal("/api/v1/traces?route=POST%20%2Fx&minDuration=2ms&kind=request&errors=true&sort=-duration&everywhere=true&limit=5&cursor=7", node.Request.Path);
        Assert.Contains("500 task-failed", run.Lines[1], StringComparison.Ordinal);
        Assert.Contains("3.1 ms", run.Lines[1], StringComparison.Ordinal);
        Assert.Contains("more: --cursor 638", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trace_that_is_not_kept_exits_with_4()
    {
        await using var node = await ScriptedNode.StartAsync(context => context.ProblemAsync(404, "not-found", "No trace x is kept."));
        var run = new CliRun();
        Assert.Equal(4, await run.InvokeAsync("--node", node.Url, "trace", "show", "x"));
    }

    [Fact]
    public async Task Stats_print_both_sides_findings_and_own_cost()
    {
        await using var node = await ScriptedNode.AnsweringAsync("""
            {"on":true,"since":"2026-11-21T10:00:00.000Z",
             "routes":[{"namespace":"default","route":"GET /demo/page","kind":"request","requests":120,"errors":1,"traced":60,"latency":{"mean":0.104,"max":0.24,"p50":0.1,"p90":0.12,"p95":0.131,"p99":0.22},"calls":[]}],
             "kinds":[{"kind":"get","target":"Account","route":null,"calls":1250,"errors":0,"traces":25,"total":5.2,"latency":{"mean":0.0042,"max":0.012,"p50":null,"p90":null,"p95":null,"p99":null},"routes":[]}],
             "findings":[{"sort":"staircase","namespace":"default","route":"GET /demo/page","callSite":"a.cs:1","traces":12,"saving":1.188,"message":"Reads wait.","exampleTrace":"1bb067aa0ba902b7"}],
             "cost":{"requests":120,"traced":60,"spans":900,"dropped":0,"time":0.0005,"perSpan":0.0000006,"shareOfProcessor":0.0031,"traces":60,"bytes":1048576,"maxBytes":33554432,"evicted":0}}
            """);
        var run = new CliRun { Width = 250 };
        Assert.Equal(0, await run.InvokeAsync("--node", node.Url, "trace", "stats"));
        Assert.Contains(run.Lines, line => line.StartsWith("GET /demo/page", StringComparison.Ordinal) && line.Contains("131 ms", StringComparison.Ordinal));
        Assert.Contains(run.Lines, line => line.StartsWith("get Account", StringComparison.Ordinal) && line.Contains("5.2 s", StringComparison.Ordinal));
        Assert.Contains(run.Lines, line => line.StartsWith("staircase", StringComparison.Ordinal) && line.Contains("1.19 s", StringComparison.Ordinal));
        Assert.Contains("Tracing: 60 of 120 requests with their calls, 900 calls, 0.6 µs each, 0.31 % of the processor time; 60 traces kept in 1 MiB of 32 MiB.", run.Lines);
        var only = new CliRun { Width = 250 };
        Assert.Equal(0, await only.InvokeAsync("--node", node.Url, "trace", "stats", "--by", "kind"));
        Assert.StartsWith("CALL", only.Lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain(only.Lines, line => line.StartsWith("Tracing", StringComparison.Ordinal));
    }

    private static string Bar(CliRun run, string name) =>
        Assert.Single(run.Lines, line => line.Contains(name, StringComparison.Ordinal) && line.Split(' ').Any(IsBar)).Split(' ').First(IsBar);

    private static bool IsBar(string word) => word.Length == 40 && word.All(mark => mark is '.' or '#' or '=');
}
