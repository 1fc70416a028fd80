using System.Net.Http.Headers;
using System.Text;

namespace ActorPerf.Tests.Processes;

/// <summary>What nobody should send, sent to a real node: refused in words that say what to do, with nothing stored, and the node goes on.</summary>
[Collection(nameof(ProcessCollection))]
public sealed class BadInputTests(SharedNode shared)
{
    private const string Json = "application/json";
    private const string Form = "application/x-www-form-urlencoded";
    private static int s_space;

    /// <summary>Of a test's own, so that what it left behind is seen.</summary>
    private readonly string _space = $"bad-input-{Interlocked.Increment(ref s_space)}";

    private NodeApi Api => shared.Api;

    /// <summary>Call, content type, body, a header; status, code, what the answer says.</summary>
    public static TheoryData<string, string, string, string, int, string, string> Rows { get; } = new()
    {
        { "POST /jobs", Json, """{"task": "square", "args": {"n": """, "", 400, "invalid-json", "" },
        { "POST /jobs", Json, """{"task": ["square"]}""", "", 400, "invalid-request", "/task" },
        { "POST /jobs", Json, """{"task": "square", "args": {"n": 1}, "colour": "red"}""", "", 400, "invalid-request", "/colour" },
        { "POST /jobs", Json, """{"task": "square", "task": "sleep", "args": {"n": 1}}""", "", 400, "invalid-request", "/task" },
        { "POST /jobs", Json, """{"task": "square", "args": {"n": 1, "n": 2}}""", "", 400, "invalid-request", "/args/n" },
        { "POST /jobs", Json, """{"task": "square", "args": {"n": 1, "m": 2}}""", "", 400, "invalid-args", "/args/m" },
        { "POST /jobs", Json, """{"task": "square", "args": {"n": "12"}}""", "", 400, "invalid-args", "/args/n" },
        { "POST /jobs", Json, """{"task": "square", "args": {}}""", "", 400, "invalid-args", "/args/n" },
        { "POST /jobs", Json, """{"task": "square", "args": {"n": 9223372036854775808}}""", "", 400, "invalid-args", "/args/n" },
        { "POST /jobs", Json, """{"task": "square", "args": {"n": 1e400}}""", "", 400, "invalid-args", "/args/n" },
        { "POST /jobs", Json, """{"task": "square", "args": {"n": 1, "delay": "-5s"}}""", "", 400, "invalid-args", "/args/delay" },
        { "POST /jobs", Json, """{"task": "square", "args": {"n": 1}, "delay": "-5s"}""", "", 400, "invalid-request", "/delay" },
        { "POST /jobs", Json, """{"task": "square", "args": {"n": 1}, "runAt": "10000-01-01T00:00:00Z"}""", "", 400, "invalid-request", "/runAt" },
        { "POST /jobs", Json, """{"task": "square", "args": {"n": 1}, "queue": "no such queue"}""", "", 400, "invalid-request", "/queue" },
        { "POST /jobs", Json, """{"task": "no-such-task"}""", "", 404, "unknown-task", "no-such-task" },
        { "POST /jobs", Json, """{"task": "square", "args": {"n": 1}}""", "Idempotency-Key: ", 400, "invalid-request", "Idempotency-Key" },
        { "POST /jobs", Json, """{"task": "square", "args": {"n": 1}}""", "Idempotency-Key: " + LongKey, 400, "invalid-request", "255" },
        { "POST /jobs", Json, """{"task": "square", "args": {"n": 1}}""", "Host: evil.example", 400, "invalid-request", "actorperf.http.hosts" },
        { "POST /jobs", Json, """{"task": "square", "args": {"n": 1}}""", "Origin: https://evil.example", 403, "forbidden", "cors-origins" },
        { "POST /jobs", Json, """{"task": "square", "args": {"n": 1}}""", "ActorPerf-Namespace: No Such", 400, "invalid-request", "ActorPerf-Namespace" },
        { "POST /jobs", Form, "task=square", "", 415, "unsupported-media-type", Json },
        { "POST /jobs/batch", Form, "task=square", "", 415, "unsupported-media-type", "ndjson" },
        { "POST /compute/square", Form, "n=1", "", 415, "unsupported-media-type", Json },
        { "POST /compute/square", Json, """{"n": 1""", "", 400, "invalid-json", "" },
        { "POST /compute/square", Json, """{"n": 1, "n": 1}""", "", 400, "invalid-request", "twice" },
        { "POST /compute/square", Json, """{"n": 9223372036854775808}""", "", 400, "invalid-args", "/args/n" },
        { "POST /compute/no-such-task", Json, "{}", "", 404, "unknown-task", "no-such-task" },
        { "GET /jobs?limit=0", "", "", "", 400, "invalid-request", "1 to 500" },
        { "GET /jobs?cursor=AAAAAAAAAAEAAAAAAAAAAA", "", "", "", 400, "invalid-request", "cursor" },
        { "GET /cache/entries?limit=0", "", "", "", 400, "invalid-request", "1 to 500" },
        { "GET /cache/entries?cursor=forged", "", "", "", 400, "invalid-request", "cursor" },
        { "FROB /jobs", Json, "{}", "", 405, "method-not-allowed", "GET" },
        { "DELETE /jobs", "", "", "", 405, "method-not-allowed", "POST" },
    };

    private const string LongKey =
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
        + "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789";

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task It_is_refused_in_words_and_nothing_is_stored(string call, string type, string body, string header, int status, string code, string says)
    {
        var (method, path) = (call.Split(' ')[0], call.Split(' ')[1]);
        using var content = type.Length == 0 ? null : Content(Encoding.UTF8.GetBytes(body), type);
        var headers = new List<(string, string)>();
        if (header.Split(": ", 2) is [var name, var value]) headers.Add((name, value));
        if (!header.StartsWith("ActorPerf-Namespace", StringComparison.Ordinal)) headers.Add(NodeApi.Namespace(_space));
        var reply = await Api.SendAsync(new HttpMethod(method), path, content, [.. headers]);
        Assert.Equal((status, code), ((int)reply.Status, reply.Text("code")));
        Assert.Contains(says, reply.Body.GetRawText(), StringComparison.Ordinal);
        Assert.NotEqual("", reply.Text("detail"));
        await NothingIsStoredAsync();
    }

    [Fact]
    public async Task Thirty_two_levels_are_taken_and_thirty_three_are_not()
    {
        var reply = await PostAsync(Nested(33));
        Assert.Equal((400, "invalid-json"), ((int)reply.Status, reply.Text("code")));
        Assert.Contains("32", reply.Text("detail"), StringComparison.Ordinal);
        await NothingIsStoredAsync();
        var taken = await PostAsync(Nested(32));             // deep enough to be read, and then not what the task takes
        Assert.Equal((400, "invalid-args"), ((int)taken.Status, taken.Text("code")));

        // The object itself and "args" are the first two levels.
        static string Nested(int depth) => $$"""{"task": "square", "args": {"n": {{new string('[', depth - 2) + new string(']', depth - 2)}} } }""";
    }

    [Theory]
    [InlineData("/jobs", "actorperf")]
    [InlineData("/compute/square", "bytes")]
    public async Task Ten_megabytes_are_too_large(string path, string says)
    {
        using var content = Content(Encoding.UTF8.GetBytes($$"""{"task": "square", "args": {"n": "{{new string('x', 10_000_000)}}"} }"""), Json);
        var reply = await Api.SendAsync(HttpMethod.Post, path, content, NodeApi.Namespace(_space));
        Assert.Equal((413, "payload-too-large"), ((int)reply.Status, reply.Text("code")));
        Assert.Contains(says, reply.Text("detail"), StringComparison.Ordinal);
        await NothingIsStoredAsync();
    }

    [Fact]
    public async Task The_same_id_or_key_with_another_body_changes_nothing()
    {
        var id = Guid.CreateVersion7();
        var first = await PostAsync($$"""{"task": "square", "args": {"n": 3}, "id": "{{id}}", "queue": "nobody"}""");
        var other = await PostAsync($$"""{"task": "square", "args": {"n": 4}, "id": "{{id}}", "queue": "nobody"}""");
        Assert.Equal((409, "id-conflict"), ((int)other.Status, other.Text("code")));
        var keyed = await PostAsync("""{"task": "square", "args": {"n": 5}, "queue": "nobody"}""", ("Idempotency-Key", "once"));
        var mismatch = await PostAsync("""{"task": "square", "args": {"n": 6}, "queue": "nobody"}""", ("Idempotency-Key", "once"));
        Assert.Equal((422, "idempotency-mismatch"), ((int)mismatch.Status, mismatch.Text("code")));
        Assert.Equal(new[] { first.Text("id"), keyed.Text("id") }.Order(), (await Api.ListAsync(_space)).Select(job => job.GetProperty("id").GetString()).Order());
        Assert.Equal(3, (await Api.GetAsync($"/jobs/{id}", NodeApi.Namespace(_space))).Body.GetProperty("args").GetProperty("n").GetInt32());
    }

    [Fact]
    public async Task A_cursor_of_another_list_or_with_a_letter_changed_is_refused()
    {
        for (var n = 0; n < 3; n++) await PostAsync($$"""{"task": "square", "args": {"n": {{n}}}, "queue": "nobody"}""");
        var cursor = (await Api.GetAsync("/jobs?limit=1", NodeApi.Namespace(_space))).Text("next");
        Assert.Equal(200, (int)(await Api.GetAsync($"/jobs?limit=1&cursor={cursor}", NodeApi.Namespace(_space))).Status);
        var forged = (cursor[0] == 'B' ? 'C' : 'B') + cursor[1..];
        foreach (var bad in new[] { $"/jobs?limit=1&cursor={forged}", $"/jobs?limit=1&queue=nobody&cursor={cursor}" })
        {
            var reply = await Api.GetAsync(bad, NodeApi.Namespace(_space));
            Assert.Equal((400, "invalid-request"), ((int)reply.Status, reply.Text("code")));
        }
        Assert.Equal(400, (int)(await Api.GetAsync($"/jobs?limit=1&cursor={cursor}", NodeApi.Namespace("bad-input-other"))).Status);
    }

    [Fact]
    public async Task The_broken_500th_line_of_a_batch_is_refused_alone()
    {
        var lines = Enumerable.Range(0, 1_000).Select(n => n == 499 ? """{"task": "square", "args": {"n": }""" : $$"""{"task": "square", "args": {"n": {{n}}}, "queue": "nobody"}""");
        var answers = await Api.BatchAsync(lines, NodeApi.Namespace(_space));
        Assert.Equal(1_001, answers.Count);
        var refused = Assert.Single(answers.SkipLast(1), answer => answer.GetProperty("status").GetInt32() != 202);
        Assert.Equal((499, 400), (refused.GetProperty("index").GetInt32(), refused.GetProperty("status").GetInt32()));
        Assert.Equal("invalid-json", refused.GetProperty("problem").GetProperty("code").GetString());
        Assert.Equal("""{"accepted":999,"rejected":1,"deduplicated":0,"complete":true}""", answers[^1].GetRawText());
        Assert.Equal(999, (await Api.ListAsync(_space)).Count);
    }

    private Task<Reply> PostAsync(string json, params (string, string)[] headers) => Api.PostAsync("/jobs", json, [NodeApi.Namespace(_space), .. headers]);

    private async Task NothingIsStoredAsync() => Assert.Empty(await Api.CountsAsync(_space));

    private static ByteArrayContent Content(byte[] body, string type)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return content;
    }
}
