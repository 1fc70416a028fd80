using System.Net;
using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Storage.Memory;
using ActorPerf.Tasks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Web.Api;

public sealed class ScheduleTests : IAsyncLifetime
{
    private const string Nightly = """{"cron": "30 2 * * MON", "timeZone": "Europe/Berlin", "task": "square", "args": {"n": 9007199254740993}, "jitter": "90s", "misfire": "all", "misfireLimit": 7}""";

    private readonly ActorSystem _system = ActorSystem.Create("schedules");
    private WebHost? _host;

    private HttpClient Client => _host!.Client;

    public async ValueTask InitializeAsync() => _host = await WebHost.StartAsync(services: services => services.AddSingleton<ISchedules>(provider =>
    {
        var parts = new ScheduleParts
        {
            Store = new MemoryScheduleStore(), Jobs = provider.GetRequiredService<IJobs>(), Tasks = provider.GetRequiredService<ITaskCatalog>(), Time = TimeProvider.System, Log = NullLogger.Instance,
            Configured = [new ConfiguredSchedule(Namespace.Default, "configured", new ScheduleDefinition { Cron = "0 0 1 1 *", Task = "square", Args = "{\"n\": 1}"u8.ToArray(), Paused = true })],
        };
        return new ScheduleService(_system.ActorOf(Props.Create(() => new ScheduleActor(parts)), "schedules"), parts, () => false);
    }));

    public async ValueTask DisposeAsync()
    {
        await _host!.DisposeAsync();
        await _system.Terminate();
    }

    [Fact]
    public async Task A_schedule_is_put_and_read_back()
    {
        using var put = await PutAsync("nightly", Nightly);
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        using var again = await PutAsync("nightly", Nightly);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        using var got = await Client.GetAsync("schedules/nightly");
        var schedule = await got.BodyAsync();
        Assert.Equal(
            ["name", "namespace", "cron", "timeZone", "words", "task", "args", "queue", "priority", "expiresIn", "timeout", "maxAttempts", "tags", "meta", "overlap", "misfire", "misfireLimit",
                "jitter", "paused", "source", "next", "last", "error", "createdAt", "updatedAt", "version", "history"],
            schedule.EnumerateObject().Select(member => member.Name));
        Assert.Equal("At 02:30 on Monday, Europe/Berlin", schedule.GetProperty("words").GetString());
        Assert.Equal("{\"n\": 9007199254740993}", schedule.GetProperty("args").GetRawText());
        Assert.Equal((90, "all", 7, "skip", "api", 2), (schedule.GetProperty("jitter").GetInt32(), schedule.GetProperty("misfire").GetString(),
            schedule.GetProperty("misfireLimit").GetInt32(), schedule.GetProperty("overlap").GetString(), schedule.GetProperty("source").GetString(), schedule.GetProperty("version").GetInt32()));
        Assert.Equal(JsonValueKind.String, schedule.GetProperty("next").ValueKind);
    }

    [Fact]
    public async Task Schedules_are_listed_by_name_a_page_at_a_time()
    {
        foreach (var name in (string[])["b", "a"]) (await PutAsync(name, Nightly)).Dispose();
        using var first = await Client.GetAsync("schedules?limit=2");
        var page = await first.BodyAsync();
        Assert.Equal(["a", "b"], Names(page));
        using var second = await Client.GetAsync($"schedules?limit=2&cursor={page.GetProperty("next").GetString()}");
        Assert.Equal(["configured"], Names(await second.BodyAsync()));
        using var bad = await Client.GetAsync("schedules?cursor=%21");
        await bad.ProblemAsync(400, "invalid-request");
    }

    [Theory]
    [InlineData("""{"cron": "0 0 30 2 *", "task": "square", "args": {"n": 1}}""", 400, "invalid-request", "/cron")]
    [InlineData("""{"cron": "* * * * *", "timeZone": "Europe/Berln", "task": "square", "args": {"n": 1}}""", 400, "invalid-request", "/timeZone")]
    [InlineData("""{"cron": "* * * * *", "task": "square", "args": {"n": 1}, "overlap": "wait"}""", 400, "invalid-request", "/overlap")]
    [InlineData("""{"cron": "* * * * *", "task": "square", "args": {"n": 1}, "jitter": "2d"}""", 400, "invalid-request", "/jitter")]
    [InlineData("""{"cron": "* * * * *", "task": "square", "args": {"n": 1}, "jitter": "1h", "expiresIn": "10m"}""", 400, "invalid-request", "/expiresIn")]
    [InlineData("""{"cron": "* * * * *", "task": "square", "args": {"n": 1}, "queue": "default\\n"}""", 400, "invalid-request", "/queue")]
    [InlineData("""{"cron": "* * * * *", "task": "square", "args": {"n": 1}, "misfireLimit": 0}""", 400, "invalid-request", "/misfireLimit")]
    [InlineData("""{"cron": "* * * * *", "task": "square", "args": {"n": 1}, "paused": 1}""", 400, "invalid-request", "/paused")]
    [InlineData("""{"cron": "* * * * *", "task": "square", "args": {"n": 1}, "crom": 1}""", 400, "invalid-request", "/crom")]
    [InlineData("""{"task": "square"}""", 400, "invalid-request", "/cron")]
    [InlineData("""{"cron": "* * * * *", "task": "sqare"}""", 404, "unknown-task", null)]
    public async Task What_cannot_be_a_schedule_is_refused_with_its_member(string body, int status, string code, string? pointer)
    {
        using var put = await PutAsync("x", body);
        var problem = await put.ProblemAsync(status, code);
        if (pointer is not null) Assert.Equal(pointer, problem.GetProperty("errors")[0].GetProperty("pointer").GetString());
        using var got = await Client.GetAsync("schedules/x");
        await got.ProblemAsync(404, "not-found");
    }

    [Fact]
    public async Task A_schedule_of_the_configuration_is_overridden_and_never_deleted()
    {
        using var refused = await Client.DeleteAsync("schedules/configured");
        var problem = await refused.ProblemAsync(409, "state-conflict");
        Assert.Contains("\"paused\": true", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        using var put = await PutAsync("configured", Nightly);
        Assert.Equal("api", (await put.BodyAsync()).GetProperty("source").GetString());
        using var deleted = await Client.DeleteAsync("schedules/configured");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using var got = await Client.GetAsync("schedules/configured");
        Assert.Equal("config", (await got.BodyAsync()).GetProperty("source").GetString());
        using var none = await Client.DeleteAsync("schedules/none");
        await none.ProblemAsync(404, "not-found");
    }

    [Fact]
    public async Task A_schedule_is_paused_and_resumed_as_it_is()
    {
        (await PutAsync("nightly", Nightly)).Dispose();
        foreach (var (verb, paused) in ((string, bool)[])[("pause", true), ("pause", true), ("resume", false)])
        {
            using var response = await Client.PostAsync($"schedules/nightly/{verb}", Json(""));
            var schedule = await response.BodyAsync();
            Assert.Equal((HttpStatusCode.OK, paused), (response.StatusCode, schedule.GetProperty("paused").GetBoolean()));
            Assert.Equal("{\"n\": 9007199254740993}", schedule.GetProperty("args").GetRawText());
        }
        using var more = await Client.PostAsync("schedules/nightly/pause", Json("{\"paused\": true}"));
        await more.ProblemAsync(400, "invalid-request");
        using var none = await Client.PostAsync("schedules/none/pause", Json(""));
        await none.ProblemAsync(404, "not-found");
    }

    [Fact]
    public async Task A_schedule_is_triggered_out_of_turn()
    {
        using var triggered = await Client.PostAsync("schedules/configured/trigger", Json("{}"));
        Assert.Equal(HttpStatusCode.Accepted, triggered.StatusCode);
        Assert.NotNull(triggered.Headers.Location);
        using var none = await Client.PostAsync("schedules/none/trigger", Json("{}"));
        await none.ProblemAsync(404, "not-found");
    }

    [Fact]
    public async Task An_expression_is_previewed()
    {
        using var previewed = await Client.PostAsync("schedules/preview", Json("""{"cron": "0 0 29 2 *", "timeZone": "America/New_York", "count": 2}"""));
        var body = await previewed.BodyAsync();
        Assert.Equal("At 00:00 on day 29 of the month in February, America/New_York", body.GetProperty("words").GetString());
        Assert.All(body.GetProperty("items").EnumerateArray(), item => Assert.EndsWith("-02-29T00:00:00-05:00", item.GetProperty("local").GetString(), StringComparison.Ordinal));
        Assert.Equal(2, body.GetProperty("items").GetArrayLength());
        using var refused = await Client.PostAsync("schedules/preview", Json("""{"cron": "61 * * * *", "count": 0}"""));
        Assert.Equal(2, (await refused.ProblemAsync(400, "invalid-request")).GetProperty("errors").GetArrayLength());
    }

    [Fact]
    public async Task INV_50_another_namespace_sees_none_of_it()
    {
        (await PutAsync("nightly", Nightly)).Dispose();
        foreach (var (method, path) in ((string, string)[])[("GET", "schedules/nightly"), ("DELETE", "schedules/nightly"), ("POST", "schedules/nightly/trigger"), ("POST", "schedules/nightly/pause")])
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = method == "POST" ? Json("{}") : null };
            request.Headers.Add("ActorPerf-Namespace", "other");
            using var response = await Client.SendAsync(request);
            await response.ProblemAsync(404, "not-found");
        }
    }

    private Task<HttpResponseMessage> PutAsync(string name, string body) => Client.PutAsync($"schedules/{name}", Json(body));

    private static StringContent Json(string body) => new(body, System.Text.Encoding.UTF8, "application/json");

    private static IEnumerable<string?> Names(JsonElement page) => page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString());
}
