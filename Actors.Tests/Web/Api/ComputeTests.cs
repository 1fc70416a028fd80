using System.Net;
using ActorPerf.Caching;
using ActorPerf.Tasks;
using ActorPerf.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Web.Api;

public sealed class ComputeTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private HttpClient Client => shared.Host.Client;

    private FakeCompute Compute => shared.Host.Compute;

    [Theory]
    [InlineData(CacheSource.Hit, 287.9, true, false, "actorperf; hit; ttl=287")]
    [InlineData(CacheSource.Stale, -2.5, true, true, "actorperf; hit; ttl=-3; detail=stale")]
    [InlineData(CacheSource.Miss, 300.5, false, false, "actorperf; fwd=miss; stored")]
    [InlineData(CacheSource.Miss, null, false, false, "actorperf; fwd=miss")]
    [InlineData(CacheSource.Collapsed, 300.5, false, false, "actorperf; fwd=miss; collapsed")]
    [InlineData(CacheSource.Bypass, null, false, false, "actorperf; fwd=bypass")]
    public async Task A_result_says_where_it_came_from(CacheSource source, double? ttl, bool cached, bool stale, string status)
    {
        var time = new ManualTime();                         // stands still: ages and lives are in whole seconds
        await using var host = await WebHost.StartAsync(services: services => services.AddSingleton<TimeProvider>(time));
        host.Compute.Answer = _ =>
        {
            var now = time.GetUtcNow();
            return new ComputeOutcome.Found(
                new ComputedResult("144 "u8.ToArray(), now.AddSeconds(-12.4), TimeSpan.FromSeconds(5.003), ttl is { } left ? now.AddSeconds(left) : null), source);
        };
        using var response = await host.Client.PostAsync("compute/square", Http.Json("""{"n": 12}"""));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(status, response.Headers.GetValues("Cache-Status").Single());
        Assert.Equal(12, response.Headers.Age?.TotalSeconds);
        var body = await response.BodyAsync();
        Assert.Equal(["result", "cached", "stale", "computedAt", "age", "expiresAt", "duration"], body.EnumerateObject().Select(static member => member.Name));
        Assert.Equal(144, body.GetProperty("result").GetInt32());
        Assert.Equal(cached, body.GetProperty("cached").GetBoolean());
        Assert.Equal(stale, body.GetProperty("stale").GetBoolean());
        Assert.Equal(5.003, body.GetProperty("duration").GetDouble());
        Assert.Equal(12.4, body.GetProperty("age").GetDouble());
        Assert.Equal("""{"n": 12}"""u8, host.Compute.Last.Args.Span);
        Assert.Equal(TimeSpan.FromSeconds(30), host.Compute.Last.Patience);
    }

    [Fact]
    public async Task Cache_control_and_patience_reach_the_cache()
    {
        Compute.Answer = static _ => new ComputeOutcome.Refused(new Refusal("not-cached", "The result is not remembered."));
        using var request = new HttpRequestMessage(HttpMethod.Post, "compute/square") { Content = Http.Json("1") };
        request.Headers.TryAddWithoutValidation("Cache-Control", "no-cache, max-age=60, only-if-cached");
        request.Headers.TryAddWithoutValidation("Cache-Control", "NO-STORE, max-stale=5");
        request.Headers.Add("Prefer", "wait=7");
        using var response = await Client.SendAsync(request);
        await response.ProblemAsync(504, "not-cached");
        Assert.Equal(new CacheDirective(NoCache: true, NoStore: true, OnlyIfCached: true, MaxAge: TimeSpan.FromMinutes(1)) { MaxStale = TimeSpan.FromSeconds(5) }, Compute.Last.Directive);
        Assert.Equal(TimeSpan.FromSeconds(7), Compute.Last.Patience);
    }

    [Fact]
    public async Task A_task_that_throws_is_told_with_its_error()
    {
        Compute.Answer = static _ => new ComputeOutcome.Failed(new TaskError("InvalidOperationException", "no <b>luck</b>"));
        using var response = await Client.PostAsync("compute/fail", Http.Json("{}"));
        var problem = await response.ProblemAsync(500, "task-failed");
        Assert.Equal("InvalidOperationException", problem.GetProperty("error").GetProperty("type").GetString());
        Assert.Equal("no <b>luck</b>", problem.GetProperty("error").GetProperty("message").GetString());
    }

    [Fact]
    public async Task Busy_says_when_to_ask_again()
    {
        Compute.Answer = static _ => new ComputeOutcome.Refused(new Refusal("busy", "All routees work.") { RetryAfter = TimeSpan.FromSeconds(2.1) });
        using var response = await Client.PostAsync("compute/square", Http.Json("{}"));
        await response.ProblemAsync(503, "busy");
        Assert.Equal("3", response.Headers.GetValues("Retry-After").Single());
    }

    [Fact]
    public async Task Respond_async_makes_a_job_of_it()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "compute/square") { Content = Http.Json("""{"n": 5}""") };
        request.Headers.Add("Prefer", "respond-async");
        using var response = await Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var job = await response.BodyAsync();
        Assert.Equal("square", job.GetProperty("task").GetString());
        Assert.Equal($"/api/v1/jobs/{job.GetProperty("id").GetString()}", response.Headers.Location?.ToString());
    }

    [Theory]
    [InlineData("", "invalid-json")]
    [InlineData("{", "invalid-json")]
    [InlineData("{} {}", "invalid-json")]
    [InlineData("""{"n": 1, "n": 2}""", "invalid-request")]
    public async Task Bad_arguments_never_reach_the_cache(string body, string code)
    {
        Compute.Answer = static _ => throw new InvalidOperationException("Reached.");
        using var response = await Client.PostAsync("compute/square", Http.Json(body));
        await response.ProblemAsync(400, code);
    }

    [Fact]
    public async Task Arguments_beyond_the_limit_are_too_large()
    {
        using var response = await Client.PostAsync("compute/square", Http.Json($"\"{new string('x', 256 * 1024)}\""));
        await response.ProblemAsync(413, "payload-too-large");
    }

    [Fact]
    public async Task The_cache_tells_totals_and_entries()
    {
        using var totals = await Client.GetAsync("cache");
        var body = await totals.BodyAsync();
        Assert.Equal(0.7, body.GetProperty("hitRatio").GetDouble());
        Assert.Equal("square", body.GetProperty("tasks")[0].GetProperty("task").GetString());
        using var entries = await Client.GetAsync("cache/entries?task=square&limit=1");
        var page = await entries.BodyAsync();
        Assert.Equal(12, page.GetProperty("items")[0].GetProperty("args").GetProperty("n").GetInt32());
        Assert.Equal("</api/v1/cache/entries?task=square&limit=1&cursor=1a>; rel=\"next\"", entries.Headers.GetValues("Link").Single());
        using var bad = await Client.GetAsync("cache/entries?limit=0");
        await bad.ProblemAsync(400, "invalid-request");
    }

    [Fact]
    public async Task Entries_are_forgotten_by_task_arguments_tags_or_all()
    {
        var answer = await Client.PostAsync("cache/invalidate", """{"task": "square", "args": { "n": 12 }}""", HttpStatusCode.OK);
        Assert.Equal(7, answer.GetProperty("invalidated").GetInt64());
        Assert.Equal("""{ "n": 12 }"""u8, Compute.Forgotten!.Args!.Value.Span);
        await Client.PostAsync("cache/invalidate", """{"tags": ["a", "b"]}""", HttpStatusCode.OK);
        Assert.Equal(["a", "b"], Compute.Forgotten.Tags!);
        await Client.PostAsync("cache/invalidate", """{"all": true}""", HttpStatusCode.OK);
        Assert.True(Compute.Forgotten.All);
        using var unknown = await Client.PostAsync("cache/invalidate", Http.Json("""{"task": "nosuch"}"""));
        await unknown.ProblemAsync(404, "unknown-task");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"all": false}""")]
    [InlineData("""{"all": "yes"}""")]
    [InlineData("""{"all": true, "task": "square"}""")]
    [InlineData("""{"args": {}}""")]
    [InlineData("""{"tags": []}""")]
    [InlineData("""{"tags": [5]}""")]
    [InlineData("""{"tags": ["\udfff"]}""")]
    [InlineData("""{"task": "\udfff"}""")]
    [InlineData("""{"task": "square", "key": 1}""")]
    public async Task A_bad_invalidation_forgets_nothing(string body)
    {
        using var response = await Client.PostAsync("cache/invalidate", Http.Json(body));
        await response.ProblemAsync(400, "invalid-request");
    }
}
