using System.IO.Compression;
using System.Text;
using ActorPerf.Tasks;
using ActorPerf.Tasks.Fetching;

namespace ActorPerf.Tests.Tasks.Fetching;

/// <summary>What bounds a fetch: sizes, numbers, times and how many go on at once.</summary>
public sealed class FetchLimitsTests : IAsyncLifetime
{
    private readonly PlainServer _server = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("HEAD", "200 OK", "")]
    [InlineData("HEAD", "200 OK", "Content-Encoding: gzip\r\n")]
    [InlineData("GET", "304 Not Modified", "")]
    public async Task The_length_of_a_body_that_is_not_sent_breaks_no_bound(string method, string status, string more)
    {
        _server.Answer = _ => $"HTTP/1.1 {status}\r\n{more}X-One: 1\r\nContent-Length: 5000000\r\n\r\n";
        using var fetcher = Fetcher(maxBytes: 4_096);
        for (var i = 0; i < 2; i++)
        {
            var response = await fetcher.FetchAsync(new FetchRequest(_server.Url, method));
            Assert.Equal((int.Parse(status[..3], System.Globalization.CultureInfo.InvariantCulture), 0, "1"), (response.Status, response.Body.Length, response.Headers["x-one"]));
        }
    }

    [Fact]
    public async Task The_answer_to_HEAD_tells_the_length_that_the_server_told()
    {
        _server.Answer = static _ => "HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n";
        using var fetcher = Fetcher(maxBytes: 4_096);
        Assert.Equal("5000000", (await fetcher.FetchAsync(new FetchRequest(_server.Url, "HEAD"))).Headers["content-length"]);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task A_packed_answer_is_counted_as_it_unpacks_and_given_up_at_the_bound(string encoding)
    {
        _server.Script = async (_, stream, ct) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nConnection: close\r\n\r\n"), ct);
            await using Stream packed = encoding switch
            {
                "gzip" => new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true),
                "br" => new BrotliStream(stream, CompressionLevel.Fastest, leaveOpen: true),
                _ => new ZLibStream(stream, CompressionLevel.Fastest, leaveOpen: true),
            };
            // 4 MiB of zeros, some bytes on the wire, and then neither more nor the end: who counts the whole answer waits for it in vain.
            var zeros = new byte[64 * 1024];
            for (var pieces = 0; pieces < 64; pieces++)
            {
                await packed.WriteAsync(zeros, ct);
                await packed.FlushAsync(ct);
            }
            await Task.Delay(Timeout.Infinite, ct);
        };
        using var fetcher = Fetcher(maxBytes: 128 * 1024);
        var refused = await Assert.ThrowsAsync<FetchRefusedException>(() => fetcher.FetchAsync(new FetchRequest(_server.Url)));
        Assert.Contains("max-bytes", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(128 * 1024, true)]
    [InlineData(128 * 1024 + 1, false)]
    public async Task The_bound_is_that_of_the_unpacked_answer_to_the_byte(int length, bool fits)
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true)) await gzip.WriteAsync(new byte[length]);
        _server.Script = async (_, stream, ct) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {packed.Length}\r\n\r\n"), ct);
            await stream.WriteAsync(packed.ToArray(), ct);
        };
        using var fetcher = Fetcher(maxBytes: 128 * 1024);
        if (fits) Assert.Equal(length, (await fetcher.FetchAsync(new FetchRequest(_server.Url))).Body.Length);
        else await Assert.ThrowsAsync<FetchRefusedException>(() => fetcher.FetchAsync(new FetchRequest(_server.Url)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(400)]
    public async Task Headers_of_an_answer_that_are_too_long_are_refused_and_not_tried_again(int count)
    {
        _server.Answer = _ => "HTTP/1.1 200 OK\r\n" + string.Concat(Enumerable.Range(0, count).Select(n => $"X-{n}: {new string('x', 80_000 / count)}\r\n")) + "Content-Length: 0\r\n\r\n";
        using var fetcher = Fetcher();
        var refused = await Assert.ThrowsAsync<FetchRefusedException>(() => fetcher.FetchAsync(new FetchRequest(_server.Url)));
        Assert.Contains("headers", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(50, 1, 1, true)]
    [InlineData(51, 1, 1, false)]
    [InlineData(1, 200, 1, true)]
    [InlineData(1, 201, 1, false)]
    [InlineData(1, 1, 8_192, true)]
    [InlineData(1, 1, 8_193, false)]
    public async Task A_request_has_so_many_headers_and_so_long_ones(int count, int nameLength, int valueLength, bool fits)
    {
        _server.Answer = static request => $"HTTP/1.1 200 OK\r\nContent-Length: {request.Length}\r\n\r\n{request}";
        var headers = Enumerable.Range(0, count).ToDictionary(n => count == 1 ? new string('x', nameLength) : $"x-{n}", _ => new string('v', valueLength));
        using var fetcher = Fetcher();
        if (fits)
        {
            var sent = Encoding.UTF8.GetString((await fetcher.FetchAsync(new FetchRequest(_server.Url, Headers: headers))).Body.Span);
            Assert.All(headers, header => Assert.Contains($"{header.Key}: {header.Value}\r\n", sent, StringComparison.Ordinal));
            return;
        }
        await Assert.ThrowsAsync<FetchRefusedException>(() => fetcher.FetchAsync(new FetchRequest(_server.Url, Headers: headers)));
        Assert.Equal(0, _server.Requests);
    }

    [Fact]
    public async Task So_many_fetches_go_to_one_host_at_once_and_another_host_is_not_held_up()
    {
        const int Most = 2;
        await using var other = new PlainServer();
        var open = new TaskCompletionSource();
        var (under, highest) = (0, 0);
        _server.Script = async (_, stream, ct) =>
        {
            InterlockedMax(ref highest, Interlocked.Increment(ref under));
            await open.Task.WaitAsync(ct);
            Interlocked.Decrement(ref under);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), ct);
        };
        using var fetcher = Fetcher(concurrency: Most, others: [other.Url]);
        var all = Enumerable.Range(0, 5 * Most).Select(n => fetcher.FetchAsync(new FetchRequest($"{_server.Url}{n}"))).ToArray();
        await Eventually.Is(() => Volatile.Read(ref under) == Most, "the host is full");
        Assert.Equal(204, (await fetcher.FetchAsync(new FetchRequest(other.Url))).Status);
        Assert.Equal(Most, _server.Requests);
        open.SetResult();
        await Task.WhenAll(all);
        Assert.Equal((5 * Most, Most), (_server.Requests, highest));
    }

    [Fact]
    public async Task Waiting_for_a_turn_counts_towards_the_time_out()
    {
        _server.Answer = static _ => "";
        using var fetcher = Fetcher(concurrency: 1);
        using var enough = new CancellationTokenSource();
        var first = fetcher.FetchAsync(new FetchRequest(_server.Url), enough.Token);
        await Eventually.Is(() => _server.Requests == 1, "the first is under way");
        await Assert.ThrowsAsync<TimeoutException>(() => fetcher.FetchAsync(new FetchRequest(_server.Url, Timeout: TimeSpan.FromMilliseconds(100))));
        Assert.Equal(1, _server.Requests);
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3_600_000)]
    public async Task No_request_can_wait_longer_than_the_setting(int milliseconds)
    {
        _server.Answer = static _ => "";
        using var fetcher = Fetcher(timeout: TimeSpan.FromMilliseconds(200));
        var late = await Assert.ThrowsAsync<TimeoutException>(() =>
            fetcher.FetchAsync(new FetchRequest(_server.Url, Timeout: TimeSpan.FromMilliseconds(milliseconds))).WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Contains("200ms", late.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-2)]
    public async Task A_time_out_that_is_none_is_refused(int milliseconds)
    {
        using var fetcher = Fetcher();
        await Assert.ThrowsAsync<FetchRefusedException>(() => fetcher.FetchAsync(new FetchRequest(_server.Url, Timeout: TimeSpan.FromMilliseconds(milliseconds))));
    }

    private static void InterlockedMax(ref int place, int value)
    {
        for (var seen = Volatile.Read(ref place); seen < value; seen = Volatile.Read(ref place)) Interlocked.CompareExchange(ref place, value, seen);
    }

    private Fetcher Fetcher(long maxBytes = 1 << 20, int concurrency = 16, TimeSpan? timeout = null, string[]? others = null)
    {
        var options = new FetchOptions { AllowInternal = [_server.Url, .. others ?? []], MaxBytes = maxBytes, Concurrency = concurrency, Timeout = timeout ?? TimeSpan.FromSeconds(60) };
        return new Fetcher(options, new FetchRules(options), TimeProvider.System);
    }
}
