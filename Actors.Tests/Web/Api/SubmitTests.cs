using System.Net;
using System.Text;
using System.Text.Json;
using ActorPerf.Jobs;

namespace ActorPerf.Tests.Web.Api;

public sealed class SubmitTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private WebHost Host => shared.Host;

    private HttpClient Client => shared.Host.Client;

    [Fact]
    public async Task A_submission_is_accepted_with_its_place_and_echoed()
    {
        using var response = await Client.PostAsync("jobs", Http.Json(
            """{"task": "square", "args": {"n":  12345678901234567, "note": "\u00e9"}, "queue": "slow.1", "priority": 7, "tags": ["a", "b"], "meta": {"who": "me"}, "maxAttempts": 3, "timeout": "1h30m", "backoff": {"initial": "2s", "factor": 3, "max": "1m"}, "delay": "1500ms", "expiresIn": "7d", "uniqueKey": null, "dependsOn": [], "callback": null}"""));
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var text = await response.Content.ReadAsStringAsync();
        Assert.Contains("""{"n":  12345678901234567, "note": "\u00e9"}""", text, StringComparison.Ordinal);
        var job = await response.BodyAsync();
        var id = job.GetProperty("id").GetString();
        Assert.Equal($"/api/v1/jobs/{id}", response.Headers.Location?.ToString());
        Assert.Equal("1", response.Headers.GetValues("Retry-After").Single());
        Assert.Equal("\"1\"", response.Headers.ETag?.Tag);
        Assert.Equal("slow.1", job.GetProperty("queue").GetString());
        Assert.Equal(7, job.GetProperty("priority").GetInt32());
        Assert.Equal("queued", job.GetProperty("state").GetString());
        Assert.Equal(5400, job.GetProperty("timeout").GetDouble());
        Assert.Equal(3, job.GetProperty("backoff").GetProperty("factor").GetDouble());
        Assert.Equal("me", job.GetProperty("meta").GetProperty("who").GetString());

        var submission = Host.Jobs.Seen.Last();
        Assert.Equal(TimeSpan.FromSeconds(1.5), submission.Delay);
        Assert.Equal(TimeSpan.FromDays(7), submission.ExpiresIn);
    }

    [Fact]
    public async Task Keys_parents_and_callback_are_read_and_echoed()
    {
        var (first, second) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var id = new JobId(Guid.CreateVersion7());
        var job = await Client.PostAsync("jobs",
            $$"""{"id": "{{id}}", "task": "echo", "uniqueKey": "order 7", "uniquePolicy": "reject", "uniqueUntil": "started", "limitKey": "eu", "callback": "https://example.com/hook?a=1", "dependsOn": ["{{first}}", {"on": "finished", "job": "{{second}}"}]}""",
            HttpStatusCode.Accepted);
        Assert.Equal("order 7", job.GetProperty("uniqueKey").GetString());
        Assert.Equal("reject", job.GetProperty("uniquePolicy").GetString());
        Assert.Equal("started", job.GetProperty("uniqueUntil").GetString());
        Assert.Equal("eu", job.GetProperty("limitKey").GetString());
        Assert.Equal("https://example.com/hook?a=1", job.GetProperty("callback").GetString());
        var submission = Host.Jobs.Seen.Single(seen => seen.Id == id);
        Assert.Equal([new(new(first), DependsOn.Succeeded), new(new(second), DependsOn.Finished)], submission.DependsOn);
    }

    [Theory]
    [InlineData("\"uniqueKey\": \"b\"")]
    [InlineData("\"uniqueKey\": \"a\", \"uniquePolicy\": \"reject\"")]
    [InlineData("\"uniqueKey\": \"a\", \"uniqueUntil\": \"started\"")]
    [InlineData("\"uniqueKey\": \"a\", \"limitKey\": \"a\"")]
    [InlineData("\"uniqueKey\": \"a\", \"callback\": \"https://example.com\"")]
    [InlineData("\"uniqueKey\": \"a\", \"dependsOn\": [\"0199b3c2-7f1e-7a30-8c55-3d2f0a6b9e11\"]")]
    public async Task Each_of_these_members_makes_another_submission(string members)
    {
        var id = Guid.CreateVersion7();
        await Client.PostAsync("jobs", $$"""{"id": "{{id}}", "task": "echo", "uniqueKey": "a"}""", HttpStatusCode.Accepted);
        var problem = await Client.PostAsync("jobs", $$"""{"id": "{{id}}", "task": "echo", {{members}}}""", HttpStatusCode.Conflict);
        Assert.Equal("id-conflict", problem.GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_job_has_exactly_the_documented_members_in_their_order()
    {
        var job = await Client.PostAsync("jobs", """{"task": "echo"}""", HttpStatusCode.Accepted);
        Assert.Equal(
            ["id", "task", "args", "queue", "priority", "state", "reason", "position", "estimatedStart", "attempt", "maxAttempts", "excused", "crashes", "progress", "result", "error", "cached", "node", "tags", "meta",
             "namespace", "rerunOf", "workflow", "schedule", "createdAt", "runAt", "startedAt", "finishedAt", "waited", "ran", "version"],
            job.EnumerateObject().Select(static member => member.Name));
        Assert.Equal("{}", job.GetProperty("args").GetRawText());
        Assert.Equal("{}", job.GetProperty("meta").GetRawText());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", job.GetProperty("createdAt").GetString());
    }

    [Fact]
    public async Task A_caller_that_waits_gets_the_finished_job()
    {
        var id = new JobId(Guid.CreateVersion7());
        using var request = new HttpRequestMessage(HttpMethod.Post, "jobs") { Content = Http.Json($$"""{"task": "echo", "id": "{{id}}"}""") };
        request.Headers.Add("Prefer", "respond-async, wait=20");
        var sending = Client.SendAsync(request);
        await Host.Jobs.StoredAsync(id);
        Host.Jobs.Finish(id, "\"done\"");
        using var response = await sending;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("wait=20", response.Headers.GetValues("Preference-Applied").Single());
        var job = await response.BodyAsync();
        Assert.Equal("succeeded", job.GetProperty("state").GetString());
        Assert.Equal("done", job.GetProperty("result").GetString());
        Assert.Equal(2, job.GetProperty("ran").GetDouble());
    }

    [Fact]
    public async Task A_wait_that_ends_first_is_answered_202()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "jobs") { Content = Http.Json("""{"task": "echo"}""") };
        request.Headers.Add("Prefer", "wait=0");
        using var response = await Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("wait=0", response.Headers.GetValues("Preference-Applied").Single());
    }

    [Fact]
    public async Task The_same_id_and_body_is_the_same_job_whatever_the_order_and_spaces()
    {
        var id = Guid.CreateVersion7();
        await Client.PostAsync("jobs", $$"""{"id": "{{id}}", "task": "echo", "args": {"a": 1}, "priority": 5, "delay": "60s"}""", HttpStatusCode.Accepted);
        var again = await Client.PostAsync("jobs", $$"""{ "delay":"1m", "args":{"a": 1}, "task":"echo", "queue": null, "id":"{{id}}" }""", HttpStatusCode.OK);
        Assert.True(again.GetProperty("deduplicated").GetBoolean());
        Assert.Equal(id.ToString(), again.GetProperty("id").GetString());

        using var other = await Client.PostAsync("jobs", Http.Json($$"""{"id": "{{id}}", "task": "echo", "args": {"a": 2}, "delay": "60s"}"""));
        await other.ProblemAsync(409, "id-conflict");
    }

    [Fact]
    public async Task An_idempotency_key_repeats_the_first_answer_and_refuses_another_body()
    {
        var key = "k \"quoted\" " + Guid.NewGuid();
        using var first = await SendAsync(key, """{"task": "echo", "args": 1}""");
        using var second = await SendAsync(key, """{"task": "echo", "args": 1}""");
        Assert.Equal(HttpStatusCode.Accepted, second.StatusCode);
        Assert.Equal("true", second.Headers.GetValues("Idempotent-Replayed").Single());
        Assert.False(first.Headers.Contains("Idempotent-Replayed"));
        Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        using var other = await SendAsync(key, """{"task": "echo", "args": 2}""");
        await other.ProblemAsync(422, "idempotency-mismatch");
    }

    [Fact]
    public async Task An_idempotency_key_is_1_to_255_printable_characters()
    {
        using var longest = await SendAsync(new string('k', 255), """{"task": "echo"}""");
        Assert.Equal(HttpStatusCode.Accepted, longest.StatusCode);
        using var tooLong = await SendAsync(new string('k', 256), """{"task": "echo"}""");
        await tooLong.ProblemAsync(400, "invalid-request");
        using var empty = await SendAsync("", """{"task": "echo"}""");
        await empty.ProblemAsync(400, "invalid-request");
        var foreign = await Host.RawAsync("POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nIdempotency-Key: k\u00e9y\r\nContent-Length: 15\r\n\r\n{\"task\":\"echo\"}");
        Assert.StartsWith("HTTP/1.1 400", foreign, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "invalid-json")]
    [InlineData("null", "invalid-json")]
    [InlineData("[]", "invalid-json")]
    [InlineData("12", "invalid-json")]
    [InlineData("""{"task": "echo", """, "invalid-json")]
    [InlineData("""{"task": "echo"} x""", "invalid-json")]
    [InlineData("""{"task": "echo"}{"task": "echo"}""", "invalid-json")]
    [InlineData("\uFEFF{\"task\": \"echo\"}", "invalid-json")]
    [InlineData("""{"task": "echo", "args": {"n": 01}}""", "invalid-json")]
    [InlineData("""{"task": "echo", "args": {"n": NaN}}""", "invalid-json")]
    [InlineData("""{"task": "echo",}""", "invalid-json")]
    [InlineData("""{"task": "echo" /* no */}""", "invalid-json")]
    [InlineData("{}", "invalid-request", "/task")]
    [InlineData("""{"task": null}""", "invalid-request", "/task")]
    [InlineData("""{"task": ""}""", "invalid-request", "/task")]
    [InlineData("""{"task": 5}""", "invalid-request", "/task")]
    [InlineData("""{"task": "\ud800"}""", "invalid-request", "/task")]
    [InlineData("""{"task": "echo", "task": "echo"}""", "invalid-request", "/task")]
    [InlineData("""{"task": "echo", "t\u0061sk": "echo"}""", "invalid-request", "/task")]
    [InlineData("""{"task": "echo", "Args": {}}""", "invalid-request", "/Args")]
    [InlineData("""{"task": "echo", "a/b~": {"x": [1, {"y": 2}]}}""", "invalid-request", "/a~1b~0")]
    [InlineData("""{"task": "echo", "state": "succeeded", "attempt": 9, "namespace": "x", "result": 1}""", "invalid-request", "/state", "/attempt", "/namespace", "/result")]
    [InlineData("""{"task": "echo", "args": {"a": 1, "b": [{}, {"c": 1, "c": 2}]}}""", "invalid-request", "/args/b/1/c")]
    [InlineData("""{"task": "echo", "args": {"a": 1, "\u0061": 2}}""", "invalid-request", "/args/a")]
    [InlineData("""{"task": "echo", "meta": {"a": 1, "a": 2}, "priority": 55}""", "invalid-request", "/meta/a", "/priority")]
    [InlineData("""{"task": "echo", "meta": []}""", "invalid-request", "/meta")]
    [InlineData("""{"task": "echo", "queue": "Mail"}""", "invalid-request", "/queue")]
    [InlineData("""{"task": "echo", "queue": "a b"}""", "invalid-request", "/queue")]
    [InlineData("""{"task": "echo", "queue": ""}""", "invalid-request", "/queue")]
    [InlineData("""{"task": "echo", "queue": "../x"}""", "invalid-request", "/queue")]
    [InlineData("""{"task": "echo", "priority": -1}""", "invalid-request", "/priority")]
    [InlineData("""{"task": "echo", "priority": 10}""", "invalid-request", "/priority")]
    [InlineData("""{"task": "echo", "priority": 5.5}""", "invalid-request", "/priority")]
    [InlineData("""{"task": "echo", "priority": "5"}""", "invalid-request", "/priority")]
    [InlineData("""{"task": "echo", "maxAttempts": 0}""", "invalid-request", "/maxAttempts")]
    [InlineData("""{"task": "echo", "maxAttempts": 1001}""", "invalid-request", "/maxAttempts")]
    [InlineData("""{"task": "echo", "maxAttempts": 99999999999999999999}""", "invalid-request", "/maxAttempts")]
    [InlineData("""{"task": "echo", "delay": "-5s"}""", "invalid-request", "/delay")]
    [InlineData("""{"task": "echo", "delay": 5}""", "invalid-request", "/delay")]
    [InlineData("""{"task": "echo", "delay": "5"}""", "invalid-request", "/delay")]
    [InlineData("""{"task": "echo", "delay": "3654d"}""", "invalid-request", "/delay")]
    [InlineData("""{"task": "echo", "delay": "99999999999999999999999999999999d"}""", "invalid-request", "/delay")]
    [InlineData("""{"task": "echo", "timeout": "0s"}""", "invalid-request", "/timeout")]
    [InlineData("""{"task": "echo", "expiresIn": "0ms"}""", "invalid-request", "/expiresIn")]
    [InlineData("""{"task": "echo", "runAt": "10000-01-01T00:00:00Z"}""", "invalid-request", "/runAt")]
    [InlineData("""{"task": "echo", "runAt": "0000-01-01T00:00:00Z"}""", "invalid-request", "/runAt")]
    [InlineData("""{"task": "echo", "runAt": "9999-12-31T23:59:59Z"}""", "invalid-request", "/runAt")]
    [InlineData("""{"task": "echo", "runAt": "1970-01-01T00:00:00Z"}""", "invalid-request", "/runAt")]
    [InlineData("""{"task": "echo", "runAt": "2026-11-21T10:00:00"}""", "invalid-request", "/runAt")]
    [InlineData("""{"task": "echo", "runAt": "2036-11-21T10:00:00.123456"}""", "invalid-request", "/runAt")]
    [InlineData("""{"task": "echo", "runAt": "2036-11-21T10:00:00.5"}""", "invalid-request", "/runAt")]
    [InlineData("""{"task": "echo", "runAt": "2026-12-31T23:59:60Z"}""", "invalid-request", "/runAt")]
    [InlineData("""{"task": "echo", "runAt": "tomorrow"}""", "invalid-request", "/runAt")]
    [InlineData("""{"task": "echo", "runAt": "2026-11-21T10:00:00Z", "delay": "1s"}""", "invalid-request", "/delay")]
    [InlineData("""{"task": "echo", "id": "0199B3C2-7F1E-7A30-8C55-3D2F0A6B9E11"}""", "invalid-request", "/id")]
    [InlineData("""{"task": "echo", "id": "12"}""", "invalid-request", "/id")]
    [InlineData("""{"task": "echo", "id": "00000000-0000-0000-0000-000000000000"}""", "invalid-request", "/id")]
    [InlineData("""{"task": "echo", "tags": "a"}""", "invalid-request", "/tags")]
    [InlineData("""{"task": "echo", "tags": ["a", 5, "a", "\u202e"]}""", "invalid-request", "/tags/1", "/tags/2", "/tags/3")]
    [InlineData("""{"task": "echo", "backoff": {"initial": "2s", "factor": 0, "max": "1s", "x": 1}}""", "invalid-request", "/backoff/factor", "/backoff/x", "/backoff/max")]
    [InlineData("""{"task": "echo", "backoff": 5}""", "invalid-request", "/backoff")]
    [InlineData("""{"task": "echo", "uniqueKey": ""}""", "invalid-request", "/uniqueKey")]
    [InlineData("""{"task": "echo", "uniqueKey": "a\u0000b", "limitKey": "\u202e"}""", "invalid-request", "/uniqueKey", "/limitKey")]
    [InlineData("""{"task": "echo", "limitKey": 5}""", "invalid-request", "/limitKey")]
    [InlineData("""{"task": "echo", "uniqueUntil": "queued"}""", "invalid-request", "/uniqueUntil")]
    [InlineData("""{"task": "echo", "dependsOn": "0199b3c2-7f1e-7a30-8c55-3d2f0a6b9e11"}""", "invalid-request", "/dependsOn")]
    [InlineData("""{"task": "echo", "dependsOn": ["a", 5]}""", "invalid-request", "/dependsOn/0", "/dependsOn/1")]
    [InlineData("""{"task": "echo", "dependsOn": [{"job": "x", "on": "failed", "x": 1}, {}]}""", "invalid-request", "/dependsOn/0/job", "/dependsOn/0/on", "/dependsOn/0/x", "/dependsOn/1/job")]
    [InlineData("""{"task": "echo", "dependsOn": ["0199b3c2-7f1e-7a30-8c55-3d2f0a6b9e11", {"job": "0199b3c2-7f1e-7a30-8c55-3d2f0a6b9e11"}]}""", "invalid-request", "/dependsOn/1")]
    [InlineData("""{"task": "echo", "callback": "ftp://x/"}""", "invalid-request", "/callback")]
    [InlineData("""{"task": "echo", "callback": "/x"}""", "invalid-request", "/callback")]
    [InlineData("""{"task": "echo", "callback": "https://u:p@example.com/"}""", "invalid-request", "/callback")]
    [InlineData("""{"task": "echo", "callback": "https://example.com/a b"}""", "invalid-request", "/callback")]
    [InlineData("""{"task": "echo", "uniquePolicy": "other"}""", "invalid-request", "/uniquePolicy")]
    [InlineData("""{"task": "square", "args": {"n": "x"}}""", "invalid-args", "/args/n")]
    [InlineData("""{"task": "square", "args": {"n": 99999999999999999999}}""", "invalid-args", "/args/n")]
    public async Task Bad_bodies_are_refused_with_pointers(string body, string code, params string[] pointers)
    {
        using var response = await Client.PostAsync("jobs", Http.Json(body));
        var problem = await response.ProblemAsync(400, code);
        if (pointers.Length > 0) Assert.Equal(pointers, problem.Pointers());
    }

    [Theory]
    [InlineData("\"priority\": 10", "10 is not taken here: write a whole number from 0 to 9.")]
    [InlineData("\"delay\": 5", "Write a duration such as \"5s\", as a text.")]
    [InlineData("\"delay\": \"99999999999d\"", "'99999999999d' is too long: at most 10 years.")]
    [InlineData("\"timeout\": \"soon\"", "'soon' is no duration")]
    [InlineData("\"queue\": \"Mail\"", "'Mail' is no queue's name")]
    public async Task A_refusal_says_the_value_and_what_would_be_taken(string member, string told)
    {
        using var response = await Client.PostAsync("jobs", Http.Json($$"""{"task": "echo", {{member}}}"""));
        Assert.Contains(told, (await response.ProblemAsync(400, "invalid-request")).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Truncated_json_is_told_with_its_position()
    {
        using var response = await Client.PostAsync("jobs", Http.Json("{\n \"task\": "));
        var problem = await response.ProblemAsync(400, "invalid-json");
        Assert.Contains("line 2", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fifty_one_tags_are_one_too_many()
    {
        var tags = string.Join(',', Enumerable.Range(0, 60).Select(static n => $"\"t{n}\""));
        using var response = await Client.PostAsync("jobs", Http.Json($$"""{"task": "echo", "tags": [{{tags}}], "priority": 3}"""));
        Assert.Equal(["/tags"], (await response.ProblemAsync(400, "invalid-request")).Pointers());
    }

    [Fact]
    public async Task Depth_32_is_taken_and_33_is_not()
    {
        await Client.PostAsync("jobs", Deep(31), HttpStatusCode.Accepted);
        using var deeper = await Client.PostAsync("jobs", Http.Json(Deep(32)));
        await deeper.ProblemAsync(400, "invalid-json");
        using var abyss = await Client.PostAsync("jobs", Http.Json(Deep(100_000)));
        await abyss.ProblemAsync(400, "invalid-json");

        static string Deep(int levels) => $$"""{"task": "echo", "args": {{new string('[', levels)}}{{new string(']', levels)}}}""";
    }

    [Fact]
    public async Task Invalid_utf8_is_no_json()
    {
        using var content = new ByteArrayContent([.. "{\"task\": \"echo\", \"args\": \""u8, 0xC3, 0x28, .. "\"}"u8]);
        content.Headers.ContentType = new("application/json");
        using var response = await Client.PostAsync("jobs", content);
        await response.ProblemAsync(400, "invalid-json");
    }

    [Fact]
    public async Task Ten_megabytes_are_too_large_with_and_without_a_length()
    {
        var body = $$"""{"task": "echo", "args": "{{new string('x', 10_000_000)}}"}""";
        using var response = await Client.PostAsync("jobs", Http.Json(body));
        await response.ProblemAsync(413, "payload-too-large");

        using var chunked = new HttpRequestMessage(HttpMethod.Post, "jobs") { Content = new StreamContent(new MemoryStream(Encoding.UTF8.GetBytes(body[..400_000]))) };
        chunked.Content.Headers.ContentType = new("application/json");
        chunked.Headers.TransferEncodingChunked = true;
        using var second = await Client.SendAsync(chunked);
        await second.ProblemAsync(413, "payload-too-large");
    }

    [Fact]
    public async Task Arguments_over_their_limit_are_too_large_though_the_body_is_not()
    {
        using var response = await Client.PostAsync("jobs", Http.Json($$"""{"task": "echo", "args": "{{new string('x', 256 * 1024)}}"}"""));
        Assert.Equal(["/args"], (await response.ProblemAsync(413, "payload-too-large")).Pointers());
        var fits = new string('x', 256 * 1024 - 2);
        await Client.PostAsync("jobs", $$"""{"task": "echo", "args": "{{fits}}"}""", HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task Many_members_with_colliding_looks_are_told_apart()
    {
        var members = string.Join(',', Enumerable.Range(0, 5000).Select(static n => $"\"{n}\": {{\"{n}\": 1}}"));
        await Client.PostAsync("jobs", "{\"task\": \"echo\", \"args\": {" + members + "}}", HttpStatusCode.Accepted);
        using var twice = await Client.PostAsync("jobs", Http.Json("{\"task\": \"echo\", \"args\": {" + members + ", \"77\": 1}}"));
        Assert.Equal(["/args/77"], (await twice.ProblemAsync(400, "invalid-request")).Pointers());
    }

    [Fact]
    public async Task An_unknown_task_is_not_found()
    {
        using var response = await Client.PostAsync("jobs", Http.Json("""{"task": "sqare"}"""));
        var problem = await response.ProblemAsync(404, "unknown-task");
        Assert.Contains("square", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private async Task<HttpResponseMessage> SendAsync(string key, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "jobs") { Content = Http.Json(body) };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return await Client.SendAsync(request);
    }
}
