using System.Text.Json;
using ActorPerf.Node;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Tests.Node;

public sealed class BatchTests
{
    [Fact]
    public async Task Every_line_is_answered_and_counted_and_lines_without_an_id_get_one()
    {
        await using var node = await ScriptedNode.StartAsync(context => AnswerAsync(context, (index, line) => index switch
        {
            1 => $$"""{"index":1,"status":200,"id":"{{line.GetProperty("id")}}"}""",
            2 => """{"index":2,"status":400,"problem":{"code":"invalid-args","detail":"n is missing","status":400}}""",
            _ => $$"""{"index":{{index}},"status":202,"id":"{{line.GetProperty("id")}}"}""",
        }));
        var run = new CliRun { In = "{\"task\":\"square\",\"args\":{\"n\":1}}\n\n{\"id\":\"0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a11\",\"task\":\"square\"}\r\n{\"task\":\"square\"}" };
        Assert.Equal(ExitCodes.Refused, await run.InvokeAsync("--node", node.Url, "-o", "json", "submit", "--batch", "-"));
        Assert.Equal("""{"accepted":1,"rejected":1,"deduplicated":1,"complete":true}""", run.Json.ToString().Replace("\n", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal("line 4: n is missing [invalid-args]\n", run.Error.ToString());
        Assert.Equal("application/x-ndjson", node.Request.Headers["Content-Type"]);
        var ids = node.Request.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("id").GetGuid()).ToArray();
        Assert.Equal(3, ids.Distinct().Count());
        Assert.Equal(Guid.Parse("0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a11"), ids[1]);
    }

    [Fact]
    public async Task Lines_that_were_not_answered_are_sent_again_with_the_same_ids()
    {
        var connections = 0;
        await using var node = await ScriptedNode.StartAsync(async context =>
        {
            if (++connections == 1)
            {
                // Answers the first line, is busy for the second, and breaks off in the third.
                context.Response.ContentType = "application/x-ndjson";
                await context.Response.WriteAsync("{\"index\":0,\"status\":202,\"id\":\"x\"}\n{\"index\":1,\"status\":503,\"problem\":{\"code\":\"draining\"}}\n{\"index\":2,");
                return;
            }
            await AnswerAsync(context, (index, line) => $$"""{"index":{{index}},"status":202,"id":"{{line.GetProperty("id")}}"}""");
        });
        var run = new CliRun { In = "{\"task\":\"a\"}\n{\"task\":\"b\"}\n{\"id\":null,\"task\":\"c\"}\n" };
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync("--node", node.Url, "submit", "--batch", "-"));
        Assert.Equal("3 accepted, 0 known already, 0 refused\n", run.Out.ToString());
        var sent = node.Requests.Select(request => request.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries)).ToArray();
        Assert.Equal(2, sent.Length);
        Assert.Equal(sent[0][1..], sent[1]);
        Assert.Equal(36, JsonDocument.Parse(sent[1][1]).RootElement.GetProperty("id").GetString()?.Length);
    }

    [Fact]
    public async Task A_connection_that_breaks_is_made_again()
    {
        var connections = 0;
        await using var node = await ScriptedNode.StartAsync(async context =>
        {
            if (++connections == 1) context.Abort();
            else await AnswerAsync(context, (index, line) => $$"""{"index":{{index}},"status":202,"id":"{{line.GetProperty("id")}}"}""");
        });
        var run = new CliRun { In = "{\"task\":\"a\"}\n{\"task\":\"b\"}\n" };
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync("--node", node.Url, "submit", "--batch", "-"));
        Assert.Equal("2 accepted, 0 known already, 0 refused\n", run.Out.ToString());
        Assert.Equal(node.Requests.First().Body, node.Requests.Last().Body);
    }

    [Fact]
    public async Task A_long_input_goes_in_windows_and_its_answers_name_lines_of_the_file()
    {
        await using var node = await ScriptedNode.StartAsync(context => AnswerAsync(context, (index, line) => $$"""{"index":{{index}},"status":202,"id":"{{line.GetProperty("id")}}"}"""));
        using var folder = new TestFolder();
        await File.WriteAllLinesAsync(folder.Path("jobs.ndjson"), Enumerable.Range(0, 12_000).Select(n => $"{{\"task\":\"primes\",\"args\":{{\"limit\":{n}}}}}"));
        var run = new CliRun { Folder = folder.Root };
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync("--node", node.Url, "-o", "ndjson", "submit", "--batch", "jobs.ndjson"));
        Assert.Equal(3, node.Requests.Count);
        Assert.Equal(12_001, run.Lines.Length);
        Assert.StartsWith("{\"line\":12000,", run.Lines[^2], StringComparison.Ordinal);
        Assert.Equal("""{"accepted":12000,"rejected":0,"deduplicated":0,"complete":true}""", run.Lines[^1]);
    }

    [Fact]
    public async Task A_refusal_of_the_whole_is_reported_at_once()
    {
        await using var node = await ScriptedNode.StartAsync(context => context.ProblemAsync(401, "unauthorized", "A key is needed."));
        var run = new CliRun { In = "{\"task\":\"a\"}\n" };
        Assert.Equal(ExitCodes.Refused, await run.InvokeAsync("--node", node.Url, "-o", "json", "submit", "--batch", "-"));
        Assert.False(run.Json.GetProperty("complete").GetBoolean());
        Assert.Single(node.Requests);
    }

    [Fact]
    public async Task A_line_too_long_for_any_submission_is_named()
    {
        await using var node = await ScriptedNode.StartAsync(context => AnswerAsync(context, (index, _) => $$"""{"index":{{index}},"status":202}"""));
        var run = new CliRun { In = "{\"task\":\"a\"}\n" + new string(' ', 2_000_000) };
        Assert.Equal(ExitCodes.Usage, await run.InvokeAsync("--node", node.Url, "submit", "--batch", "-"));
        Assert.Contains("Line 2 is longer than", run.Error.ToString(), StringComparison.Ordinal);
    }

    private static async Task AnswerAsync(HttpContext context, Func<int, JsonElement, string> answer)
    {
        using var reader = new StreamReader(context.Request.Body);
        var lines = (await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        context.Response.ContentType = "application/x-ndjson";
        for (var index = 0; index < lines.Length; index++)
            await context.Response.WriteAsync(answer(index, JsonDocument.Parse(lines[index]).RootElement) + "\n");
        await context.Response.WriteAsync("{\"accepted\":0,\"rejected\":0,\"deduplicated\":0,\"complete\":true}\n");
    }
}
