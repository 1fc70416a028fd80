using System.Net;
using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Web.Api;

public sealed class JobActionTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private WebHost Host => shared.Host;

    private HttpClient Client => shared.Host.Client;

    [Fact]
    public async Task A_scheduled_job_is_run_now_and_a_repeat_does_no_harm()
    {
        var id = await SubmitAsync(JobState.Scheduled);
        for (var i = 0; i < 2; i++)
        {
            using var response = await Client.PostAsync($"jobs/{id}/run-now", Http.Json("{}"));
            Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
            Assert.Equal($"/api/v1/jobs/{id}", response.Headers.Location!.ToString());
            var job = await response.BodyAsync();
            Assert.Equal(("queued", 3), (job.GetProperty("state").GetString(), job.GetProperty("version").GetInt32()));
        }
    }

    [Fact]
    public async Task A_waiting_job_is_changed_and_what_is_absent_stays()
    {
        var id = await SubmitAsync();
        using var response = await PatchAsync(id, """{"priority": 9, "queue": "slow", "tags": ["a", "b"]}""");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var job = await response.BodyAsync();
        Assert.Equal((9, "slow", "queued"), (job.GetProperty("priority").GetInt32(), job.GetProperty("queue").GetString(), job.GetProperty("state").GetString()));
        Assert.Equal("\"2\"", response.Headers.ETag!.Tag);
        using var same = await PatchAsync(id, """{"priority": 9, "tags": ["a", "b"]}""");
        Assert.Equal("\"2\"", same.Headers.ETag!.Tag);
        var at = $"{DateTimeOffset.UtcNow.Year + 2}-01-31T08:00:00";
        using var later = await PatchAsync(id, $$"""{"runAt": "{{at}}Z"}""", type: "application/merge-patch+json");
        var scheduled = await later.BodyAsync();
        Assert.Equal(("scheduled", $"{at}.000Z"), (scheduled.GetProperty("state").GetString(), scheduled.GetProperty("runAt").GetString()));
        using var bare = await PatchAsync(id, """{"priority": null, "tags": null, "runAt": null}""");
        var plain = await bare.BodyAsync();
        Assert.Equal((5, "queued", 0), (plain.GetProperty("priority").GetInt32(), plain.GetProperty("state").GetString(), plain.GetProperty("tags").GetArrayLength()));
    }

    [Fact]
    public async Task A_change_insists_on_a_version_where_it_is_told_one()
    {
        var id = await SubmitAsync();
        using var other = await PatchAsync(id, """{"priority": 1}""", "\"7\"");
        await other.ProblemAsync(412, "precondition-failed");
        using var weak = await PatchAsync(id, """{"priority": 1}""", "W/\"1\"");
        await weak.ProblemAsync(412, "precondition-failed");
        using var hashed = await PatchAsync(id, """{"priority": 1}""", "\"x\", \"1-0123abcd\"");
        Assert.Equal(HttpStatusCode.OK, hashed.StatusCode);
        using var any = await PatchAsync(id, """{"priority": 2}""", "*");
        Assert.Equal(HttpStatusCode.OK, any.StatusCode);
    }

    [Theory]
    [InlineData("""{"priority": 10}""", "invalid-request", "/priority")]
    [InlineData("""{"priority": "9"}""", "invalid-request", "/priority")]
    [InlineData("""{"queue": null, "runAt": "tomorrow"}""", "invalid-request", "/queue", "/runAt")]
    [InlineData("""{"queue": "A", "tags": ["a", "a", 5]}""", "invalid-request", "/queue", "/tags/1", "/tags/2")]
    [InlineData("""{"tags": "a"}""", "invalid-request", "/tags")]
    [InlineData("""{"task": "other"}""", "invalid-request", "/task")]
    public async Task A_change_that_cannot_be_is_refused_with_pointers(string body, string code, params string[] pointers)
    {
        var id = await SubmitAsync();
        using var response = await PatchAsync(id, body);
        Assert.Equal(pointers, (await response.ProblemAsync(400, code)).Pointers());
        using var read = await Client.GetAsync($"jobs/{id}");
        Assert.Equal("\"1\"", read.Headers.ETag!.Tag);
    }

    [Fact]
    public async Task A_change_that_is_no_json_is_refused()
    {
        var id = await SubmitAsync();
        using var text = await PatchAsync(id, "{");
        await text.ProblemAsync(400, "invalid-json");
        using var list = await PatchAsync(id, "[]");
        await list.ProblemAsync(400, "invalid-json");
    }

    [Theory]
    [InlineData(JobState.Running, "cancel")]
    [InlineData(JobState.Succeeded, "rerun", "delete")]
    public async Task What_the_state_does_not_allow_is_refused_with_what_it_does(JobState state, params string[] allowed)
    {
        var id = await SubmitAsync(state);
        using var edit = await PatchAsync(id, """{"priority": 1}""");
        var problem = await edit.ProblemAsync(409, "state-conflict");
        Assert.Equal(allowed, problem.GetProperty("allowed").EnumerateArray().Select(static action => action.GetString()));
        Assert.Contains($"Allowed now: {string.Join(", ", allowed)}.", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        if (state.IsFinal)
        {
            using var run = await Client.PostAsync($"jobs/{id}/run-now", Http.Json("{}"));
            await run.ProblemAsync(409, "state-conflict");
            return;
        }
        using var delete = await Client.DeleteAsync($"jobs/{id}");
        await delete.ProblemAsync(409, "state-conflict");
        using var rerun = await Client.PostAsync($"jobs/{id}/rerun", Http.Json("{}"));
        await rerun.ProblemAsync(409, "state-conflict");
    }

    [Fact]
    public async Task A_final_job_is_deleted_and_then_unknown()
    {
        var id = await SubmitAsync(JobState.Succeeded);
        using var deleted = await Client.DeleteAsync($"jobs/{id}");
        Assert.Equal(HttpStatusCode.Accepted, deleted.StatusCode);
        Assert.Equal(id.ToString(), (await deleted.BodyAsync()).GetProperty("id").GetString());
        using var again = await Client.DeleteAsync($"jobs/{id}");
        await again.ProblemAsync(404, "unknown-job");
        using var read = await Client.GetAsync($"jobs/{id}");
        await read.ProblemAsync(404, "unknown-job");
    }

    [Fact]
    public async Task A_rerun_is_a_new_job_like_the_old_one_that_names_it()
    {
        var id = await SubmitAsync(JobState.Succeeded,
            """{"task": "square", "args": {"n":  12}, "queue": "slow", "priority": 7, "timeout": "9s", "maxAttempts": 3, "backoff": {"initial": "2s"}, "limitKey": "eu", "callback": "https://example.com/", "tags": ["a"], "meta": {"b": 1}, "expiresIn": "1h"}""");
        using var response = await Client.PostAsync($"jobs/{id}/rerun", Http.Json(""));
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var job = await response.BodyAsync();
        var fresh = job.GetProperty("id").GetString();
        Assert.NotEqual(id.ToString(), fresh);
        Assert.Equal($"/api/v1/jobs/{fresh}", response.Headers.Location!.ToString());
        Assert.Equal("1", response.Headers.GetValues("Retry-After").Single());
        Assert.Equal(id.ToString(), job.GetProperty("rerunOf").GetString());
        var old = (await Host.Jobs.GetAsync(Namespace.Default, id, CancellationToken.None))!.Row;
        var now = (await Host.Jobs.GetAsync(Namespace.Default, new JobId(Guid.Parse(fresh!)), CancellationToken.None))!;
        Assert.Equal(
            (old.Queue, old.Priority, old.Timeout, old.MaxAttempts, old.Backoff, old.LimitKey, old.Callback),
            (now.Row.Queue, now.Row.Priority, now.Row.Timeout, now.Row.MaxAttempts, now.Row.Backoff, now.Row.LimitKey, now.Row.Callback));
        Assert.Equal(old.Tags, now.Row.Tags);
        Assert.Equal("{\"b\": 1}", System.Text.Encoding.UTF8.GetString(now.Row.Meta.Span));
        Assert.Equal("""{"n":  12}""", System.Text.Encoding.UTF8.GetString(now.Args.Span));
        Assert.Equal(TimeSpan.FromHours(1), now.Row.ExpiresAt - now.Row.CreatedAt);
    }

    [Fact]
    public async Task A_rerun_takes_other_arguments_to_the_byte_and_checks_them()
    {
        var id = await SubmitAsync(JobState.Succeeded, """{"task": "square", "args": {"n": 1}}""");
        using var good = await Client.PostAsync($"jobs/{id}/rerun", Http.Json("""{"args": {"n":  9007199254740993}}"""));
        Assert.Contains("""{"n":  9007199254740993}""", await good.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var bad = await Client.PostAsync($"jobs/{id}/rerun", Http.Json("""{"args": {"n": "x"}}"""));
        Assert.Equal(["/args/n"], (await bad.ProblemAsync(400, "invalid-args")).Pointers());
        using var unknown = await Client.PostAsync($"jobs/{id}/rerun", Http.Json("""{"arg": {}}"""));
        Assert.Equal(["/arg"], (await unknown.ProblemAsync(400, "invalid-request")).Pointers());
        using var large = await Client.PostAsync($"jobs/{id}/rerun", Http.Json("{\"args\": {\"n\": 1, \"x\": \"" + new string('x', 300_000) + "\"}}"));
        await large.ProblemAsync(413, "payload-too-large");
    }

    [Fact]
    public async Task A_rerun_under_a_key_is_one_job_however_often_it_is_sent()
    {
        var id = await SubmitAsync(JobState.Succeeded);
        var ids = new HashSet<string>();
        for (var i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"jobs/{id}/rerun") { Content = Http.Json("{}") };
            request.Headers.Add("Idempotency-Key", $"rerun-{id}");
            using var response = await Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
            Assert.Equal(i > 0, response.Headers.Contains("Idempotent-Replayed"));
            ids.Add((await response.BodyAsync()).GetProperty("id").GetString()!);
        }
        Assert.Single(ids);
        using var other = new HttpRequestMessage(HttpMethod.Post, $"jobs/{id}/rerun") { Content = Http.Json("""{"args": {"x": 1}}""") };
        other.Headers.Add("Idempotency-Key", $"rerun-{id}");
        using var mismatch = await Client.SendAsync(other);
        await mismatch.ProblemAsync(422, "idempotency-mismatch");
    }

    [Theory]
    [InlineData("POST", "run-now")]
    [InlineData("POST", "rerun")]
    [InlineData("PATCH", "")]
    [InlineData("DELETE", "")]
    public async Task What_is_no_job_is_unknown_whatever_the_body(string method, string action)
    {
        foreach (var id in new[] { Guid.NewGuid().ToString(), "x" })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), $"jobs/{id}/{action}".TrimEnd('/')) { Content = Http.Json("{\"priority\": 99") };
            using var response = await Client.SendAsync(request);
            await response.ProblemAsync(404, "unknown-job");
        }
    }

    private async Task<JobId> SubmitAsync(JobState state = JobState.Queued, string body = """{"task": "echo"}""")
    {
        var job = await Client.PostAsync("jobs", body, HttpStatusCode.Accepted);
        var id = new JobId(job.GetProperty("id").GetGuid());
        if (state == JobState.Succeeded) Host.Jobs.Finish(id, "1");
        else if (state != JobState.Queued) Host.Jobs.Change(id, now => now with { Row = now.Row with { State = state } });
        return id;
    }

    private async Task<HttpResponseMessage> PatchAsync(JobId id, string body, string? match = null, string type = "application/json")
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"jobs/{id}") { Content = Http.Typed(body, type) };
        if (match is not null) request.Headers.TryAddWithoutValidation("If-Match", match);
        return await Client.SendAsync(request);
    }
}
