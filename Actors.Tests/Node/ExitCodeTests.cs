using ActorPerf.Node;
using ActorPerf.TestKit;
using ActorPerf.TestKit.MultiNode;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Tests.Node;

public sealed class ExitCodeTests
{
    private const string Id = "0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a11";

    [Theory]
    [InlineData(400, "invalid-args", ExitCodes.Refused)]
    [InlineData(401, "unauthorized", ExitCodes.Refused)]
    [InlineData(403, "forbidden", ExitCodes.Refused)]
    [InlineData(404, "unknown-job", ExitCodes.NotFound)]
    [InlineData(404, "unknown-task", ExitCodes.NotFound)]
    [InlineData(409, "state-conflict", ExitCodes.Refused)]
    [InlineData(429, "queue-full", ExitCodes.Refused)]
    [InlineData(500, "task-failed", ExitCodes.Refused)]
    [InlineData(503, "draining", ExitCodes.Refused)]
    [InlineData(504, "compute-timeout", ExitCodes.TimedOut)]
    [InlineData(504, "not-cached", ExitCodes.Refused)]
    [InlineData(507, "storage-full", ExitCodes.Refused)]
    public async Task A_refusal_has_its_exit_code_and_its_words(int status, string code, int expected)
    {
        await using var node = await ScriptedNode.StartAsync(context => context.ProblemAsync(status, code, "What happened."));
        var run = new CliRun();
        Assert.Equal(expected, await run.InvokeAsync("--node", node.Url, "job", "show", Id));
        Assert.Equal("", run.Out.ToString());
        Assert.StartsWith($"What happened.\n[{code}, request r-1]\n", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Faults_of_the_input_are_told_one_by_one()
    {
        await using var node = await ScriptedNode.StartAsync(context =>
            context.ProblemAsync(400, "invalid-args", "Bad.", ""","errors":[{"pointer":"/args/n","message":"must be a number"}]"""));
        var run = new CliRun();
        Assert.Equal(ExitCodes.Refused, await run.InvokeAsync("--node", node.Url, "compute", "square", """{"n":"x"}"""));
        Assert.Contains("  /args/n: must be a number\n", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nobody_listens_the_message_names_the_url_and_how_to_start_a_node()
    {
        var run = new CliRun();
        var url = $"http://127.0.0.1:{LoopbackPort.Free()}";
        Assert.Equal(ExitCodes.CannotConnect, await run.InvokeAsync("--node", url, "cluster", "show"));
        Assert.Equal("", run.Out.ToString());
        Assert.Contains($"No node answers at {url}", run.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains("Start one with: actorperf", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unreadable_address_is_a_usage_error_and_asks_nobody()
    {
        foreach (var address in new[] { "", "ftp://x", "http://user:pass@h", "http://h/?q=1", "a b" })
            Assert.Equal(ExitCodes.Usage, await new CliRun().InvokeAsync("--node", address, "version"));
    }

    [Fact]
    public async Task A_silent_node_is_given_up_after_the_timeout()
    {
        var time = new ManualTime();
        await using var node = await ScriptedNode.StartAsync(context =>
        {
            time.Advance(TimeSpan.FromSeconds(20));
            return Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        var run = new CliRun { Time = time };
        Assert.Equal(ExitCodes.TimedOut, await run.InvokeAsync("--node", node.Url, "--timeout", "20s", "queue", "list"));
        Assert.Single(node.Requests);
        Assert.Contains("did not answer within 20 s", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_ends_with_130_and_without_a_word()
    {
        using var interrupt = new CancellationTokenSource();
        await using var node = await ScriptedNode.StartAsync(async context =>
        {
            await interrupt.CancelAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        var run = new CliRun { Interrupt = interrupt.Token };
        Assert.Equal(ExitCodes.Interrupted, await run.InvokeAsync("--node", node.Url, "queue", "list"));
        Assert.Equal("", run.Error.ToString());
    }

    [Fact]
    public async Task What_is_no_node_is_said_to_be_none()
    {
        await using var node = await ScriptedNode.StartAsync(context =>
        {
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync("<html>hello</html>");
        });
        var run = new CliRun();
        Assert.Equal(ExitCodes.Refused, await run.InvokeAsync("--node", node.Url, "job", "list"));
        Assert.Contains("text/html", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Errors_are_json_on_standard_error_where_json_was_asked_for()
    {
        await using var node = await ScriptedNode.StartAsync(context => context.ProblemAsync(404, "unknown-job", "No such job."));
        var run = new CliRun();
        Assert.Equal(ExitCodes.NotFound, await run.InvokeAsync("--node", node.Url, "-o", "json", "job", "show", Id));
        using var error = System.Text.Json.JsonDocument.Parse(run.Error.ToString());
        Assert.Equal("unknown-job", error.RootElement.GetProperty("code").GetString());
        Assert.Equal(4, error.RootElement.GetProperty("exitCode").GetInt32());
    }

    [Theory]
    [InlineData("jbo", "list")]
    [InlineData("job")]
    [InlineData("job", "list", "surplus")]
    [InlineData("job", "list", "--limit", "0")]
    [InlineData("job", "list", "--limit", "501")]
    [InlineData("job", "list", "--limit")]
    [InlineData("job", "list", "-o", "xml")]
    [InlineData("job", "list", "--watch", "2")]
    [InlineData("job", "list", "--watch", "2s", "-o", "json")]
    [InlineData("job", "list", "--http:url", "x")]
    [InlineData("job", "show")]
    [InlineData("job", "show", "42")]
    [InlineData("job", "cancel", Id, "--watch", "2s")]
    [InlineData("job", "tail", Id, "-q", "state:failed")]
    [InlineData("compute")]
    [InlineData("compute", "square", "{\"n\":")]
    [InlineData("compute", "square", "@missing-file.json")]
    [InlineData("submit")]
    [InlineData("submit", "square", "{}", "--priority", "10")]
    [InlineData("submit", "square", "{}", "--id", "x")]
    [InlineData("submit", "square", "{}", "--delay", "soon")]
    [InlineData("submit", "square", "--batch", "-")]
    [InlineData("submit", "--batch", "missing-file.ndjson")]
    [InlineData("cache", "invalidate")]
    [InlineData("cache", "invalidate", "--all")]
    [InlineData("cache", "invalidate", "square", "--all", "--yes")]
    [InlineData("key", "new", "Bad Name")]
    [InlineData("key", "new", "dash", "--scopes", "everything")]
    [InlineData("backup", "")]
    [InlineData("--namespace", "a\nb", "job", "list")]
    [InlineData("--namespace", "", "job", "list")]
    [InlineData("submit", "square", "{}", "--idempotency-key", "é")]
    [InlineData("--node", "http://127.0.0.1:1")]
    [InlineData("--node", "http://127.0.0.1:1", "serve")]
    [InlineData("--key-file", "missing-file", "version")]
    [InlineData("verify", "--http:url", "x")]
    public async Task What_cannot_be_understood_is_a_usage_error_with_a_message_and_no_data(params string[] arguments)
    {
        var run = new CliRun();
        Assert.Equal(ExitCodes.Usage, await run.InvokeAsync(arguments));
        Assert.Equal("", run.Out.ToString());
        Assert.NotEqual("", run.Error.ToString());
        Assert.DoesNotContain("   at ", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_misspelt_word_is_met_with_the_nearest_known_one()
    {
        var run = new CliRun();
        await run.InvokeAsync("job", "lst");
        Assert.Equal("'lst' is not known here. Did you mean 'list'?\nSee: actorperf job --help\n", run.Error.ToString());
    }
}
