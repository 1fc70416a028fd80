using System.Net;
using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Web;
using ActorPerf.Web.Api;
using Microsoft.AspNetCore.Builder;

namespace ActorPerf.Tests.Web.Api;

public sealed class RouteTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private WebHost Host => shared.Host;

    private HttpClient Client => shared.Host.Client;

    [Theory]
    [InlineData("/api/v1/nothing")]
    [InlineData("/api/v1/schedules/x/y")]
    [InlineData("/api/v1/data/kind/1")]
    [InlineData("/api/v2/jobs")]
    [InlineData("/api/v1/jobs/x/y/z")]
    [InlineData("/openapi/v2.json")]
    public async Task What_is_not_there_is_not_found(string path)
    {
        using var response = await Client.GetAsync(path);
        await response.ProblemAsync(404, "not-found");
    }

    [Theory]
    [InlineData("DELETE", "jobs", "GET", "HEAD", "POST")]
    [InlineData("PUT", "jobs/counts", "DELETE", "GET", "HEAD", "PATCH")]
    [InlineData("FOO", "jobs", "GET", "HEAD", "POST")]
    [InlineData("TRACE", "version", "GET", "HEAD")]
    [InlineData("HEAD", "compute/square", "POST")]
    [InlineData("GET", "compute/square", "POST")]
    [InlineData("PATCH", "queues", "GET", "HEAD")]
    public async Task Another_method_is_told_the_right_ones(string method, string path, params string[] allowed)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add("X-HTTP-Method-Override", "GET");
        using var response = await Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(allowed, response.Content.Headers.Allow.Order());
        if (method != "HEAD") await response.ProblemAsync(405, "method-not-allowed");
    }

    [Fact]
    public async Task Tasks_are_listed_with_their_schema()
    {
        using var list = await Client.GetAsync("tasks");
        var square = (await list.BodyAsync()).GetProperty("items")[1];
        Assert.Equal(
            ["name", "summary", "version", "argsSchema", "queue", "memoize", "timeout", "maxAttempts"], square.EnumerateObject().Select(static member => member.Name));
        Assert.Equal(300, square.GetProperty("memoize").GetProperty("duration").GetDouble());
        Assert.Equal("n", square.GetProperty("argsSchema").GetProperty("required")[0].GetString());
        using var one = await Client.GetAsync("tasks/square");
        Assert.Equal(square.GetRawText(), (await one.BodyAsync()).GetRawText());
        using var none = await Client.GetAsync("tasks/sqare");
        await none.ProblemAsync(404, "unknown-task");
    }

    [Fact]
    public async Task Queues_and_members_are_listed()
    {
        using var queues = await Client.GetAsync("queues");
        var queue = (await queues.BodyAsync()).GetProperty("items")[0];
        Assert.Equal(3, queue.GetProperty("counts").GetProperty("queued").GetInt64());
        Assert.Equal(4.5, queue.GetProperty("oldestWaiting").GetDouble());
        Assert.Equal(2, queue.GetProperty("running").GetInt64());
        using var members = await Client.GetAsync("cluster/members");
        var member = (await members.BodyAsync()).GetProperty("items")[0];
        Assert.Equal(
            ["name", "address", "roles", "status", "unreachable", "version", "incarnation", "upSince", "lastHeartbeat", "cpu", "memory", "running", "queues"],
            member.EnumerateObject().Select(static entry => entry.Name));
        using var self = await Client.GetAsync("cluster/self");
        Assert.Equal(member.GetRawText(), (await self.BodyAsync()).GetRawText());
        using var version = await Client.GetAsync("version");
        Assert.Matches(@"^\d+\.\d+\.\d+", (await version.BodyAsync()).GetProperty("version").GetString());
    }

    [Fact]
    public async Task The_stored_data_is_checked_and_copied()
    {
        var report = await Client.PostAsync("verify", "", HttpStatusCode.OK);
        Assert.False(report.GetProperty("ok").GetBoolean());
        Assert.Equal("one-final-state", report.GetProperty("violations")[0].GetProperty("invariant").GetString());
        var copy = await Client.PostAsync("backup", """{"file": "/var/backups/a.db"}""", HttpStatusCode.OK);
        Assert.Equal(4096, copy.GetProperty("bytes").GetInt64());
        foreach (var body in new[] { """{"file": "a.db"}""", """{"file": "/x/taken"}""", "{}", """{"file": 5}""", """{"file": "/a\u0000b"}""" })
        {
            using var refused = await Client.PostAsync("backup", Http.Json(body));
            await refused.ProblemAsync(400, "invalid-request");
        }
    }

    [Fact]
    public async Task Health_says_up_or_not_and_no_more()
    {
        await using var host = await WebHost.StartAsync();
        Assert.Equal("""{"status":"up"}""", await host.Client.GetStringAsync("/health/ready"));
        host.Cluster.Condition = new NodeCondition(false, Draining: true, "stopping");
        using var ready = await host.Client.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal("""{"status":"down"}""", await ready.Content.ReadAsStringAsync());
        Assert.Equal("""{"status":"up"}""", await host.Client.GetStringAsync("/health/live"));
    }

    [Fact]
    public async Task The_openapi_document_describes_every_route()
    {
        using var response = await Client.GetAsync("/openapi/v1.json");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var document = await response.BodyAsync();
        Assert.StartsWith("3.1", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        var paths = document.GetProperty("paths");
        Assert.True(paths.GetProperty("/api/v1/jobs").TryGetProperty("post", out var submit));
        Assert.Equal("submitJob", submit.GetProperty("operationId").GetString());
        Assert.Equal("#/components/schemas/Submission", submit.GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("schema").GetProperty("$ref").GetString());
        var stream = paths.GetProperty("/api/v1/jobs/{id}/events").GetProperty("get").GetProperty("responses").GetProperty("200").GetProperty("content").GetProperty("text/event-stream");
        var schema = stream.GetProperty("schema").GetProperty("$ref").GetString()!.Split('/')[^1];
        Assert.Equal("string", document.GetProperty("components").GetProperty("schemas").GetProperty(schema).GetProperty("type").GetString());
        Assert.True(paths.TryGetProperty("/health/live", out _));
        Assert.True(paths.EnumerateObject().Count() >= 18);
    }

    [Fact]
    public async Task A_request_id_comes_back_where_it_is_readable()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "nothing");
        request.Headers.Add("X-Request-Id", "abc-123");
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        using var response = await Client.SendAsync(request);
        Assert.Equal("abc-123", (await response.ProblemAsync(404, "not-found")).GetProperty("requestId").GetString());
        Assert.Contains("0af7651916cd43dd8448eb211c80319c", response.Headers.GetValues("traceparent").Single(), StringComparison.Ordinal);

        using var second = new HttpRequestMessage(HttpMethod.Get, "version");
        second.Headers.TryAddWithoutValidation("X-Request-Id", "a b<script>");
        using var safe = await Client.SendAsync(second);
        Assert.DoesNotContain("<", safe.Headers.GetValues("X-Request-Id").Single(), StringComparison.Ordinal);
        Assert.Matches("^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$", safe.Headers.GetValues("traceparent").Single());
    }

    [Fact]
    public async Task Faults_are_told_without_their_details()
    {
        await using var host = await WebHost.StartAsync();
        host.Jobs.Fault = new InvalidOperationException("SELECT secret FROM /var/lib");
        using var bug = await host.Client.GetAsync($"jobs/{Guid.NewGuid()}");
        var problem = await bug.ProblemAsync(500, "internal-error");
        Assert.DoesNotContain("secret", problem.GetRawText(), StringComparison.Ordinal);
        host.Jobs.Fault = new StoreUnavailableException("Data Source=/var/lib/x");
        using var away = await host.Client.PostAsync("jobs", Http.Json("""{"task": "echo"}"""));
        Assert.DoesNotContain("var", (await away.ProblemAsync(503, "storage-unavailable")).GetRawText(), StringComparison.Ordinal);
        Assert.True(away.Headers.Contains("Retry-After"));
        host.Jobs.Fault = new StoreFullException();
        using var full = await host.Client.PostAsync("jobs", Http.Json("""{"task": "echo"}"""));
        await full.ProblemAsync(507, "storage-full");
        host.Jobs.Fault = null;
        host.Jobs.Refuse = new Refusal("queue-full", "Queue 'default' is full.");
        using var refused = await host.Client.PostAsync("jobs", Http.Json("""{"task": "echo"}"""));
        await refused.ProblemAsync(429, "queue-full");
        Assert.Equal("1", refused.Headers.GetValues("Retry-After").Single());
        host.Jobs.Refuse = new Refusal("brand-new", "A code that no table knows.");
        using var unknown = await host.Client.PostAsync("jobs", Http.Json("""{"task": "echo"}"""));
        await unknown.ProblemAsync(400, "brand-new");
    }

    [Fact]
    public async Task A_mount_and_a_path_base_are_part_of_every_address()
    {
        await using var host = await WebHost.StartAsync(new HttpOptions { PathBase = "/proxy" }, map: static app =>
        {
            app.MapGet("/own", static () => "the host's own");
            app.MapActorPerf("/perf");
        });
        using var own = await host.Client.GetAsync("/own");
        Assert.Equal("the host's own", await own.Content.ReadAsStringAsync());
        Assert.False(own.Headers.Contains("X-Request-Id"));
        using var submitted = await host.Client.PostAsync("/proxy/perf/api/v1/jobs", Http.Json("""{"task": "echo"}"""));
        var location = submitted.Headers.Location!.ToString();
        Assert.StartsWith("/proxy/perf/api/v1/jobs/", location, StringComparison.Ordinal);
        using var job = await host.Client.GetAsync(location);
        Assert.Equal(HttpStatusCode.OK, job.StatusCode);
        using var missing = await host.Client.GetAsync("/perf/api/v1/none");
        await missing.ProblemAsync(404, "not-found");
    }

    [Theory]
    [InlineData("GET /api/v1/jobs/%00 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("GET /api/v1/version HTTP/1.1\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("GET /api/v1/version HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("GET http://evil.example/api/v1/version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\nConnection: close\r\n\r\n", 405)]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 405)]
    [InlineData("GET /api/v1/version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer \u00fc\r\n\r\n", 400)]
    [InlineData("G@T /api/v1/version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("GET /api/v1/version HTTP/9.9\r\nHost: localhost\r\n\r\n", 505)]
    [InlineData("POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400)]
    [InlineData("POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400)]
    [InlineData("POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2;\nx\r\n{}\r\n0\r\n\r\n", 400)]
    [InlineData("POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: -1\r\n\r\n", 400)]
    public async Task Malformed_http_is_refused_and_nothing_breaks(string request, int status)
    {
        Assert.StartsWith($"HTTP/1.1 {status} ", await Host.RawAsync(request), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_beyond_the_limits_are_refused()
    {
        var many = string.Concat(Enumerable.Range(0, 101).Select(static n => $"x{n}: 1\r\n"));
        Assert.StartsWith("HTTP/1.1 431", await Host.RawAsync($"GET /api/v1/version HTTP/1.1\r\nHost: localhost\r\n{many}\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 414", await Host.RawAsync($"GET /{new string('x', 9000)} HTTP/1.1\r\nHost: localhost\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_code_of_the_table_has_its_row_in_the_documentation()
    {
        var page = File.ReadAllText(Path.Combine(Root(), "docs", "errors.md"));
        foreach (var (code, kind) in Problems.Table) Assert.Contains($"| `{code}` | {kind.Status} |", page, StringComparison.Ordinal);
        Assert.Equal(Problems.Table.Count, page.Split('\n').Count(static line => line.StartsWith("| `", StringComparison.Ordinal)));
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ActorPerf.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("The folder of ActorPerf.sln is not above the tests.");
    }
}
