using ActorPerf.Cluster;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Web.Api;

public sealed class BatchTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private WebHost Host => shared.Host;

    private HttpClient Client => shared.Host.Client;

    [Fact]
    public async Task Every_line_is_answered_in_order_and_the_broken_one_alone_is_refused()
    {
        var ids = Enumerable.Range(0, 1000).Select(static _ => Guid.CreateVersion7()).ToArray();
        var body = new StringBuilder();
        for (var i = 0; i < ids.Length; i++)
            body.Append(i == 499 ? """{"task": "echo", "args": {"n": """ : $$"""{"task": "echo", "id": "{{ids[i]}}"}""").Append(i % 2 == 0 ? "\n" : "\r\n\n");
        var lines = await PostAsync(body.ToString());
        Assert.Equal(1001, lines.Count);
        for (var i = 0; i < ids.Length; i++)
        {
            Assert.Equal(i, lines[i].GetProperty("index").GetInt32());
            Assert.Equal(i == 499 ? 400 : 202, lines[i].GetProperty("status").GetInt32());
            if (i == 499) Assert.Equal("invalid-json", lines[i].GetProperty("problem").GetProperty("code").GetString());
            else Assert.Equal(ids[i].ToString(), lines[i].GetProperty("id").GetString());
        }
        Assert.Equal("""{"accepted":999,"rejected":1,"deduplicated":0,"complete":true}""", lines[^1].GetRawText());

        var again = await PostAsync(body.ToString());
        Assert.Equal("""{"accepted":0,"rejected":1,"deduplicated":999,"complete":true}""", again[^1].GetRawText());
        Assert.Equal(200, again[0].GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task Lines_are_stored_in_groups()
    {
        var before = Host.Jobs.Groups;
        await PostAsync(string.Concat(Enumerable.Repeat("{\"task\":\"echo\"}\n", 20_000)));
        Assert.InRange(Host.Jobs.Groups - before, 20, 2000);
    }

    [Fact]
    public async Task A_client_may_send_everything_before_it_reads()
    {
        const int count = 60_000;                            // the answers are 4 MB, more than all buffers on the way hold
        var line = "{\"task\":\"echo\"}\n"u8.ToArray();
        using var client = new TcpClient { ReceiveBufferSize = 8 * 1024 };
        await client.ConnectAsync(IPAddress.Loopback, Host.Address.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /api/v1/jobs/batch HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/x-ndjson\r\nContent-Length: {count * line.Length}\r\n\r\n"));
        var block = Enumerable.Repeat(line, 1000).SelectMany(static bytes => bytes).ToArray();
        for (var i = 0; i < count / 1000; i++) await stream.WriteAsync(block);

        using var reader = new StreamReader(stream, Encoding.UTF8);
        var lines = Http.Dechunk(await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(count + 1, lines.Length);
        Assert.StartsWith($"{{\"index\":{count - 1},", lines[^2], StringComparison.Ordinal);
        Assert.Equal($$"""{"accepted":{{count}},"rejected":0,"deduplicated":0,"complete":true}""", lines[^1]);
    }

    [Fact]
    public async Task Each_line_is_answered_while_the_next_is_not_yet_sent()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Host.Address.Port);
        var stream = client.GetStream();
        await stream.WriteAsync("POST /api/v1/jobs/batch HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray());
        using var reader = new StreamReader(stream, Encoding.UTF8);
        for (var i = 0; i < 3; i++)
        {
            await stream.WriteAsync("10\r\n{\"task\":\"echo\"}\n\r\n"u8.ToArray());
            Assert.Contains($"\"index\":{i},", await LineAsync(reader), StringComparison.Ordinal);
        }
        await stream.WriteAsync("0\r\n\r\n"u8.ToArray());
        Assert.Contains("\"complete\":true", await LineAsync(reader), StringComparison.Ordinal);

        static async Task<string> LineAsync(StreamReader reader)
        {
            string? line;
            do line = await reader.ReadLineAsync() ?? throw new EndOfStreamException();
            while (!line.StartsWith('{'));
            return line;
        }
    }

    [Fact]
    public async Task A_line_beyond_the_limit_is_refused_and_the_rest_goes_on()
    {
        var huge = $$"""{"task": "echo", "args": "{{new string('x', 3_000_000)}}"}""";
        var lines = await PostAsync($"{{\"task\":\"echo\"}}\n{huge}\n{{\"task\":\"nosuch\"}}\n{{\"task\":\"square\",\"args\":{{}}}}\n{{\"task\":\"echo\"}}");
        Assert.Equal([202, 413, 404, 400, 202], lines.SkipLast(1).Select(static line => line.GetProperty("status").GetInt32()));
        Assert.Equal("/args/n", lines[3].GetProperty("problem").GetProperty("errors")[0].GetProperty("pointer").GetString());
    }

    [Fact]
    public async Task An_empty_stream_is_complete()
    {
        Assert.Equal("""{"accepted":0,"rejected":0,"deduplicated":0,"complete":true}""", (await PostAsync("")).Single().GetRawText());
    }

    [Fact]
    public async Task A_store_that_is_away_is_told_line_by_line()
    {
        await using var host = await WebHost.StartAsync();
        host.Jobs.Fault = new StoreFullException();
        var lines = await PostAsync("{\"task\":\"echo\"}\nx\n", host.Client);
        Assert.Equal([507, 400], lines.SkipLast(1).Select(static line => line.GetProperty("status").GetInt32()));
        Assert.True(lines[^1].GetProperty("complete").GetBoolean());
    }

    [Fact]
    public async Task An_array_is_taken_with_its_faults_told_per_item()
    {
        var lines = await PostAsync("""[{"task": "echo"}, {"task": "echo", "priority": 10}, 5, {"task": "echo"}]""", type: "application/json");
        Assert.Equal([202, 400, 400, 202], lines.SkipLast(1).Select(static line => line.GetProperty("status").GetInt32()));
    }

    [Theory]
    [InlineData("application/json", """[{"task": "echo", "id": "ID"}, {"task": "nosuch"}]""", 409, 404)]
    [InlineData("application/x-ndjson", "{\"task\": \"echo\", \"id\": \"ID\"}\n{\"task\": 5}", 409, 400)]
    public async Task Atomic_means_all_or_none(string type, string body, params int[] statuses)
    {
        var id = Guid.CreateVersion7();
        var lines = await PostAsync(body.Replace("ID", id.ToString(), StringComparison.Ordinal), type: type, query: "?atomic=true");
        Assert.Equal(statuses, lines.SkipLast(1).Select(static line => line.GetProperty("status").GetInt32()));
        Assert.Equal("batch-refused", lines[0].GetProperty("problem").GetProperty("code").GetString());
        Assert.Equal("""{"accepted":0,"rejected":2,"deduplicated":0,"complete":true}""", lines[^1].GetRawText());
        Assert.Null(await Host.Jobs.GetAsync(Namespace.Default, new JobId(id), CancellationToken.None));
    }

    [Theory]
    [InlineData("[]", 400, "invalid-request")]
    [InlineData("{}", 400, "invalid-json")]
    [InlineData("[{\"task\": \"echo\"}", 400, "invalid-json")]
    [InlineData("[{\"task\": \"echo\"}] x", 400, "invalid-json")]
    public async Task A_broken_array_is_refused_whole(string body, int status, string code)
    {
        using var response = await Client.PostAsync("jobs/batch", Http.Json(body));
        await response.ProblemAsync(status, code);
    }

    [Fact]
    public async Task An_array_holds_ten_thousand_items_and_no_more()
    {
        var item = "{\"task\":\"echo\"}";
        var lines = await PostAsync($"[{string.Join(',', Enumerable.Repeat(item, 10_000))}]", type: "application/json");
        Assert.Equal(10_001, lines.Count);
        using var response = await Client.PostAsync("jobs/batch", Http.Json($"[{string.Join(',', Enumerable.Repeat(item, 10_001))}]"));
        await response.ProblemAsync(413, "payload-too-large");
    }

    [Fact]
    public async Task A_batch_takes_no_idempotency_key_and_no_unknown_parameter()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "jobs/batch") { Content = Http.Lines("{\"task\":\"echo\"}") };
        request.Headers.Add("Idempotency-Key", "k");
        using var keyed = await Client.SendAsync(request);
        await keyed.ProblemAsync(400, "invalid-request");
        using var typo = await Client.PostAsync("jobs/batch?atomc=true", Http.Lines("{\"task\":\"echo\"}"));
        await typo.ProblemAsync(400, "invalid-request");
    }

    [Fact]
    public async Task A_stream_over_its_limit_ends_without_its_summary()
    {
        var options = new ActorPerf.Web.HttpOptions();
        options.Limits.StreamBody = 64 * 1024;
        await using var host = await WebHost.StartAsync(options, map: null);
        using var content = new StreamContent(new MemoryStream(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"task\":\"echo\"}\n", 10_000)))));
        content.Headers.ContentType = new("application/x-ndjson");
        using var request = new HttpRequestMessage(HttpMethod.Post, "jobs/batch") { Content = content };
        request.Headers.TransferEncodingChunked = true;
        using var response = await host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var lines = (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains("\"complete\":false", lines[^1], StringComparison.Ordinal);
        Assert.Contains("payload-too-large", lines[^1], StringComparison.Ordinal);
    }

    private Task<List<JsonElement>> PostAsync(string body, string type = "application/x-ndjson", string query = "") => PostAsync(body, Client, type, query);

    private static async Task<List<JsonElement>> PostAsync(string body, HttpClient client, string type = "application/x-ndjson", string query = "")
    {
        using var response = await client.PostAsync($"jobs/batch{query}", Http.Typed(body, type));
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, text);
        Assert.Equal("application/x-ndjson", response.Content.Headers.ContentType?.MediaType);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line =>
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement.Clone();
        })];
    }
}
