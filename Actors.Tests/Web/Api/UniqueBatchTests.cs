using System.Net;
using System.Text.Json;

namespace ActorPerf.Tests.Web.Api;

/// <summary>Unique keys through the batch, over the whole node: a conflict is its line's, or the whole atomic batch's.</summary>
public sealed class UniqueBatchTests
{
    private const string Waiting = "\"task\": \"sleep\", \"args\": {\"duration\": \"1ms\"}, \"delay\": \"1h\"";

    [Fact]
    public async Task A_conflict_in_a_stream_is_the_problem_of_its_line()
    {
        await using var host = await NodeHost.StartAsync();
        using var response = await host.Client.PostAsync("jobs/batch", Http.Lines(
            $"{{{Waiting}, \"uniqueKey\": \"k\"}}\n{{{Waiting}, \"uniqueKey\": \"k\", \"uniquePolicy\": \"reject\"}}\n{{{Waiting}, \"uniqueKey\": \"k\"}}\n"
            + $"{{{Waiting}, \"uniqueKey\": \"k\", \"uniquePolicy\": \"replace\"}}\n{{{Waiting}, \"limitKey\": \"eu\", \"callback\": \"https://example.com/\"}}\n"));
        var lines = (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal([202, 409, 200, 202, 202], lines[..^1].Select(static line => line.GetProperty("status").GetInt32()));
        var problem = lines[1].GetProperty("problem");
        Assert.Equal("unique-conflict", problem.GetProperty("code").GetString());
        Assert.Contains(lines[0].GetProperty("id").GetString()!, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(lines[0].GetProperty("id").GetString(), lines[2].GetProperty("id").GetString());
        Assert.Equal("""{"accepted":3,"rejected":1,"deduplicated":1,"complete":true}""", lines[^1].GetRawText());
        Assert.Equal("cancelled", (await JobAsync(host, lines[0])).GetProperty("state").GetString());
        var last = await JobAsync(host, lines[4]);
        Assert.Equal(("eu", "https://example.com/"), (last.GetProperty("limitKey").GetString(), last.GetProperty("callback").GetString()));
    }

    [Fact]
    public async Task A_conflict_in_an_atomic_batch_is_that_of_all()
    {
        await using var host = await NodeHost.StartAsync();
        var holder = await host.Client.PostAsync("jobs", $"{{{Waiting}, \"uniqueKey\": \"k\"}}", HttpStatusCode.Accepted);
        using var response = await host.Client.PostAsync("jobs/batch?atomic=true", Http.Json(
            $"[{{{Waiting}, \"uniqueKey\": \"k\", \"uniquePolicy\": \"replace\"}}, {{{Waiting}, \"uniqueKey\": \"k\", \"uniquePolicy\": \"reject\"}}]"));
        var answer = await response.Content.ReadAsStringAsync();
        Assert.Contains("unique-conflict", answer, StringComparison.Ordinal);
        Assert.Contains("is that of item 0 of this batch too", answer, StringComparison.Ordinal);      // whose id was taken back
        Assert.Equal(("scheduled", 1), ((await JobAsync(host, holder)).GetProperty("state").GetString(), (await JobAsync(host, holder)).GetProperty("version").GetInt32()));
        using var list = await host.Client.GetAsync("jobs");
        Assert.Equal(1, (await list.BodyAsync()).GetProperty("items").GetArrayLength());
    }

    private static async Task<JsonElement> JobAsync(NodeHost host, JsonElement line)
    {
        using var response = await host.Client.GetAsync($"jobs/{line.GetProperty("id").GetString()}");
        return await response.BodyAsync();
    }
}
