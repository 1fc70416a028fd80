namespace ActorPerf.Tests.Node;

public sealed class QueueCommandTests
{
    private const string Queue = """{"name":"mail","paused":true,"concurrency":3,"rate":{"limit":10,"per":1},"keyConcurrency":0,"keyRate":null,"source":"api"}""";

    [Fact]
    public async Task Queues_are_paused_resumed_limited_and_reset()
    {
        var asked = new List<string>();
        await using var node = await ScriptedNode.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            asked.Add($"{context.Request.Method} {context.Request.Path} {await reader.ReadToEndAsync()}".TrimEnd());
            await context.JsonAsync(Queue);
        });
        foreach (var words in new string[][]
        {
            ["queue", "pause", "mail"], ["queue", "resume", "mail"], ["queue", "reset", "mail"],
            ["queue", "set", "mail", "--concurrency", "3", "--rate", "10/s", "--key-concurrency", "2", "--key-rate", "5/500ms"],
        })
        {
            var run = new CliRun();
            Assert.Equal(0, await run.InvokeAsync(["--node", node.Url, .. words]));
            Assert.Equal("mail paused 3 at once, 10/1s (api)", run.Lines[0]);
        }
        Assert.Equal(
            [
                """PATCH /api/v1/queues/mail {"paused":true}""", """PATCH /api/v1/queues/mail {"paused":false}""", "DELETE /api/v1/queues/mail/settings",
                """PATCH /api/v1/queues/mail {"concurrency":3,"rate":{"limit":10,"per":"1000ms"},"keyConcurrency":2,"keyRate":{"limit":5,"per":"500ms"}}""",
            ],
            asked);
    }

    [Fact]
    public async Task One_queue_is_shown_with_what_waits_in_it()
    {
        await using var node = await ScriptedNode.AnsweringAsync("""{"name":"mail","paused":true,"counts":{"queued":2,"retrying":1,"failed":4},"running":3,"oldestWaiting":90,"concurrency":3,"source":"api"}""");
        var run = new CliRun();
        Assert.Equal(0, await run.InvokeAsync("--node", node.Url, "queue", "show", "mail"));
        Assert.Equal("/api/v1/queues/mail", node.Request.Path);
        Assert.Equal(["NAME mail", "WAITING 3", "RUNNING 3", "SUCCEEDED 0", "FAILED 4"], run.Lines[..5].Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
        Assert.Contains(run.Lines, line => line.StartsWith("LIMITS", StringComparison.Ordinal) && line.EndsWith("3 at once", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--rate", "10")]
    [InlineData("--rate", "10/soon")]
    [InlineData("--rate", "-1/s")]
    [InlineData("--key-rate", "5/1ms")]
    public async Task A_rate_that_cannot_be_read_is_a_usage_error(string option, string value)
    {
        var run = new CliRun();
        Assert.Equal(2, await run.InvokeAsync("queue", "set", "mail", option, value));
        Assert.Contains("10/s", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limit_keys_are_a_table()
    {
        await using var node = await ScriptedNode.StartAsync(context => context.JsonAsync(
            """{"items":[{"key":"eu","running":4,"queued":9,"blocked":9,"concurrency":4,"rate":{"limit":10,"per":1}}],"next":null}"""));
        var run = new CliRun();
        await run.InvokeAsync("--node", node.Url, "limit", "list");
        Assert.Equal(["eu", "4", "9", "9", "4", "10/1s"], run.Lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }
}
