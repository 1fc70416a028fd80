using ActorPerf.Node;

namespace ActorPerf.Tests.Node;

public sealed class ScheduleCommandTests
{
    private const string Schedule = """
        {"name":"nightly","namespace":"default","cron":"0 2 * * *","timeZone":"UTC","words":"At 02:00 every day, UTC","task":"square","args":{"n":9007199254740993},"queue":null,"priority":5,
         "timeout":1.5,"tags":["a"],"meta":{},"overlap":"skip","misfire":"one","misfireLimit":100,"jitter":90,"paused":false,"source":"api","next":"2026-01-02T02:00:00.000Z",
         "last":{"at":"2026-01-01T02:00:00.000Z","outcome":"submitted"},"error":null,"history":[{"at":"2026-01-01T02:00:00.000Z","outcome":"submitted","job":"0199aa5c","reason":null}]}
        """;

    [Fact]
    public async Task Put_sends_every_member_that_was_given()
    {
        await using var node = await ScriptedNode.AnsweringAsync(Schedule, 201);
        var run = new CliRun();
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync(
            "--node", node.Url, "schedule", "put", "nightly", "0 2 * * *", "square", "{\"n\": 1}", "--time-zone", "Europe/Berlin", "--overlap", "cancel", "--misfire", "all", "--misfire-limit", "9",
            "--jitter", "30s", "--tag", "a", "--paused"));
        Assert.Equal(("PUT", "/api/v1/schedules/nightly"), (node.Request.Method, node.Request.Path));
        Assert.Equal(
            """{"cron":"0 2 * * *","task":"square","args":{"n": 1},"timeZone":"Europe/Berlin","overlap":"cancel","misfire":"all","jitter":"30s","misfireLimit":9,"tags":["a"],"paused":true}""",
            node.Request.Body);
        Assert.Equal("nightly: At 02:00 every day, UTC, next 2026-01-02T02:00:00.000Z\n", run.Out.ToString());
    }

    [Theory]
    [InlineData("list", "GET", "/api/v1/schedules")]
    [InlineData("show nightly", "GET", "/api/v1/schedules/nightly")]
    [InlineData("trigger nightly", "POST", "/api/v1/schedules/nightly/trigger")]
    [InlineData("pause nightly", "POST", "/api/v1/schedules/nightly/pause")]
    [InlineData("resume nightly", "POST", "/api/v1/schedules/nightly/resume")]
    [InlineData("preview @daily", "POST", "/api/v1/schedules/preview")]
    [InlineData("delete nightly --yes", "DELETE", "/api/v1/schedules/nightly")]
    public async Task Each_command_makes_its_call(string command, string method, string path)
    {
        await using var node = await ScriptedNode.AnsweringAsync(command == "list" ? $$"""{"items":[{{Schedule}}],"next":null}""" : Schedule);
        var run = new CliRun();
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync(["--node", node.Url, "schedule", .. command.Split(' ')]));
        Assert.Equal((method, path), (node.Request.Method, node.Request.Path));
        if (command == "list") Assert.Contains("nightly  0 2 * * *", run.Out.ToString(), StringComparison.Ordinal);
        if (command.StartsWith("show", StringComparison.Ordinal)) Assert.Contains("0199aa5c", run.Out.ToString(), StringComparison.Ordinal);
    }
}
