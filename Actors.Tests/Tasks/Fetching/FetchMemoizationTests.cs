using System.Net.Http.Json;
using System.Text.Json;
using ActorPerf.Tasks.Fetching;
using ActorPerf.Tasks.Shipped;
using ActorPerf.Tests.Web.Api;

namespace ActorPerf.Tests.Tasks.Fetching;

/// <summary>Memoisation of the task <c>fetch</c> in a whole node, before a server that counts.</summary>
public sealed class FetchMemoizationTests : IAsyncLifetime
{
    private readonly PlainServer _server = new();
    private NodeHost? _node;

    private NodeHost Node => _node ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync() => _node = await NodeHost.StartAsync(null,
        new("actorperf:fetch:allow-internal:0", _server.Url), new("actorperf:fetch:memoize:0:prefix", _server.Url + "rates/"), new("actorperf:fetch:memoize:0:duration", "1h"));

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Below_a_prefix_that_is_named_an_answer_is_fetched_once_and_elsewhere_each_time()
    {
        _server.Answer = static _ => Whole("200 OK", "good");
        Assert.Equal((200, "good", false), await FetchAsync("rates/eur"));
        Assert.Equal((200, "good", true), await FetchAsync("rates/eur"));
        Assert.Equal(1, _server.Requests);
        await FetchAsync("rates/usd");
        Assert.Equal(2, _server.Requests);
        Assert.False((await FetchAsync("other")).Cached);
        Assert.False((await FetchAsync("other")).Cached);
        Assert.Equal(4, _server.Requests);
    }

    [Theory]
    [InlineData("503 Service Unavailable")]
    [InlineData("429 Too Many Requests")]
    [InlineData("500 Internal Server Error")]
    [InlineData("404 Not Found")]
    [InlineData("401 Unauthorized")]
    [InlineData("202 Accepted")]
    public async Task An_answer_that_says_try_again_is_handed_on_and_not_remembered(string status)
    {
        _server.Answer = _ => Whole(status, "bad");
        Assert.Equal((int.Parse(status[..3], System.Globalization.CultureInfo.InvariantCulture), "bad", false), await FetchAsync("rates/eur"));
        _server.Answer = static _ => Whole("200 OK", "good");
        Assert.Equal((200, "good", false), await FetchAsync("rates/eur"));
        Assert.Equal((200, "good", true), await FetchAsync("rates/eur"));
        Assert.Equal(2, _server.Requests);
    }

    [Theory]
    [InlineData("Cache-Control: no-store")]
    [InlineData("Cache-Control: max-age=60, PRIVATE")]
    [InlineData("cache-control: max-age=60\r\nCache-Control: private=\"set-cookie, x\", must-revalidate")]
    public async Task An_answer_that_asks_not_to_be_kept_is_not_remembered(string header)
    {
        _server.Answer = _ => Whole("200 OK", "mine", header);
        Assert.Equal((200, "mine", false), await FetchAsync("rates/eur"));
        Assert.Equal((200, "mine", false), await FetchAsync("rates/eur"));
        Assert.Equal(2, _server.Requests);
    }

    [Theory]
    [InlineData(200, null, true)]
    [InlineData(203, "max-age=5", true)]
    [InlineData(204, "public, x-private", true)]
    [InlineData(206, "x=\"no-store, private\"", true)]
    [InlineData(201, null, false)]
    [InlineData(205, null, false)]
    [InlineData(304, null, false)]
    [InlineData(308, null, false)]
    [InlineData(410, null, false)]
    [InlineData(200, "No-Store", false)]
    [InlineData(200, "private = \"x\"", false)]
    [InlineData(200, ",,, private", false)]
    [InlineData(200, "x=\"never closed, no-store", false)]
    public void What_may_be_remembered_is_told_by_status_and_header(int status, string? cacheControl, bool kept) =>
        Assert.Equal(kept, FetchRules.MayBeKept(new(status, cacheControl is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["cache-control"] = cacheControl }, default)));

    private static string Whole(string status, string body, string header = "X-None: 1") => $"HTTP/1.1 {status}\r\n{header}\r\nContent-Length: {body.Length}\r\n\r\n{body}";

    private async Task<(int Status, string Body, bool Cached)> FetchAsync(string path)
    {
        using var response = await Node.Client.PostAsJsonAsync($"compute/{FetchTask.Name}", new { url = _server.Url + path });
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(response.IsSuccessStatusCode, answer.ToString());
        var fetched = answer.GetProperty("result");
        return (fetched.GetProperty("status").GetInt32(), fetched.GetProperty("body").GetString()!, answer.GetProperty("cached").GetBoolean());
    }
}
