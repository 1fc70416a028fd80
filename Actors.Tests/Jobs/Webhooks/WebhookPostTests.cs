using System.Net;
using ActorPerf.Configuration;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Tests.Tasks.Fetching;

namespace ActorPerf.Tests.Jobs.Webhooks;

public sealed class WebhookPostTests : IAsyncLifetime
{
    private readonly PlainServer _server = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task An_allowed_receiver_gets_body_and_headers_and_its_answer_is_cut()
    {
        _server.Answer = request => $"HTTP/1.1 503 No\r\nRetry-After: 7\r\nContent-Length: {request.Length + 3000}\r\n\r\n\u0001{request}{new string('x', 2999)}";
        using var post = Post([_server.Url]);
        var answer = await post.PostAsync(Request(_server.Url + "hook") with { TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" }, default);
        Assert.Equal((503, TimeSpan.FromSeconds(7), false), (answer.Status, answer.RetryAfter, answer.IsRefused));
        Assert.Equal(1024, answer.Text!.Length);
        Assert.StartsWith(" POST /hook HTTP/1.1", answer.Text, StringComparison.Ordinal);
        foreach (var line in new[] { "webhook-id: id", "webhook-timestamp: 17", "webhook-signature: v1,x v1,y", "Content-Type: application/json", "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" })
            Assert.Contains(line, answer.Text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_redirect_is_an_answer_and_is_not_followed()
    {
        _server.Answer = _ => $"HTTP/1.1 302 Found\r\nLocation: {_server.Url}other\r\nContent-Length: 0\r\n\r\n";
        using var post = Post([_server.Url]);
        Assert.Equal(302, (await post.PostAsync(Request(_server.Url), default)).Status);
        Assert.Equal(1, _server.Requests);
    }

    [Fact]
    public async Task Loopback_is_refused_unless_it_is_allowed()
    {
        using var closed = Post([]);
        Assert.True((await closed.PostAsync(Request(_server.Url), default)).IsRefused);
        using var byPath = Post([_server.Url + "hooks/"]);
        Assert.True((await byPath.PostAsync(Request(_server.Url + "other"), default)).IsRefused);
        Assert.Equal(0, _server.Requests);
    }

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("127.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("fd00::1")]
    public async Task A_public_name_with_an_internal_address_is_refused(string address)
    {
        using var post = Post([], (_, _) => Task.FromResult(new[] { IPAddress.Parse(address) }));
        var answer = await post.PostAsync(Request("https://hooks.example/"), default);
        Assert.True(answer.IsRefused);
        Assert.Contains("actorperf.webhooks.allow", answer.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://hooks.example/")]
    [InlineData("https://hooks.example:25/")]
    [InlineData("https://127.0.0.1/")]
    [InlineData("https://2130706433/")]
    [InlineData("https://[::1]/")]
    [InlineData("ftp://hooks.example/")]
    public async Task Only_https_to_open_ports_of_public_addresses_is_open(string url)
    {
        using var post = Post([], (_, _) => Task.FromResult(new[] { IPAddress.Loopback }));
        Assert.True((await post.PostAsync(Request(url), default)).IsRefused);
    }

    [Fact]
    public async Task A_name_without_an_address_is_tried_again()
    {
        using var post = Post([], (_, _) => Task.FromResult(Array.Empty<IPAddress>()));
        var answer = await post.PostAsync(Request("https://hooks.example/"), default);
        Assert.False(answer.IsRefused);
        Assert.NotNull(answer.Error);
    }

    [Fact]
    public void A_prefix_that_is_none_is_a_fault_of_the_configuration() =>
        Assert.Throws<ConfigurationFaultException>(() => new WebhookAddresses(new WebhookOptions { Allow = ["nonsense"] }));

    private static WebhookRequest Request(string url) => new(url, "id", 17, "v1,x v1,y", "{}"u8.ToArray());

    private static WebhookPost Post(string[] allow, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        var options = new WebhookOptions { Allow = allow, Timeout = TimeSpan.FromSeconds(20) };
        return new WebhookPost(options, new WebhookAddresses(options), TimeProvider.System, resolve);
    }
}
