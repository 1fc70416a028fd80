using System.Net;
using System.Text;
using System.Text.Json;
using ActorPerf.Configuration;
using ActorPerf.Tasks;
using ActorPerf.Tasks.Fetching;
using ActorPerf.Tasks.Shipped;
using ActorPerf.Tracing;

namespace ActorPerf.Tests.Tasks.Fetching;

public sealed class FetcherTests : IAsyncLifetime
{
    private const string Sent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private readonly PlainServer _server = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task What_is_allowed_is_fetched()
    {
        _server.Answer = request => $"HTTP/1.1 201 Created\r\nX-One: 1\r\nX-One: 2\r\nContent-Length: {request.Length}\r\n\r\n{request}";
        using var fetcher = Fetcher(internals: [_server.Url]);
        var response = await fetcher.FetchAsync(new FetchRequest($"{_server.Url}a?b=c", "post", new Dictionary<string, string> { ["X-Me"] = "yes", ["content-type"] = "text/plain" }, "body"));
        var text = Encoding.UTF8.GetString(response.Body.Span);
        Assert.Equal(201, response.Status);
        Assert.Equal("1, 2", response.Headers["x-one"]);
        Assert.StartsWith("POST /a?b=c HTTP/1.1", text, StringComparison.Ordinal);
        Assert.Contains("X-Me: yes", text, StringComparison.Ordinal);
        Assert.Contains("content-type: text/plain", text, StringComparison.OrdinalIgnoreCase);
        Assert.EndsWith("body", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_traced_fetch_is_a_span_and_hands_the_trace_on()
    {
        _server.Answer = static request => $"HTTP/1.1 200 OK\r\nContent-Length: {request.Length}\r\n\r\n{request}";
        using var fetcher = Fetcher(internals: [_server.Url]);
        using var traces = new TraceCollector(new TracingOptions(), TimeProvider.System);
        var meter = traces.Route(CallKind.Request, "GET /page");
        var root = meter.Start(Sent)!;
        var traced = Encoding.UTF8.GetString((await fetcher.FetchAsync(new FetchRequest($"{_server.Url}a?token=secret"))).Body.Span);
        meter.End(root, "default", 200, null);
        // The caller samples and nobody here exports: its own context goes on, unbroken.
        Assert.Contains($"traceparent: {Sent}", traced, StringComparison.OrdinalIgnoreCase);
        var span = traces.Find("default", root.SpanId.ToHexString())!.Spans.Single(static span => span.Kind == CallKind.Fetch);
        Assert.Equal("fetch 127.0.0.1", span.Name);
        Assert.DoesNotContain("secret", string.Concat(span.Tags), StringComparison.Ordinal);

        var untraced = await new FetchTask(fetcher).RunAsync(new FetchRequest(_server.Url), new AttemptContext(null, 1, Namespace.Default, "fetch", TimeProvider.System, traceParent: Sent), default);
        Assert.Contains($"traceparent: {Sent}", untraced.Body, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("traceparent", Encoding.UTF8.GetString((await fetcher.FetchAsync(new FetchRequest(_server.Url))).Body.Span), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("https://api.example.com/v1/x", true)]
    [InlineData("https://API.example.com:443/v1/", true)]
    [InlineData("https://api.example.com/v1", false)]
    [InlineData("https://api.example.com/v1/../v2/x", false)]
    [InlineData("https://api.example.com/v1/%2e%2e/v2", false)]
    [InlineData("https://api.example.com.evil.example/v1/", false)]
    [InlineData("https://api.example.com@evil.example/v1/", false)]
    [InlineData("https://api.example.com:8443/v1/", false)]
    [InlineData("http://api.example.com/v1/", false)]
    [InlineData("ftp://api.example.com/v1/", false)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("/v1/", false)]
    [InlineData("https://other.example/open", true)]
    [InlineData("https://other.example/open/x", true)]
    [InlineData("https://other.example/opening", false)]
    public async Task Only_whole_beginnings_of_the_list_are_allowed(string url, bool allowed)
    {
        using var fetcher = Fetcher(allow: ["https://api.example.com/v1/", "https://other.example/open"], resolve: static (_, _) => Task.FromResult(Array.Empty<IPAddress>()));
        if (allowed) await Assert.ThrowsAsync<HttpRequestException>(() => fetcher.FetchAsync(new FetchRequest(url)));
        else await Assert.ThrowsAsync<FetchRefusedException>(() => fetcher.FetchAsync(new FetchRequest(url)));
    }

    [Fact]
    public async Task With_nothing_allowed_the_setting_is_named()
    {
        using var fetcher = Fetcher();
        var refused = await Assert.ThrowsAsync<FetchRefusedException>(() => fetcher.FetchAsync(new FetchRequest("https://example.com/?secret=1")));
        Assert.Contains("actorperf.fetch.allow", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_is_judged_like_the_first_address()
    {
        _server.Answer = static _ => "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/meta-data\r\nContent-Length: 0\r\n\r\n";
        using (var listed = Fetcher(internals: [_server.Url]))
            Assert.Contains("redirect", (await Assert.ThrowsAsync<FetchRefusedException>(() => listed.FetchAsync(new FetchRequest(_server.Url)))).Message, StringComparison.Ordinal);
        using var allowed = Fetcher(internals: [_server.Url], allow: ["http://169.254.169.254/"]);
        Assert.Contains("internal", (await Assert.ThrowsAsync<FetchRefusedException>(() => allowed.FetchAsync(new FetchRequest(_server.Url)))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("//[")]
    [InlineData("http://me:secret@127.0.0.1/")]
    [InlineData("ftp://127.0.0.1/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("javascript:1")]
    [InlineData("/v1/..%2fadmin")]
    [InlineData("http://api.example.com./")]
    public async Task A_redirect_to_what_is_no_URL_to_send_is_refused(string location)
    {
        _server.Answer = _ => $"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n";
        using var fetcher = Fetcher(internals: [_server.Url], allow: ["http://api.example.com/"]);
        await Assert.ThrowsAsync<FetchRefusedException>(() => fetcher.FetchAsync(new FetchRequest(_server.Url)));
        Assert.Equal(1, _server.Requests);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\nhalf")]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\n\r\nno gzip at all")]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    [InlineData("nonsense\r\nConnection: close\r\n\r\n")]
    public async Task An_answer_that_breaks_off_is_the_fault_of_the_server_and_may_be_tried_again(string answer)
    {
        _server.Answer = _ => answer;
        using var fetcher = Fetcher(internals: [_server.Url]);
        await Assert.ThrowsAsync<HttpRequestException>(() => fetcher.FetchAsync(new FetchRequest(_server.Url)));
    }

    [Fact]
    public async Task Redirects_are_followed_and_counted()
    {
        _server.Answer = static request => request.StartsWith("GET /3", StringComparison.Ordinal)
            ? "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone"
            : $"HTTP/1.1 303 See Other\r\nLocation: /{(request.Contains("/2 ", StringComparison.Ordinal) ? 3 : request.Contains("/1 ", StringComparison.Ordinal) ? 2 : 1)}\r\nContent-Length: 0\r\n\r\n";
        using var fetcher = Fetcher(internals: [_server.Url]);
        var response = await fetcher.FetchAsync(new FetchRequest(_server.Url, "POST", Body: "x"));
        Assert.Equal("done", Encoding.UTF8.GetString(response.Body.Span));
        _server.Answer = static _ => "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n";
        var refused = await Assert.ThrowsAsync<FetchRefusedException>(() => fetcher.FetchAsync(new FetchRequest(_server.Url)));
        Assert.Contains("max-redirects", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_to_another_host_takes_no_secrets_along()
    {
        await using var other = new PlainServer();
        var seen = "";
        other.Answer = request =>
        {
            seen = request;
            return "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        };
        _server.Answer = _ => $"HTTP/1.1 307 Temporary Redirect\r\nLocation: {other.Url}\r\nContent-Length: 0\r\n\r\n";
        using var fetcher = Fetcher(internals: [_server.Url, other.Url]);
        await fetcher.FetchAsync(new FetchRequest(_server.Url, Headers: new Dictionary<string, string> { ["Authorization"] = "Bearer secret", ["X-Api-Key"] = "secret", ["Accept"] = "text/plain" }));
        Assert.DoesNotContain("secret", seen, StringComparison.Ordinal);
        Assert.Contains("Accept: text/plain", seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")]
    public async Task A_huge_answer_is_given_up(string head)
    {
        _server.Answer = _ => head + new string('x', 5_000);
        using var fetcher = Fetcher(internals: [_server.Url], maxBytes: 4_096);
        var refused = await Assert.ThrowsAsync<FetchRefusedException>(() => fetcher.FetchAsync(new FetchRequest(_server.Url)));
        Assert.Contains("max-bytes", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")]
    public async Task A_slow_answer_is_given_up(string soFar)
    {
        _server.Answer = _ => soFar;
        using var fetcher = Fetcher(internals: [_server.Url]);
        var late = await Assert.ThrowsAsync<TimeoutException>(() => fetcher.FetchAsync(new FetchRequest(_server.Url, Timeout: TimeSpan.FromMilliseconds(200))));
        Assert.Contains("200ms", late.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("BREW", null, null)]
    [InlineData("GET", "Host", "evil")]
    [InlineData("GET", "Content-Length", "1")]
    [InlineData("GET", "X\r\nY", "1")]
    [InlineData("GET", "X", "a\r\nY: b")]
    [InlineData("GET", "", "a")]
    public async Task A_request_that_cannot_be_sent_is_refused(string method, string? name, string? value)
    {
        using var fetcher = Fetcher(internals: [_server.Url]);
        var headers = name is null ? null : new Dictionary<string, string> { [name] = value! };
        await Assert.ThrowsAsync<FetchRefusedException>(() => fetcher.FetchAsync(new FetchRequest(_server.Url, method, headers)));
        Assert.Equal(0, _server.Requests);
    }

    [Fact]
    public void Answers_below_a_prefix_are_remembered_as_long_as_the_longest_says()
    {
        var rules = new FetchRules(new FetchOptions
        {
            Memoize = [new() { Prefix = "https://a.example/", Duration = TimeSpan.FromMinutes(1) }, new() { Prefix = "https://a.example/rates/", Duration = TimeSpan.FromHours(1) }],
        });
        Assert.Equal(TimeSpan.FromHours(1), Of("""{"url": "https://a.example/rates/eur"}"""));
        Assert.Equal(TimeSpan.FromMinutes(1), Of("""{"url": "https://a.example/other"}"""));
        Assert.Null(Of("""{"url": "https://b.example/"}"""));
        Assert.Null(Of("""{"url": "https://a.example/", "method": "POST"}"""));
        Assert.Null(Of("""{"url": 1}"""));
        Assert.Null(Of("nonsense"));

        TimeSpan? Of(string args) => FetchTask.Memoized(Encoding.UTF8.GetBytes(args), rules)?.Duration;
    }

    [Theory]
    [InlineData("not a url")]
    [InlineData("https://a.example/?q=1")]
    [InlineData("https://me@a.example/")]
    public void A_prefix_that_is_none_is_a_fault_of_the_configuration(string prefix) =>
        Assert.Throws<ConfigurationFaultException>(() => new FetchRules(new FetchOptions { Allow = [prefix] }));

    [Fact]
    public async Task Bytes_that_are_no_text_come_in_base64()
    {
        var task = new FetchTask(new Given([0xff, 0x00, 0x41]));
        var fetched = await task.RunAsync(new FetchRequest("https://a.example/"), new AttemptContext(null, 1, Namespace.Default, "fetch", TimeProvider.System), default);
        Assert.Equal(("base64", "/wBB"), (fetched.BodyEncoding, fetched.Body));
        fetched = await new FetchTask(new Given(Encoding.UTF8.GetBytes("grüß"))).RunAsync(new FetchRequest("https://a.example/"), new AttemptContext(null, 1, Namespace.Default, "fetch", TimeProvider.System), default);
        Assert.Equal(("text", "grüß"), (fetched.BodyEncoding, fetched.Body));
    }

    private static Fetcher Fetcher(
        string[]? allow = null, string[]? internals = null, long maxBytes = 1 << 20, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        var options = new FetchOptions { Allow = allow ?? [], AllowInternal = internals ?? [], MaxBytes = maxBytes, Timeout = TimeSpan.FromSeconds(20) };
        return new Fetcher(options, new FetchRules(options), TimeProvider.System, resolve is null ? null : new Network { Resolve = resolve });
    }

    private sealed class Given(byte[] body) : IFetch
    {
        public Task<FetchResponse> FetchAsync(FetchRequest request, CancellationToken ct = default) => Task.FromResult(new FetchResponse(200, new Dictionary<string, string>(), body));
    }
}
