using System.Text.Json;

namespace ActorPerf.Tests.Node;

/// <summary>The palette <c>cache</c>, and what <c>compute</c> says to the cache.</summary>
public sealed class CacheCommandTests
{
    private const string Totals = """
        {"entries":2,"bytes":2048,"hits":6,"misses":2,"joined":1,"stale":3,"evictions":4,"refreshes":5,"failures":7,"tooLarge":0,"recalled":0,"hitRatio":0.75,"maxEntries":9,"maxBytes":9,
         "tasks":[{"task":"square","entries":2,"bytes":2048,"hits":6,"misses":2,"joined":1,"stale":3,"evictions":4,"refreshes":5,"failures":7,"tooLarge":0,"recalled":0,"hitRatio":0.75}]}
        """;

    [Fact]
    public async Task Totals_are_a_table_by_task()
    {
        await using var node = await ScriptedNode.AnsweringAsync(Totals);
        var run = new CliRun { Width = 200 };
        Assert.Equal(0, await run.InvokeAsync("--node", node.Url, "cache", "show"));
        Assert.Equal(["TASK", "ENTRIES", "SIZE", "HITS", "STALE", "JOINED", "MISSES", "REFRESHES", "FAILURES", "EVICTIONS", "HIT", "RATIO"], Cells(run.Lines[0]));
        Assert.Equal("square", Cells(run.Lines[1])[0]);
        Assert.Equal(["6", "3", "1", "2", "5", "7", "4", "0.750"], Cells(run.Lines[1])[^8..]);
        Assert.Equal("total", Cells(run.Lines[^1])[0]);
    }

    [Fact]
    public async Task Entries_are_asked_for_by_task_and_page_and_told_with_their_state()
    {
        await using var node = await ScriptedNode.AnsweringAsync(
            """{"items":[{"task":"square","args":{"n":12},"computedAt":"2026-11-21T10:00:00.000Z","expiresAt":"2026-11-21T10:05:00.000Z","bytes":150,"hits":3,"state":"kept","tags":[]}],"next":"1a"}""");
        var run = new CliRun { Width = 200 };
        Assert.Equal(0, await run.InvokeAsync("--node", node.Url, "cache", "entries", "--task", "square", "--limit", "1", "--cursor", "7"));
        Assert.Equal("/api/v1/cache/entries?task=square&limit=1&cursor=7", node.Request.Path);
        Assert.Contains("kept", Cells(run.Lines[1]));
        Assert.Contains("""{"n":12}""", run.Lines[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("square", """{"task":"square"}""", "7 forgotten")]
    [InlineData("square {\"n\":12}", """{"task":"square","args":{"n":12}}""", "7 forgotten")]
    [InlineData("--tag red --tag blue --expire", """{"tags":["red","blue"],"expire":true}""", "7 expired")]
    [InlineData("--all --yes", """{"all":true}""", "7 forgotten")]
    [InlineData("--everywhere --expire -y", """{"everywhere":true,"expire":true}""", "7 expired")]
    public async Task Invalidate_sends_what_was_said(string words, string sent, string told)
    {
        await using var node = await ScriptedNode.AnsweringAsync("""{"invalidated":7}""");
        var run = new CliRun();
        Assert.Equal(0, await run.InvokeAsync(["--node", node.Url, "cache", "invalidate", .. words.Split(' ')]));
        Assert.Equal(("POST", "/api/v1/cache/invalidate"), (node.Request.Method, node.Request.Path));
        Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(sent).RootElement, JsonDocument.Parse(node.Request.Body).RootElement), node.Request.Body);
        Assert.Equal(told, run.Lines[0]);
    }

    [Theory]
    [InlineData("", "Say what to forget")]
    [InlineData("--expire", "Say what to forget")]
    [InlineData("--all square", "leave out TASK")]
    [InlineData("--all --everywhere", "the other one")]
    [InlineData("--everywhere --tag red", "leave out TASK")]
    [InlineData("square {", "JSON")]
    public async Task What_makes_no_sense_is_a_usage_error_and_sends_nothing(string words, string told)
    {
        var run = new CliRun();
        Assert.Equal(2, await run.InvokeAsync(["cache", "invalidate", .. words.Split(' ', StringSplitOptions.RemoveEmptyEntries)]));
        Assert.Contains(told, run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forgetting_everything_wants_a_yes()
    {
        await using var node = await ScriptedNode.AnsweringAsync("""{"invalidated":7}""");
        var run = new CliRun();
        Assert.NotEqual(0, await run.InvokeAsync("--node", node.Url, "cache", "invalidate", "--all"));
        Assert.Empty(node.Requests);
    }

    [Fact]
    public async Task Compute_tells_the_cache_what_it_may_do()
    {
        await using var node = await ScriptedNode.AnsweringAsync("""{"result":144,"cached":true,"stale":false,"computedAt":null,"age":1,"expiresAt":null,"duration":1}""");
        var run = new CliRun();
        Assert.Equal(0, await run.InvokeAsync("--node", node.Url, "compute", "square", "{}", "--no-cache", "--only-if-cached", "--max-age", "90s"));
        Assert.Equal("no-cache, only-if-cached, max-age=90", node.Request.Headers["Cache-Control"]);
    }

    private static string[] Cells(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
