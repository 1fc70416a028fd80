using System.Net;
using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Web.Wire;

namespace ActorPerf.Tests.Web.Api;

public sealed class JobTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private WebHost Host => shared.Host;

    private HttpClient Client => shared.Host.Client;

    [Fact]
    public async Task A_job_is_read_and_not_sent_again_while_it_is_the_same()
    {
        var id = await SubmitAsync();
        using var first = await Client.GetAsync($"jobs/{id}");
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal("1", first.Headers.GetValues("Retry-After").Single());
        var etag = first.Headers.ETag!.Tag;

        foreach (var known in new[] { etag, $"W/{etag}", $"\"x\", {etag}", "*" })
        {
            using var same = await GetAsync($"jobs/{id}", ("If-None-Match", known));
            Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
            Assert.Equal(etag, same.Headers.ETag!.Tag);
        }
        Host.Jobs.Finish(id, "1");
        using var changed = await GetAsync($"jobs/{id}", ("If-None-Match", etag));
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.False(changed.Headers.Contains("Retry-After"));
    }

    [Fact]
    public async Task Progress_and_reason_change_the_etag_without_a_version()
    {
        var id = await SubmitAsync();
        var job = (await Host.Jobs.GetAsync(Namespace.Default, id, CancellationToken.None))!;
        var tags = new[]
        {
            job, job with { Reason = "no node serves queue 'x'" }, job with { Progress = new ProgressReport(10, null, DateTimeOffset.UnixEpoch) },
            job with { Progress = new ProgressReport(20, null, DateTimeOffset.UnixEpoch) },
        }.Select(JobJson.ETag).ToList();
        Assert.Equal(4, tags.Distinct().Count());
        Assert.All(tags, static tag => Assert.StartsWith("\"1", tag, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_long_poll_returns_on_change_and_else_304()
    {
        var id = await SubmitAsync();
        using var unchanged = await GetAsync($"jobs/{id}", ("If-None-Match", "\"1\""), ("Prefer", "wait=0"));
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);

        var polling = GetAsync($"jobs/{id}", ("If-None-Match", "\"1\""), ("Prefer", "wait=30"));
        Host.Jobs.Change(id, static job => job with { Row = job.Row with { State = JobState.Running } });
        using var changed = await polling;
        Assert.Equal("running", (await changed.BodyAsync()).GetProperty("state").GetString());
        Assert.Equal("wait=30", changed.Headers.GetValues("Preference-Applied").Single());

        // Progress changes the ETag, though not the version.
        var watching = GetAsync($"jobs/{id}", ("If-None-Match", "\"2\""), ("Prefer", "wait=30"));
        Host.Jobs.Report(id, new ProgressReport(40, "on its way", DateTimeOffset.UnixEpoch));
        using var moved = await watching;
        Assert.Equal(40, (await moved.BodyAsync()).GetProperty("progress").GetProperty("percent").GetInt32());

        var waiting = GetAsync($"jobs/{id}", ("Prefer", "wait=500"));
        Host.Jobs.Finish(id, "1");
        using var finished = await waiting;
        Assert.Equal("wait=60", finished.Headers.GetValues("Preference-Applied").Single());
        Assert.Equal("succeeded", (await finished.BodyAsync()).GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("jobs/12")]
    [InlineData("jobs/0199b3c2-7f1e-7a30-8c55-3d2f0a6b9e11")]
    [InlineData("jobs/0199B3C2-7F1E-7A30-8C55-3D2F0A6B9E11")]
    [InlineData("jobs/..%2f..%2fetc")]
    [InlineData("jobs/0199b3c2-7f1e-7a30-8c55-3d2f0a6b9e11/result")]
    [InlineData("jobs/0199b3c2-7f1e-7a30-8c55-3d2f0a6b9e11/history")]
    [InlineData("jobs/0199b3c2-7f1e-7a30-8c55-3d2f0a6b9e11/events")]
    public async Task An_unknown_job_is_not_found(string path)
    {
        using var response = await Client.GetAsync(path);
        await response.ProblemAsync(404, "unknown-job");
    }

    [Fact]
    public async Task The_result_is_sent_bare()
    {
        var id = await SubmitAsync();
        using var early = await Client.GetAsync($"jobs/{id}/result");
        await early.ProblemAsync(409, "job-not-finished");
        Host.Jobs.Finish(id, """{ "pi": 3.14, "big": 123456789012345678901234567890 }""");
        Assert.Equal("""{ "pi": 3.14, "big": 123456789012345678901234567890 }""", await Client.GetStringAsync($"jobs/{id}/result"));

        Host.Jobs.Change(id, static job => job with { Result = null });
        using var pruned = await Client.GetAsync($"jobs/{id}/result");
        await pruned.ProblemAsync(410, "gone");
        Host.Jobs.Change(id, static job => job with { Row = job.Row with { State = JobState.Failed } });
        using var failed = await Client.GetAsync($"jobs/{id}/result");
        await failed.ProblemAsync(409, "state-conflict");
    }

    [Fact]
    public async Task The_history_tells_changes_and_attempts()
    {
        var history = await GetJsonAsync($"jobs/{await SubmitAsync()}/history");
        var second = history.GetProperty("items")[1];
        Assert.Equal(["seq", "at", "from", "to", "attempt", "node", "detail"], second.EnumerateObject().Select(static member => member.Name));
        Assert.Equal("queued", second.GetProperty("from").GetString());
        Assert.Equal(JsonValueKind.Null, history.GetProperty("items")[0].GetProperty("from").ValueKind);
        var attempt = history.GetProperty("attempts")[0];
        Assert.Equal("timeout", attempt.GetProperty("error").GetProperty("type").GetString());
        Assert.Equal("warning", attempt.GetProperty("lines")[0].GetProperty("level").GetString());
        Assert.Equal(2, attempt.GetProperty("dropped").GetInt32());
        Assert.False(history.GetProperty("pruned").GetBoolean());
    }

    [Fact]
    public async Task Cancelling_is_repeatable_and_refused_for_what_is_final()
    {
        var id = await SubmitAsync();
        for (var i = 0; i < 2; i++)
        {
            var job = await Client.PostAsync($"jobs/{id}/cancel", "", HttpStatusCode.Accepted);
            Assert.Equal("cancelled", job.GetProperty("state").GetString());
        }
        var done = await SubmitAsync();
        Host.Jobs.Finish(done, "1");
        using var late = await Client.PostAsync($"jobs/{done}/cancel", Http.Json(""));
        await late.ProblemAsync(409, "state-conflict");
        using var unknown = await Client.PostAsync($"jobs/{Guid.NewGuid()}/cancel", Http.Json(""));
        await unknown.ProblemAsync(404, "unknown-job");
    }

    [Fact]
    public async Task Lists_are_filtered_paged_and_counted()
    {
        for (var i = 0; i < 5; i++)
            await Client.PostAsync("jobs", $$"""{"task": "echo", "args": {{i}}, "queue": "pages", "tags": ["odd {{i % 2}}"]}""", HttpStatusCode.Accepted);
        using var first = await Client.GetAsync("jobs?queue=pages&limit=2&count=true&state=queued,running");
        var page = await first.BodyAsync();
        Assert.Equal([4, 3], page.GetProperty("items").EnumerateArray().Select(static job => job.GetProperty("args").GetInt32()));
        Assert.Equal(5, page.GetProperty("total").GetInt64());
        var cursor = page.GetProperty("next").GetString();
        var link = first.Headers.GetValues("Link").Single();
        Assert.EndsWith(">; rel=\"next\"", link, StringComparison.Ordinal);

        var second = await GetJsonAsync(new Uri(Host.Address, link[1..link.IndexOf('>', StringComparison.Ordinal)]).ToString());
        Assert.Equal([2, 1], second.GetProperty("items").EnumerateArray().Select(static job => job.GetProperty("args").GetInt32()));
        var last = await GetJsonAsync($"jobs?queue=pages&limit=2&state=queued,running&cursor={second.GetProperty("next").GetString()}");
        Assert.Equal(JsonValueKind.Null, last.GetProperty("next").ValueKind);
        Assert.Single(last.GetProperty("items").EnumerateArray());

        var tagged = await GetJsonAsync("jobs?tag=odd%201&task=echo&sort=-createdAt&count=true&queue=pages");
        Assert.Equal(2, tagged.GetProperty("items").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, tagged.GetProperty("total").ValueKind);
        Assert.Equal("[]", (await GetJsonAsync("jobs?state=expired")).GetProperty("items").GetRawText());

        using var foreign = await Client.GetAsync($"jobs?queue=other&limit=2&cursor={cursor}");
        await foreign.ProblemAsync(400, "invalid-request");
        var forged = cursor!.ToCharArray();
        forged[5] = forged[5] == 'A' ? 'B' : 'A';
        using var broken = await Client.GetAsync($"jobs?queue=pages&limit=2&state=queued,running&cursor={new string(forged)}");
        await broken.ProblemAsync(400, "invalid-request");
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=-1")]
    [InlineData("limit=501")]
    [InlineData("limit=1000000000000")]
    [InlineData("limit=")]
    [InlineData("limit=5&limit=6")]
    [InlineData("cursor=abc")]
    [InlineData("cursor=%00")]
    [InlineData("state=done")]
    [InlineData("sort=result")]
    [InlineData("count=maybe")]
    [InlineData("stat=failed")]
    public async Task Bad_list_parameters_are_refused(string query)
    {
        using var response = await Client.GetAsync($"jobs?{query}");
        await response.ProblemAsync(400, "invalid-request");
    }

    [Fact]
    public async Task Counts_go_by_state_queue_or_task()
    {
        await Client.PostAsync("jobs", """{"task": "echo", "queue": "counted"}""", HttpStatusCode.Accepted);
        var queues = await GetJsonAsync("jobs/counts?by=queue");
        Assert.Contains(queues.GetProperty("items").EnumerateArray(), static item => item.GetProperty("queue").GetString() == "counted" && item.GetProperty("count").GetInt64() == 1);
        Assert.Contains((await GetJsonAsync("jobs/counts?by=task")).GetProperty("items").EnumerateArray(), static item => item.GetProperty("task").GetString() == "echo");
        Assert.Contains((await GetJsonAsync("jobs/counts")).GetProperty("items").EnumerateArray(), static item => item.GetProperty("state").GetString() == "queued");
        using var bad = await Client.GetAsync("jobs/counts?by=result");
        await bad.ProblemAsync(400, "invalid-request");
    }

    [Fact]
    public async Task Waiting_for_any_returns_at_the_first_and_for_all_at_the_last()
    {
        var (a, b) = (await SubmitAsync(), await SubmitAsync());
        var any = Client.PostAsync("jobs/wait", $$"""{"ids": ["{{a}}", "{{b}}"], "mode": "any", "timeout": "30s"}""", HttpStatusCode.OK);
        var all = Client.PostAsync("jobs/wait", $$"""{"ids": ["{{a}}", "{{b}}"]}""", HttpStatusCode.OK);
        Host.Jobs.Finish(b, "2");
        var first = await any;
        Assert.Equal(b.ToString(), first.GetProperty("done")[0].GetProperty("id").GetString());
        Assert.Equal(a.ToString(), first.GetProperty("pending")[0].GetString());
        Host.Jobs.Finish(a, "1");
        var both = await all;
        Assert.Equal(2, both.GetProperty("done").GetArrayLength());
        Assert.Equal(0, both.GetProperty("pending").GetArrayLength());
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"ids": []}""")]
    [InlineData("""{"ids": ["x"]}""")]
    [InlineData("""{"ids": ["\ud800"]}""")]
    [InlineData("""{"ids": [5]}""")]
    [InlineData("""{"ids": ["0199b3c2-7f1e-7a30-8c55-3d2f0a6b9e11", "0199b3c2-7f1e-7a30-8c55-3d2f0a6b9e11"]}""")]
    [InlineData("""{"ids": ["0199b3c2-7f1e-7a30-8c55-3d2f0a6b9e11"], "mode": "some"}""")]
    [InlineData("""{"ids": ["0199b3c2-7f1e-7a30-8c55-3d2f0a6b9e11"], "timeout": "61s"}""")]
    [InlineData("""{"ids": ["0199b3c2-7f1e-7a30-8c55-3d2f0a6b9e11"], "timeout": 5}""")]
    [InlineData("""{"ids": ["0199b3c2-7f1e-7a30-8c55-3d2f0a6b9e11"], "wait": 5}""")]
    [InlineData("""{"ids": ["0199b3c2-7f1e-7a30-8c55-3d2f0a6b9e11"], "ids": []}""")]
    public async Task A_bad_wait_is_refused(string body)
    {
        using var response = await Client.PostAsync("jobs/wait", Http.Json(body));
        await response.ProblemAsync(400, "invalid-request");
    }

    [Theory]
    [InlineData("queues?limit=1", "limit")]
    [InlineData("tasks?q=x", "q")]
    [InlineData("webhooks?count=true", "count")]
    [InlineData("views?a=1&b=2", "a")]
    [InlineData("cluster/members?status=up", "status")]
    public async Task A_call_that_reads_no_parameters_refuses_them(string path, string name)
    {
        using var response = await Client.GetAsync(path);
        Assert.Contains($"'{name}'", (await response.ProblemAsync(400, "invalid-request")).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "operations?dryRun=true", """{"action": "delete", "q": "state:failed"}""", "dryRun")]
    [InlineData("POST", "jobs?atomic=true", """{"task": "echo"}""", "atomic")]
    [InlineData("POST", "cache/invalidate?task=square", """{"all": true}""", "task")]
    [InlineData("PUT", "views/v?q=state:failed", """{"q": "state:queued"}""", "q")]
    [InlineData("DELETE", "views/v?dryRun=true", null, "dryRun")]
    public async Task A_call_that_changes_something_refuses_parameters_that_it_does_not_read(string method, string path, string? body, string name)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body is null ? null : Http.Json(body) };
        using var response = await Client.SendAsync(request);
        Assert.Contains($"'{name}'", (await response.ProblemAsync(400, "invalid-request")).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("schedules/nightly/trigger", "{}")]
    [InlineData("operations", """{"action": "cancel", "q": "tag:a"}""")]
    [InlineData("jobs/batch", "[]")]
    public async Task A_call_that_a_repeat_would_double_refuses_a_key_that_it_does_not_keep(string path, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Http.Json(body) };
        request.Headers.Add("Idempotency-Key", "once");
        using var response = await Client.SendAsync(request);
        Assert.Contains("takes no Idempotency-Key", (await response.ProblemAsync(400, "invalid-request")).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("schedules/nightly/trigger", """{"args": {"n": 5}}""")]
    [InlineData("webhooks/hook/rotate", """{"secret": "mine"}""")]
    [InlineData("cluster/members/self/leave", """{"drain": false}""")]
    [InlineData("operations/0199b3c2-7f1e-7a30-8c55-3d2f0a6b9e11/cancel", """{"force": true}""")]
    [InlineData("verify", """{"deep": true}""")]
    public async Task Every_call_that_takes_no_body_refuses_members(string path, string body)
    {
        using var response = await Client.PostAsync(path, Http.Json(body));
        await response.ProblemAsync(400, "invalid-request");
    }

    [Theory]
    [InlineData("cancel", "{\"force\": true}", "invalid-request")]
    [InlineData("cancel", "garbage", "invalid-json")]
    [InlineData("run-now", "[]", "invalid-json")]
    public async Task A_call_that_takes_no_body_refuses_one(string call, string body, string code)
    {
        var id = await SubmitAsync();
        using var response = await Client.PostAsync($"jobs/{id}/{call}", Http.Json(body));
        await response.ProblemAsync(400, code);
    }

    [Fact]
    public async Task Nothing_of_one_namespace_is_seen_in_another()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "jobs") { Content = Http.Json("""{"task": "echo"}""") };
        request.Headers.Add("ActorPerf-Namespace", "shop");
        using var response = await Client.SendAsync(request);
        var job = await response.BodyAsync();
        Assert.Equal("shop", job.GetProperty("namespace").GetString());
        var id = job.GetProperty("id").GetString();
        using var foreign = await Client.GetAsync($"jobs/{id}");
        await foreign.ProblemAsync(404, "unknown-job");
        using var own = await GetAsync($"jobs/{id}", ("ActorPerf-Namespace", "shop"));
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
        foreach (var bad in new[] { "Shop", "", "a/b", new string('a', 65) })
        {
            using var refused = await GetAsync("jobs", ("ActorPerf-Namespace", bad));
            await refused.ProblemAsync(400, "invalid-request");
        }
    }

    private async Task<JobId> SubmitAsync()
    {
        var id = new JobId(Guid.CreateVersion7());
        await Client.PostAsync("jobs", $$"""{"task": "echo", "id": "{{id}}"}""", HttpStatusCode.Accepted);
        return id;
    }

    private async Task<JsonElement> GetJsonAsync(string path)
    {
        using var response = await Client.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.BodyAsync();
    }

    private async Task<HttpResponseMessage> GetAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await Client.SendAsync(request);
    }
}
