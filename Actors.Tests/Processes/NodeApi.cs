using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace ActorPerf.Tests.Processes;

/// <summary>An HTTP client of one node.</summary>
internal sealed class NodeApi : IDisposable
{
    private readonly HttpClient _client;
    private readonly string _root;

    /// <param name="mount">Where its host has mounted it; empty in the ready-made node.</param>
    public NodeApi(Uri node, string mount = "")
    {
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = node, Timeout = Executable.Patience };
        _root = mount + "/api/v1";
    }

    public Task<Reply> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, null, headers);

    public Task<Reply> PostAsync(string path, string json, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, path, new StringContent(json, Encoding.UTF8, "application/json"), headers);

    /// <summary>Sends lines as one batch and reads every answer.</summary>
    public async Task<IReadOnlyList<JsonElement>> BatchAsync(IEnumerable<string> lines, params (string Name, string Value)[] headers)
    {
        var content = new StringContent(string.Join('\n', lines), Encoding.UTF8, "application/x-ndjson");
        using var request = Request(HttpMethod.Post, "/jobs/batch", content, headers);
        using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, text);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse)];
    }

    /// <summary>Submits a job that must be taken; its id.</summary>
    public async Task<string> SubmitAsync(string json, params (string Name, string Value)[] headers)
    {
        var reply = await PostAsync("/jobs", json, headers);
        Assert.True(reply.Status is HttpStatusCode.Accepted or HttpStatusCode.OK, reply.ToString());
        return reply.Text("id");
    }

    /// <summary>Follows a job, change by change, until it is as wanted.</summary>
    public async Task<Reply> ReachesAsync(string id, string state)
    {
        var patience = Stopwatch.StartNew();
        var etag = "\"none\"";
        while (true)
        {
            var reply = await GetAsync($"/jobs/{id}", ("If-None-Match", etag), ("Prefer", "wait=5"));
            if (reply.Status != HttpStatusCode.NotModified)
            {
                Assert.True(reply.Status == HttpStatusCode.OK, reply.ToString());
                if (reply.Text("state") == state) return reply;
                Assert.False(reply.Text("state") is "succeeded" or "failed" or "cancelled" or "expired", $"wanted {state}: {reply}");
                etag = reply.Headers.ETag!.ToString();
            }
            Assert.True(patience.Elapsed < Executable.Patience, $"job {id} never reached {state}: {reply}");
        }
    }

    /// <summary>The states a job went through.</summary>
    public async Task<string[]> StatesAsync(string id) =>
        [.. (await GetAsync($"/jobs/{id}/history")).Body.GetProperty("items").EnumerateArray().Select(row => row.GetProperty("to").GetString()!)];

    /// <summary>How many jobs of a namespace are in each state.</summary>
    public async Task<Dictionary<string, int>> CountsAsync(string ns = "default") =>
        (await GetAsync("/jobs/counts?by=state", Namespace(ns))).Body.GetProperty("items").EnumerateArray()
            .Where(item => item.GetProperty("count").GetInt32() != 0)
            .ToDictionary(item => item.GetProperty("state").GetString()!, item => item.GetProperty("count").GetInt32());

    /// <summary>Every job of a namespace, page by page.</summary>
    public async Task<List<JsonElement>> ListAsync(string ns = "default")
    {
        var jobs = new List<JsonElement>();
        string? cursor = null;
        do
        {
            var page = await GetAsync($"/jobs?limit=500{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}", Namespace(ns));
            Assert.True(page.Status == HttpStatusCode.OK, page.ToString());
            jobs.AddRange(page.Body.GetProperty("items").EnumerateArray());
            cursor = page.Body.GetProperty("next").GetString();
        }
        while (cursor is not null);
        return jobs;
    }

    /// <summary>Has the node check its data, which must be whole.</summary>
    public async Task VerifyAsync()
    {
        var report = await PostAsync("/verify", "{}");
        Assert.True(report.Status == HttpStatusCode.OK && report.Body.GetProperty("ok").GetBoolean(), report.ToString());
    }

    /// <summary>Waits until the node says that it takes work.</summary>
    public async Task ReadyAsync()
    {
        var patience = Stopwatch.StartNew();
        while (true)
        {
            using var response = await _client.GetAsync("/health/ready", TestContext.Current.CancellationToken);
            if (response.IsSuccessStatusCode) return;
            Assert.True(patience.Elapsed < Executable.Patience, "the node never became ready");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public static (string Name, string Value) Namespace(string name) => ("ActorPerf-Namespace", name);

    public void Dispose() => _client.Dispose();

    public async Task<Reply> SendAsync(HttpMethod method, string path, HttpContent? content, params (string, string)[] headers)
    {
        using var request = Request(method, path, content, headers);
        using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new Reply(response.StatusCode, text.Length == 0 ? default : Parse(text), response.Headers);
    }

    private HttpRequestMessage Request(HttpMethod method, string path, HttpContent? content, (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, new Uri(path.StartsWith("/health", StringComparison.Ordinal) ? path : _root + path, UriKind.Relative)) { Content = content };
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    private static JsonElement Parse(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}

/// <summary>What a node answered.</summary>
internal sealed record Reply(HttpStatusCode Status, JsonElement Body, HttpResponseHeaders Headers)
{
    public string Text(string member) => Body.GetProperty(member).GetString() ?? throw new InvalidOperationException($"{member} is null: {this}");

    public int Number(string member) => Body.GetProperty(member).GetInt32();

    /// <summary>One header's value; empty where it is missing.</summary>
    public string Header(string name) => Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : "";

    public override string ToString() => $"{(int)Status} {(Body.ValueKind == JsonValueKind.Undefined ? "" : Body.GetRawText())}";
}
