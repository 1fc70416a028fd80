using System.Net;
using System.Text.Json;
using ActorPerf.Load;
using ActorPerf.Tests.Load;
using ActorPerf.Tests.Load.Figures;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Web.Api;

public sealed class LoadTests : IAsyncLifetime
{
    private WebHost? _host;

    private WebHost Host => _host ?? throw new InvalidOperationException("Not started.");

    private HttpClient Client => Host.Client;

    private FakeLoadTests Tests => Host.Services.GetRequiredService<FakeLoadTests>();

    public async ValueTask InitializeAsync() => _host = await WebHost.StartAsync();

    public async ValueTask DisposeAsync() => await Host.DisposeAsync();

    [Fact]
    public async Task A_run_is_started_read_changed_and_stopped()
    {
        using var started = await SendAsync("load/runs", """{"scenario": "submit", "model": {"users": 100, "spawnRate": 2.5}, "runTime": "5m", "thresholds": ["http_req_duration:p(95)<200"], "key": "k"}""");
        Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
        var run = await started.BodyAsync();
        var id = run.GetProperty("id").GetString();
        Assert.Equal($"/api/v1/load/runs/{id}", started.Headers.Location?.ToString());
        Assert.Equal(("spawning", 300d), (run.GetProperty("state").GetString(), run.GetProperty("plan").GetProperty("runTime").GetDouble()));
        Assert.Equal(JsonValueKind.Null, run.GetProperty("plan").GetProperty("key").ValueKind);
        var plan = Assert.Single(Tests.Started);
        Assert.Equal(("k", Host.Address), (plan.Key, plan.Host));
        Assert.Equal(100, Assert.IsType<LoadModel.Closed>(plan.Model).Users);

        using var read = await Client.GetAsync($"load/runs/{id}");
        Assert.Equal(id, (await read.BodyAsync()).GetProperty("id").GetString());
        using var edited = await SendAsync($"load/runs/{id}/edit", """{"users": 20, "runTime": "10m"}""");
        Assert.Equal(HttpStatusCode.OK, edited.StatusCode);
        Assert.Equal(new LoadEdit(20, null, null, TimeSpan.FromMinutes(10)), Assert.Single(Tests.Edits));
        using var second = await SendAsync("load/runs", """{"scenario": "submit"}""");
        await second.ProblemAsync(409, "state-conflict");
        using var stopped = await SendAsync($"load/runs/{id}/stop", "{}");
        Assert.Equal("stopped", (await stopped.BodyAsync()).GetProperty("state").GetString());
        using var late = await SendAsync($"load/runs/{id}/edit", """{"users": 20}""");
        await late.ProblemAsync(409, "state-conflict");
    }

    [Fact]
    public async Task Without_a_host_the_node_loads_itself_whatever_its_caller_calls_it()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "load/runs") { Content = new StringContent("""{"scenario": "submit"}""", System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Host = "localhost:1";
        using var started = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
        Assert.Equal(Host.Address, Assert.Single(Tests.Started).Host);
    }

    [Fact]
    public async Task What_ended_is_listed_and_leaves_its_files()
    {
        using var started = await SendAsync("load/runs", """{"scenario": "submit", "model": {"rate": 50, "stages": [{"duration": "30s", "target": 100}]}}""");
        var id = (await started.BodyAsync()).GetProperty("id").GetGuid();
        Tests.End(id);
        await Host.Services.GetRequiredService<ActorPerf.Load.Figures.LoadRuns>().RecordedAsync();
        using var list = await Client.GetAsync("load/runs");
        var line = Assert.Single((await list.BodyAsync()).GetProperty("items").EnumerateArray());
        Assert.Equal(("passed", 4000), (line.GetProperty("verdict").GetString(), line.GetProperty("requests").GetInt32()));
        var kept = Assert.Single(Host.Services.GetRequiredService<FakeLoadReports>().Kept);
        Assert.Equal("POST /api/v1/load/runs", kept.Surroundings.Command);

        using var html = await Client.GetAsync($"load/runs/{id}/report.html");
        Assert.Equal("text/html", html.Content.Headers.ContentType?.MediaType);
        Assert.Contains("default-src 'none'; style-src 'unsafe-inline'", Assert.Single(html.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        using var csv = await Client.GetAsync($"load/runs/{id}/stats.csv");
        Assert.Equal("4000", CsvTable.Read(await csv.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Rows[^1]["Request Count"]);
        foreach (var name in new[] { "report.json", "stats_history.csv", "failures.csv", "exceptions.csv", "latency.hgrm" })
        {
            using var file = await Client.GetAsync($"load/runs/{id}/{name}");
            Assert.Equal(HttpStatusCode.OK, file.StatusCode);
        }
    }

    [Theory]
    [InlineData("""{"scenario": "submit", "model": {"users": "10"}}""", "/model/users")]
    [InlineData("""{"scenario": "submit", "model": {"user": 10}}""", "/model/user")]
    [InlineData("""{"scenario": "submit", "users": 10}""", "/users")]
    [InlineData("""{"scenario": "submit", "runTime": 60}""", "/runTime")]
    [InlineData("""{"scenario": "submit", "runTime": "60"}""", "/runTime")]
    [InlineData("""{"scenario": "submit", "model": {"stages": ["30s:1"]}}""", "/model/stages/0")]
    [InlineData("""{"scenario": "submit", "thresholds": [{"threshold": "checks:rate>0.9", "abort": true}]}""", "/thresholds/0")]
    [InlineData("""{"scenario": "submit", "variables": {"a": 1}}""", "/variables/a")]
    [InlineData("""{"scenario": "submit", "host": "http://example.com"}""", "/host")]
    [InlineData("""{"scenario": "submit", "model": {"rate": 10, "users": 3}}""", "/model/users")]
    [InlineData("""{"scenario": "nothing"}""", "/scenario")]
    [InlineData("{}", "/scenario")]
    public async Task What_a_plan_lacks_is_told_by_its_place(string body, string pointer)
    {
        using var response = await SendAsync("load/runs", body);
        var problem = await response.ProblemAsync(400, "invalid-request");
        Assert.Contains(problem.GetProperty("errors").EnumerateArray(), fault => fault.GetProperty("pointer").GetString() == pointer);
        Assert.Empty(Tests.Started);
    }

    [Fact]
    public async Task A_threshold_may_be_an_object_that_ends_the_run()
    {
        using var started = await SendAsync("load/runs", """{"scenario": "submit", "thresholds": [{"threshold": "http_req_failed:rate<0.1", "abortOnFail": true, "delayAbort": "10s"}]}""");
        Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
        var threshold = Assert.Single(Assert.Single(Tests.Started).Thresholds);
        Assert.Equal((true, TimeSpan.FromSeconds(10)), (threshold.AbortOnFail, threshold.DelayAbort));
    }

    [Theory]
    [InlineData("load/runs/nothing")]
    [InlineData("load/runs/0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a99")]
    [InlineData("load/runs/0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a99/stats.csv")]
    [InlineData("load/runs/0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a99/report.html")]
    public async Task A_run_that_is_not_known_is_not_found(string path)
    {
        using var response = await Client.GetAsync(path);
        await response.ProblemAsync(404, "not-found");
    }

    [Fact]
    public async Task Scenarios_are_listed_with_their_tasks()
    {
        using var response = await Client.GetAsync("load/scenarios");
        var submit = (await response.BodyAsync()).GetProperty("items")[0];
        Assert.Equal(("submit", "shipped"), (submit.GetProperty("name").GetString(), submit.GetProperty("source").GetString()));
        Assert.Equal(3, submit.GetProperty("users")[0].GetProperty("tasks")[0].GetProperty("weight").GetInt32());
    }

    private Task<HttpResponseMessage> SendAsync(string path, string body) => Client.PostAsync(new Uri(path, UriKind.Relative), new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
}
