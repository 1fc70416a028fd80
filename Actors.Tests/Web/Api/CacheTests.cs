using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ActorPerf.Caching;
using ActorPerf.Tasks;
using ActorPerf.Web;
using ActorPerf.Web.Security;

namespace ActorPerf.Tests.Web.Api;

/// <summary>What the API says and takes of the cache beside plain results.</summary>
public sealed class CacheTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private HttpClient Client => shared.Host.Client;

    private FakeCompute Compute => shared.Host.Compute;

    [Fact]
    public async Task How_a_call_wants_its_result_remembered_reaches_the_cache()
    {
        Compute.Answer = Fresh;
        using var request = Request("""{"n": 12}""");
        request.Headers.TryAddWithoutValidation("ActorPerf-Cache", "duration=10m, tags=\"red blue\"");
        request.Headers.TryAddWithoutValidation("Cache-Control", "min-fresh=7, stale-if-error=9, max-stale");
        using var response = await Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var directive = Compute.Last.Directive;
        Assert.Equal((TimeSpan.FromMinutes(10), "red blue"), (directive.Choice!.Duration, string.Join(' ', directive.Choice.Tags!)));
        Assert.Equal((TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(9), TimeSpan.MaxValue), (directive.MinFresh, directive.StaleIfError, directive.MaxStale));
    }

    [Fact]
    public async Task A_header_that_is_not_understood_reaches_nothing()
    {
        Compute.Answer = static _ => throw new InvalidOperationException("Reached.");
        foreach (var prefer in new[] { "wait=5", "respond-async" })
        {
            using var request = Request("{}");
            request.Headers.TryAddWithoutValidation("ActorPerf-Cache", "ttl=5");
            request.Headers.TryAddWithoutValidation("Prefer", prefer);
            using var response = await Client.SendAsync(request);
            await response.ProblemAsync(400, "invalid-request");
        }
    }

    [Fact]
    public async Task A_stale_answer_says_why_it_is_stale()
    {
        Compute.Answer = static _ => new ComputeOutcome.Found(Result(), CacheSource.Stale) { LastError = new TaskError("Late", "no \"rates\" ü") };
        using var response = await Client.PostAsync("compute/square", Http.Json("{}"));
        var body = await response.BodyAsync();
        Assert.Equal(["result", "cached", "stale", "computedAt", "age", "expiresAt", "duration", "lastError"], body.EnumerateObject().Select(static member => member.Name));
        Assert.Equal(("Late", "no \"rates\" ü"), (body.GetProperty("lastError").GetProperty("type").GetString(), body.GetProperty("lastError").GetProperty("message").GetString()));
        Assert.True(body.GetProperty("stale").GetBoolean());
    }

    [Fact]
    public async Task A_failure_that_is_not_tried_again_yet_says_when_it_is()
    {
        Compute.Answer = static _ => new ComputeOutcome.Failed(new TaskError("Late", "no rates")) { RetryAfter = TimeSpan.FromSeconds(3.2) };
        using var response = await Client.PostAsync("compute/square", Http.Json("{}"));
        await response.ProblemAsync(500, "task-failed");
        Assert.Equal("4", response.Headers.GetValues("Retry-After").Single());
    }

    [Fact]
    public async Task A_call_whose_bytes_were_a_hit_is_answered_without_being_read_unless_it_says_more()
    {
        Compute.Answer = Fresh;
        Compute.Known = (ns, task, args) => Encoding.UTF8.GetString(args) == """{"n": 7}""" ? new ComputeOutcome.Found(Result() with { Json = "49"u8.ToArray() }, CacheSource.Hit) : null;
        try
        {
            using var known = await Client.PostAsync("compute/square", Http.Json("""{"n": 7}"""));
            Assert.Equal(49, (await known.BodyAsync()).GetProperty("result").GetInt32());
            Assert.StartsWith("actorperf; hit; ttl=", known.Headers.GetValues("Cache-Status").Single(), StringComparison.Ordinal);
            foreach (var (name, value) in new[] { ("Cache-Control", "no-cache"), ("ActorPerf-Cache", "duration=1m"), ("Prefer", "wait=5") })
            {
                using var request = Request("""{"n": 7}""");
                request.Headers.TryAddWithoutValidation(name, value);
                using var response = await Client.SendAsync(request);
                Assert.Equal(144, (await response.BodyAsync()).GetProperty("result").GetInt32());
            }
        }
        finally
        {
            Compute.Known = null;
        }
    }

    [Fact]
    public async Task Totals_and_entries_tell_all_there_is()
    {
        using var totals = await Client.GetAsync("cache");
        var body = await totals.BodyAsync();
        string[] numbers = ["entries", "bytes", "hits", "misses", "joined", "stale", "evictions", "refreshes", "failures", "tooLarge", "recalled", "hitRatio"];
        Assert.Equal([.. numbers, "maxEntries", "maxBytes", "tasks"], body.EnumerateObject().Select(static member => member.Name));
        Assert.Equal(["task", .. numbers], body.GetProperty("tasks")[0].EnumerateObject().Select(static member => member.Name));
        Compute.Page = static _ => new CacheEntryPage(
            [new CacheEntryView("square", "{}"u8.ToArray(), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 1, 2) { State = "kept", Tags = ["red"], LastError = new TaskError("Late", "no rates") }], null);
        using var entries = await Client.GetAsync("cache/entries");
        Compute.Page = null;
        var entry = (await entries.BodyAsync()).GetProperty("items")[0];
        Assert.Equal(("kept", "red", "Late"), (entry.GetProperty("state").GetString(), entry.GetProperty("tags")[0].GetString(), entry.GetProperty("lastError").GetProperty("type").GetString()));
        using var strange = await Client.GetAsync("cache/entries?cursor=nonsense");
        await strange.ProblemAsync(400, "invalid-request");
    }

    [Fact]
    public async Task Results_are_expired_instead_of_removed_where_the_call_says_so()
    {
        await Client.PostAsync("cache/invalidate", """{"task": "square", "expire": true}""", HttpStatusCode.OK);
        Assert.Equal(("square", true, false), (Compute.Forgotten!.Task, Compute.Forgotten.Expire, Compute.Forgotten.Everywhere));
        foreach (var body in new[] { """{"expire": true}""", """{"task": "square", "expire": 1}""", """{"everywhere": true, "all": true}""", """{"everywhere": "yes"}""" })
        {
            using var response = await Client.PostAsync("cache/invalidate", Http.Json(body));
            await response.ProblemAsync(400, "invalid-request");
        }
    }

    [Fact]
    public async Task Every_tag_that_results_may_have_can_be_forgotten()
    {
        foreach (var tag in new[] { new string('x', 256), " a\tb " })
        {
            await Client.PostAsync("cache/invalidate", JsonSerializer.Serialize(new { tags = new[] { tag } }), HttpStatusCode.OK);
            Assert.Equal([tag], Compute.Forgotten!.Tags);
        }
        foreach (var tag in new[] { "", new string('x', 257) })
        {
            using var response = await Client.PostAsync("cache/invalidate", Http.Json(JsonSerializer.Serialize(new { tags = new[] { tag } })));
            await response.ProblemAsync(400, "invalid-request");
        }
    }

    [Fact]
    public async Task Everywhere_is_for_administrators_of_no_namespace()
    {
        var (free, bound, operates) = (ApiKey.New(), ApiKey.New(), ApiKey.New());
        var options = new HttpOptions();
        options.Auth.Keys["free"] = new KeyOptions { Hash = ApiKey.Hash(free), Scopes = ["operate", "admin"] };
        options.Auth.Keys["bound"] = new KeyOptions { Hash = ApiKey.Hash(bound), Scopes = ["operate", "admin"], Namespaces = ["default"] };
        options.Auth.Keys["operates"] = new KeyOptions { Hash = ApiKey.Hash(operates), Scopes = ["operate"] };
        await using var host = await WebHost.StartAsync(options);
        foreach (var (key, status) in new[] { (bound, HttpStatusCode.Forbidden), (operates, HttpStatusCode.Forbidden), (free, HttpStatusCode.OK) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "cache/invalidate") { Content = Http.Json("""{"everywhere": true}""") };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            using var response = await host.Client.SendAsync(request);
            Assert.Equal(status, response.StatusCode);
            Assert.Equal(status == HttpStatusCode.OK, host.Compute.Forgotten is { Everywhere: true });
        }
    }

    private static ComputeOutcome.Found Fresh(ComputeRequest request) => new ComputeOutcome.Found(Result(), CacheSource.Miss);

    private static ComputedResult Result() => new("144"u8.ToArray(), DateTimeOffset.UtcNow, TimeSpan.FromSeconds(1), DateTimeOffset.UtcNow.AddMinutes(5));

    private static HttpRequestMessage Request(string args) => new(HttpMethod.Post, "compute/square") { Content = Http.Json(args) };
}
