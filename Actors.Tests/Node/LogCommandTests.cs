using ActorPerf.Node;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Tests.Node;

public sealed class LogCommandTests
{
    private const string Line = """{"seq":4,"at":"2026-11-22T10:00:00.000Z","level":"warning","category":"ActorPerf.Jobs.JobTracker","eventId":2105,"message":"slow\u001b[31m","error":"Bad: it\n  at here"}""";

    [Fact]
    public async Task Lines_are_printed_with_their_error_below_and_nothing_that_a_terminal_obeys()
    {
        await using var node = await AnsweringAsync();
        var run = new CliRun();
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync("--node", node.Url, "log", "peek", "-n", "5", "--level", "warning", "--category", "ActorPerf", "--grep", "a b"));
        Assert.Equal("GET /api/v1/log?level=warning&category=ActorPerf&q=a%20b&limit=5", Last(node));
        Assert.StartsWith("2026-11-22T10:00:00.000Z  warning      ActorPerf.Jobs.JobTracker[2105]  slow", run.Lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', run.Lines[0]);
        Assert.Equal(["  Bad: it", "    at here"], run.Lines[1..]);
    }

    [Fact]
    public async Task A_level_is_listed_and_set()
    {
        await using var node = await AnsweringAsync();
        var run = new CliRun();
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync("--node", node.Url, "log", "level", "ActorPerf.Jobs"));
        Assert.Equal("GET /api/v1/log/levels", Last(node));
        Assert.Equal(2, run.Lines.Length);
        Assert.Equal(ExitCodes.Done, await new CliRun().InvokeAsync("--node", node.Url, "log", "level", "ActorPerf.Jobs", "default"));
        var asked = node.Requests.Last();
        Assert.Equal(("PUT", """{"category":"ActorPerf.Jobs","level":null}"""), (asked.Method, asked.Body));
    }

    private static Task<ScriptedNode> AnsweringAsync() => ScriptedNode.StartAsync(context => context.JsonAsync(
        context.Request.Path.Value!.EndsWith("levels", StringComparison.Ordinal)
            ? """{"items":[{"category":"ActorPerf.Data.X","level":"information","set":false},{"category":"ActorPerf.Jobs.JobTracker","level":"debug","set":true}],"next":null}"""
            : $$"""{"items":[{{Line}}],"next":null}"""));

    private static string Last(ScriptedNode node) => $"{node.Requests.Last().Method} {node.Requests.Last().Path}";
}
