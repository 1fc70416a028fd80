using System.Net;
using System.Text;
using System.Text.Json;

namespace ActorPerf.Tests.Web.Api;

public sealed class QueueTests
{
    [Fact]
    public async Task A_queue_is_changed_and_reset()
    {
        await using var host = await WebHost.StartAsync();
        var set = await SendAsync(host, HttpMethod.Patch, "queues/mail", """{"paused": true, "concurrency": 3, "rate": {"limit": 10, "per": "500ms"}, "keyConcurrency": 2}""");
        Assert.Equal((HttpStatusCode.OK, "api", true, 3, 2), (set.Status, Text(set, "source"), set.Body.GetProperty("paused").GetBoolean(), Number(set, "concurrency"), Number(set, "keyConcurrency")));
        Assert.Equal((10, 0.5), (set.Body.GetProperty("rate").GetProperty("limit").GetInt32(), set.Body.GetProperty("rate").GetProperty("per").GetDouble()));
        var taken = await SendAsync(host, HttpMethod.Patch, "queues/mail", """{"paused": null, "rate": null}""");
        Assert.False(taken.Body.GetProperty("paused").GetBoolean());
        Assert.Equal((JsonValueKind.Null, 3), (taken.Body.GetProperty("rate").ValueKind, Number(taken, "concurrency")));
        var reset = await SendAsync(host, HttpMethod.Delete, "queues/mail/settings");
        Assert.Equal(("config", 0), (Text(reset, "source"), Number(reset, "concurrency")));
        Assert.Equal("mail", Text(await SendAsync(host, HttpMethod.Get, "queues/mail"), "name"));
    }

    [Theory]
    [InlineData("""{"concurrency": -1}""", "/concurrency")]
    [InlineData("""{"concurrency": 1.5}""", "/concurrency")]
    [InlineData("""{"concurrency": "3"}""", "/concurrency")]
    [InlineData("""{"paused": 1}""", "/paused")]
    [InlineData("""{"rate": 10}""", "/rate")]
    [InlineData("""{"rate": {"per": "1s"}}""", "/rate/limit")]
    [InlineData("""{"rate": {"limit": 20}}""", "/rate/per")]
    [InlineData("""{"rate": {"limit": 10, "per": "soon"}}""", "/rate/per")]
    [InlineData("""{"rate": {"limit": 10, "per": "1ms"}}""", "/rate/per")]
    [InlineData("""{"keyRate": {"limit": 10, "every": "1s"}}""", "/keyRate/every")]
    [InlineData("""{"keyConcurrency": 99999999999}""", "/keyConcurrency")]
    [InlineData("""{"pause": true}""", "/pause")]
    public async Task Settings_that_cannot_be_used_are_refused_at_their_place(string body, string pointer)
    {
        await using var host = await WebHost.StartAsync();
        var refused = await SendAsync(host, HttpMethod.Patch, "queues/mail", body);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid-request", pointer),
            (refused.Status, Text(refused, "code"), refused.Body.GetProperty("errors")[0].GetProperty("pointer").GetString()));
    }

    [Fact]
    public async Task A_name_that_no_queue_can_have_is_not_found()
    {
        await using var host = await WebHost.StartAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(host, HttpMethod.Get, "queues/No%20Queue")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(host, HttpMethod.Patch, "queues/UPPER", "{}")).Status);
    }

    [Fact]
    public async Task Limit_keys_come_a_page_at_a_time()
    {
        await using var host = await WebHost.StartAsync();
        var seen = new List<string>();
        for (var path = "limits?limit=100"; path is not null;)
        {
            var page = (await SendAsync(host, HttpMethod.Get, path)).Body;
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("key").GetString()!));
            path = page.GetProperty("next").GetString() is { } next ? $"limits?limit=100&cursor={next}" : null;
        }
        Assert.Equal(Enumerable.Range(0, 250).Select(i => $"k{i:000}"), seen);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(host, HttpMethod.Get, "limits?cursor=%21")).Status);
    }

    private static string? Text((HttpStatusCode Status, JsonElement Body) answer, string name) => answer.Body.GetProperty(name).GetString();

    private static int Number((HttpStatusCode Status, JsonElement Body) answer, string name) => answer.Body.GetProperty(name).GetInt32();

    private static async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(WebHost host, HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await host.Client.SendAsync(request);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.Clone());
    }
}
