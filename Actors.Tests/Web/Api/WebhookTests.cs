using System.Net;
using System.Text;
using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Storage.Memory;
using ActorPerf.Tasks;
using ActorPerf.Web.Wire;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Web.Api;

/// <summary>Webhooks over HTTP, above the real service and the memory store.</summary>
public sealed class WebhookTests : IAsyncLifetime
{
    private readonly MemoryStorage _storage = new(TimeProvider.System, new Random(1));
    private WebHost? _host;

    private HttpClient Client => _host!.Client;

    public async ValueTask InitializeAsync() =>
        _host = await WebHost.StartAsync(services: services => services.AddSingleton<IWebhooks>(new WebhookService(_storage.Webhooks, TimeProvider.System, new TaskCatalog([]), new WebhookAddresses(new WebhookOptions()))));

    public async ValueTask DisposeAsync()
    {
        await _host!.DisposeAsync();
        _storage.Dispose();
    }

    [Fact]
    public async Task A_webhook_is_put_shown_rotated_and_deleted_and_its_secret_is_told_once()
    {
        var added = await PutAsync("ops", """{"url": "https://a.example/hook", "q": "task:report", "events": ["failed", "retrying"]}""", HttpStatusCode.Created);
        var secret = added.GetProperty("secret").GetString()!;
        Assert.True(WebhookSecret.IsValid(secret));
        Assert.Equal(["retrying", "failed"], added.GetProperty("events").EnumerateArray().Select(word => word.GetString()));
        Assert.False((await PutAsync("ops", """{"url": "https://b.example/hook"}""", HttpStatusCode.OK)).TryGetProperty("secret", out _));
        var shown = await Client.GetStringAsync("webhooks/ops") + await Client.GetStringAsync("webhooks");
        Assert.Contains("https://b.example/hook", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("whsec_", shown, StringComparison.Ordinal);
        var rotated = await Client.PostAsync("webhooks/ops/rotate", "", HttpStatusCode.OK);
        Assert.NotEqual(secret, rotated.GetProperty("secret").GetString());
        Assert.Equal(JsonValueKind.String, rotated.GetProperty("oldSecretUntil").ValueKind);
        using var deleted = await Client.DeleteAsync("webhooks/ops");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using var gone = await Client.GetAsync("webhooks/ops");
        await gone.ProblemAsync(404, "not-found");
    }

    [Fact]
    public async Task A_given_secret_takes_the_place_of_the_old_one()
    {
        const string Own = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        await PutAsync("ops", """{"url": "https://a.example/"}""", HttpStatusCode.Created);
        Assert.Equal(Own, (await PutAsync("ops", $$"""{"url": "https://a.example/", "secret": "{{Own}}"}""", HttpStatusCode.OK)).GetProperty("secret").GetString());
        Assert.Equal(Own, Assert.Single((await _storage.Webhooks.ReadAsync(Namespace.Default, "ops", default))!.Secrets).Text);
        Assert.Equal(JsonValueKind.Null, (await PutAsync("callback", $$"""{"secret": "{{Own}}"}""", HttpStatusCode.Created)).GetProperty("url").ValueKind);
    }

    [Theory]
    [InlineData("ops", """{}""", "/url")]
    [InlineData("ops", """{"url": "ftp://x/"}""", "/url")]
    [InlineData("ops", """{"url": "https://u:p@a.example/"}""", "/url")]
    [InlineData("ops", """{"url": "http://a.example/"}""", "/url")]
    [InlineData("ops", """{"url": "https://a.example:25/"}""", "/url")]
    [InlineData("ops", """{"url": "https://10.0.0.7/"}""", "/url")]
    [InlineData("ops", """{"url": "https://localhost/"}""", "/url")]
    [InlineData("ops", """{"url": "https://a.example/", "q": "colour:red"}""", "/q")]
    [InlineData("ops", """{"url": "https://a.example/", "events": ["running"]}""", "/events/0")]
    [InlineData("ops", """{"url": "https://a.example/", "events": []}""", "/events")]
    [InlineData("ops", """{"url": "https://a.example/", "secret": "short"}""", "/secret")]
    [InlineData("ops", """{"url": "https://a.example/", "paused": 1}""", "/paused")]
    [InlineData("ops", """{"url": "https://a.example/", "other": 1}""", "/other")]
    [InlineData("callback", """{"url": "https://a.example/"}""", "/url")]
    public async Task What_cannot_be_used_is_refused_with_its_place(string name, string body, string pointer)
    {
        using var refused = await Client.PutAsync($"webhooks/{name}", Http.Json(body));
        Assert.Equal([pointer], (await refused.ProblemAsync(400, "invalid-request")).Pointers());
    }

    [Fact]
    public async Task A_test_is_a_delivery_that_is_listed_in_pages_and_sent_again()
    {
        await PutAsync("ops", """{"url": "https://a.example/"}""", HttpStatusCode.Created);
        var test = await Client.PostAsync("webhooks/ops/test", "", HttpStatusCode.Accepted);
        await Client.PostAsync("webhooks/ops/test", "", HttpStatusCode.Accepted);
        Assert.Equal(("webhook.test", "pending"), (test.GetProperty("type").GetString(), test.GetProperty("state").GetString()));
        using var first = await Client.GetAsync("webhooks/ops/deliveries?limit=1");
        var next = (await first.BodyAsync()).GetProperty("next").GetString();
        Assert.Contains("rel=\"next\"", first.Headers.GetValues("Link").Single(), StringComparison.Ordinal);
        using var second = await Client.GetAsync($"webhooks/ops/deliveries?limit=1&cursor={next}");
        var older = (await second.BodyAsync()).GetProperty("items")[0];
        Assert.Equal(test.GetProperty("id").GetString(), older.GetProperty("id").GetString());
        var again = await Client.PostAsync($"webhooks/ops/deliveries/{older.GetProperty("id").GetString()}/redeliver", "", HttpStatusCode.Accepted);
        Assert.Equal("pending", again.GetProperty("state").GetString());
        foreach (var path in new[] { "webhooks/none/deliveries", "webhooks/none" })
        {
            using var none = await Client.GetAsync(path);
            await none.ProblemAsync(404, "not-found");
        }
        foreach (var path in new[] { "webhooks/none/test", "webhooks/none/rotate", "webhooks/ops/deliveries/x/redeliver", $"webhooks/ops/deliveries/{Guid.NewGuid()}/redeliver" })
        {
            using var none = await Client.PostAsync(path, Http.Json(""));
            await none.ProblemAsync(404, "not-found");
        }
        using var bad = await Client.GetAsync("webhooks/ops/deliveries?cursor=x");
        await bad.ProblemAsync(400, "invalid-request");
    }

    [Fact]
    public async Task There_are_at_most_a_hundred_and_callback_stays()
    {
        for (var i = 0; i < WebhookRow.MaxOfNamespace; i++) await PutAsync($"w{i}", """{"url": "https://a.example/"}""", HttpStatusCode.Created);
        using var full = await Client.PutAsync("webhooks/more", Http.Json("""{"url": "https://a.example/"}"""));
        await full.ProblemAsync(409, "state-conflict");
        await PutAsync("w7", """{"url": "https://b.example/"}""", HttpStatusCode.OK);
        Assert.StartsWith("whsec_", (await Client.PostAsync("webhooks/callback/rotate", "", HttpStatusCode.OK)).GetProperty("secret").GetString(), StringComparison.Ordinal);
        using var kept = await Client.DeleteAsync("webhooks/callback");
        await kept.ProblemAsync(409, "state-conflict");
        using var test = await Client.PostAsync("webhooks/callback/test", Http.Json(""));
        await test.ProblemAsync(409, "state-conflict");
    }

    [Fact]
    public async Task Deliveries_of_a_job_are_listed()
    {
        var job = await Client.PostAsync("jobs", """{"task": "echo"}""", HttpStatusCode.Accepted);
        using var none = await Client.GetAsync($"jobs/{job.GetProperty("id").GetString()}/deliveries");
        Assert.Equal(0, (await none.BodyAsync()).GetProperty("items").GetArrayLength());
        using var unknown = await Client.GetAsync($"jobs/{Guid.NewGuid()}/deliveries");
        await unknown.ProblemAsync(404, "unknown-job");
        using var bad = await Client.GetAsync("jobs/x/deliveries");
        await bad.ProblemAsync(404, "not-found");
    }

    [Fact]
    public void A_receiver_is_shown_a_job_as_the_API_shows_it()
    {
        var at = new DateTimeOffset(2026, 2, 3, 4, 5, 6, 789, TimeSpan.Zero);
        var whole = new JobRow
        {
            Seq = 1, Id = new JobId(Guid.NewGuid()), Namespace = Namespace.Default, Task = "t", Queue = "q", State = JobState.Failed, RunAt = at, ExpiresAt = at.AddHours(1),
            Timeout = TimeSpan.FromMilliseconds(1500), Backoff = new BackoffPolicy(TimeSpan.FromSeconds(2), 3, TimeSpan.FromMinutes(1)), UniqueKey = "u", UniquePolicy = UniquePolicy.Replace,
            UniqueUntil = UniqueUntil.Started, LimitKey = "eu", Tags = ["a", "ü"], Meta = "{\"m\": 1}"u8.ToArray(), Callback = "https://a.example/", RerunOf = new JobId(Guid.NewGuid()),
            Workflow = "w", Schedule = "s", Attempt = 2, Excused = 1, Crashes = 1, Node = "n", Cached = true, Error = new TaskError("T", "m"), CreatedAt = at,
            StartedAt = at.AddMilliseconds(1.25), FinishedAt = at.AddSeconds(2), Version = 7, Parents = 1, Parent = new JobId(Guid.NewGuid()),
        };
        var plain = new JobRow { Id = whole.Id, Namespace = Namespace.Default, Task = "t", Queue = "q", State = JobState.Succeeded, RunAt = at, CreatedAt = at };
        foreach (var job in new[] { new Job(whole, "{\"n\": 1.50}"u8.ToArray(), null, null) { DependsOn = [new(new JobId(Guid.NewGuid()), DependsOn.Finished)] }, new Job(plain, "[]"u8.ToArray(), "\"r\""u8.ToArray(), null) })
        {
            var delivery = DeliveryRules.Of(job.Row, "w", "https://a.example/", Guid.NewGuid(), at);
            using var sent = JsonDocument.Parse(WebhookBody.Write(delivery, job, "http://node"));
            var buffer = JsonBuffer.Rent();
            buffer.Json.WriteJob(job);
            Assert.Equal(Encoding.UTF8.GetString(buffer.Written), sent.RootElement.GetProperty("data").GetRawText());
            Assert.Equal("2026-02-03T04:05:06.789Z", sent.RootElement.GetProperty("timestamp").GetString());
            buffer.Return();
        }
    }

    private async Task<JsonElement> PutAsync(string name, string body, HttpStatusCode status)
    {
        using var response = await Client.PutAsync($"webhooks/{name}", Http.Json(body));
        Assert.Equal(status, response.StatusCode);
        return await response.BodyAsync();
    }
}
