using System.Net;
using System.Text.Json;
using ActorPerf.Data;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Web.Api;

public sealed class EntityTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private HttpClient Client => shared.Host.Client;

    [Fact]
    public async Task An_entity_is_written_read_and_removed()
    {
        using var created = await PutAsync("data/Account/ann", """{"name": "Ann",  "n": 1.50}""");
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal("/api/v1/data/Account/ann", created.Headers.Location!.ToString());
        Assert.Equal("\"1\"", created.Headers.ETag!.Tag);
        using var read = await Client.GetAsync("data/Account/ann");
        var entity = await read.BodyAsync();
        Assert.Equal(["kind", "id", "version", "data", "updatedAt"], entity.EnumerateObject().Select(static member => member.Name));
        Assert.Equal("""{"name": "Ann",  "n": 1.50}""", entity.GetProperty("data").GetRawText());
        Assert.Equal("ann", entity.GetProperty("id").GetString());
        using var again = await PutAsync("data/Account/ann", "{}");
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal("\"2\"", again.Headers.ETag!.Tag);
        using var removed = await Client.DeleteAsync("data/Account/ann");
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        using var twice = await Client.DeleteAsync("data/Account/ann");
        Assert.Equal(HttpStatusCode.NoContent, twice.StatusCode);
        using var gone = await Client.GetAsync("data/Account/ann");
        await gone.ProblemAsync(404, "not-found");
    }

    [Theory]
    [InlineData("100%2541")]
    [InlineData("a%2Fb")]
    [InlineData("%C3%A9")]
    public async Task Where_a_new_one_is_leads_to_itself(string id)
    {
        var answer = await shared.Host.RawAsync($"PUT /api/v1/data/Odd/{id} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}");
        Assert.StartsWith("HTTP/1.1 201", answer, StringComparison.Ordinal);
        Assert.Contains($"\nLocation: /api/v1/data/Odd/{id}\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_new_is_created_also_where_others_of_its_kind_were_removed()
    {
        await PutAsync("data/Renewed/a", "{}");
        await Client.DeleteAsync("data/Renewed/a");
        foreach (var id in new[] { "a", "b" })
        {
            using var created = await PutAsync($"data/Renewed/{id}", "{}");
            Assert.Equal((HttpStatusCode.Created, $"/api/v1/data/Renewed/{id}"), (created.StatusCode, created.Headers.Location?.ToString()));
            using var replaced = await PutAsync($"data/Renewed/{id}", "{}");
            Assert.Equal((HttpStatusCode.OK, null), (replaced.StatusCode, replaced.Headers.Location));
        }
    }

    [Theory]
    [InlineData("12")]
    [InlineData("0198c1f2-0000-7000-8000-000000000001")]
    [InlineData("a/b c%2F?#ü")]
    [InlineData("get")]
    [InlineData("007")]
    public async Task Any_id_has_its_address(string id)
    {
        var address = $"data/Odd/{Uri.EscapeDataString(id)}";
        using var written = await PutAsync(address, """{"v": 1}""");
        Assert.Equal(id, (await written.BodyAsync()).GetProperty("id").GetString());
        using var read = await Client.GetAsync(address);
        Assert.Equal(id, (await read.BodyAsync()).GetProperty("id").GetString());
        Assert.NotNull(await shared.Host.Data.GetAsync(Key.Of(Namespace.Default, "Odd", id)));
    }

    [Fact]
    public async Task A_known_version_is_not_sent_again()
    {
        await PutAsync("data/Known/1", "{}");
        using var request = With(HttpMethod.Get, "data/Known/1", "If-None-Match", "\"7\", W/\"1\"");
        using var response = await Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
        using var other = With(HttpMethod.Get, "data/Known/1", "If-None-Match", "\"7\"");
        using var sent = await Client.SendAsync(other);
        Assert.Equal(HttpStatusCode.OK, sent.StatusCode);
    }

    [Theory]
    [InlineData("PUT", "If-Match", "\"1\"", 200)]
    [InlineData("PUT", "If-Match", "\"9\", \"1\"", 200)]
    [InlineData("PUT", "If-Match", "*", 200)]
    [InlineData("PUT", "If-Match", "\"2\"", 412)]
    [InlineData("PUT", "If-Match", "\"0\"", 412)]
    [InlineData("PUT", "If-Match", "W/\"1\"", 412)]
    [InlineData("PUT", "If-Match", "nonsense", 412)]
    [InlineData("PUT", "If-None-Match", "*", 412)]
    [InlineData("PUT", "If-None-Match", "\"1\"", 400)]
    [InlineData("PATCH", "If-Match", "\"1\"", 200)]
    [InlineData("PATCH", "If-Match", "\"2\"", 412)]
    [InlineData("PATCH", "If-None-Match", "*", 400)]
    [InlineData("DELETE", "If-Match", "\"1\"", 204)]
    [InlineData("DELETE", "If-Match", "\"2\"", 412)]
    [InlineData("DELETE", "If-Match", "*", 204)]
    public async Task A_write_may_insist_on_a_version(string method, string header, string value, int status)
    {
        var kind = $"Strict{Guid.NewGuid():N}";                  // of its own: a kind in which something was deleted gives later versions to new entities
        var address = $"data/{kind}/1";
        await PutAsync(address, "{}");
        using var request = With(new HttpMethod(method), address, header, value);
        if (method != "DELETE") request.Content = Http.Json("""{"n": 2}""");
        using var response = await Client.SendAsync(request);
        Assert.Equal(status, (int)response.StatusCode);
        if (status == 412) await response.ProblemAsync(412, "precondition-failed");
        var stands = await shared.Host.Data.GetAsync(Key.Of(Namespace.Default, kind, 1));
        Assert.Equal(status switch { 200 => 2, 204 => null, _ => 1L }, stands?.Version);
    }

    [Theory]
    [InlineData("PUT", "If-Match", "*", 412)]
    [InlineData("PUT", "If-Match", "\"1\"", 412)]
    [InlineData("PUT", "If-None-Match", "*", 201)]
    [InlineData("PATCH", "If-Match", "\"1\"", 412)]
    [InlineData("DELETE", "If-Match", "*", 412)]
    [InlineData("DELETE", "If-Match", "\"1\"", 412)]
    public async Task A_write_may_insist_on_what_is_not_there(string method, string header, string value, int status)
    {
        using var request = With(new HttpMethod(method), $"data/Strict/{Guid.NewGuid()}", header, value);
        if (method != "DELETE") request.Content = Http.Json("{}");
        using var response = await Client.SendAsync(request);
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_patch_changes_what_it_names_and_keeps_the_bytes_of_the_rest()
    {
        await PutAsync("data/Patched/1", """{"big": 12345678901234567890.10, "text": "\u00e4", "old": 1, "inner": {"a": 1, "b": [1,2]}}""");
        using var response = await Client.PatchAsync("data/Patched/1", Http.Typed("""{"old": null, "inner": {"a": null, "c": {"d": null, "e": 2}}, "new": [null]}""", "application/merge-patch+json"));
        Assert.Equal("""{"big":12345678901234567890.10,"text":"\u00e4","inner":{"b":[1,2],"c":{"e":2}},"new":[null]}""", (await response.BodyAsync()).GetProperty("data").GetRawText());
        using var missing = await Client.PatchAsync("data/Patched/none", Http.Json("{}"));
        await missing.ProblemAsync(404, "not-found");
    }

    /// <summary>The examples of RFC 7396, appendix A, as members of an object.</summary>
    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"a":null}""", "{}")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("{}", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    [InlineData("""{"\u0061":1}""", """{"a":2}""", """{"\u0061":2}""")]
    public void A_merge_patch_does_what_its_RFC_says(string target, string patch, string result) =>
        Assert.Equal(result, System.Text.Encoding.UTF8.GetString(ActorPerf.Web.Wire.MergePatch.Apply(System.Text.Encoding.UTF8.GetBytes(target), System.Text.Encoding.UTF8.GetBytes(patch)).Span));

    [Fact]
    public async Task Patches_at_once_lose_nothing()
    {
        await PutAsync("data/Busy/1", "{}");
        var patches = await Task.WhenAll(Enumerable.Range(0, 6).Select(n => Client.PatchAsync("data/Busy/1", Http.Json($$"""{"p{{n}}": {{n}}}"""))));
        var done = patches.Count(static patch => patch.StatusCode == HttpStatusCode.OK);
        foreach (var patch in patches) patch.Dispose();
        using var read = await Client.GetAsync("data/Busy/1");
        Assert.Equal(6, done);
        Assert.Equal(6, (await read.BodyAsync()).GetProperty("data").EnumerateObject().Count());
    }

    [Fact]
    public async Task One_namespace_sees_nothing_of_another()
    {
        using var write = With(HttpMethod.Put, "data/Secret/1", "ActorPerf-Namespace", "other");
        write.Content = Http.Json("{}");
        using var written = await Client.SendAsync(write);
        Assert.Equal(HttpStatusCode.Created, written.StatusCode);
        using var mine = await Client.GetAsync("data/Secret/1");
        await mine.ProblemAsync(404, "not-found");
        using var list = With(HttpMethod.Get, "data", "ActorPerf-Namespace", "other");
        using var kinds = await Client.SendAsync(list);
        Assert.Equal("Secret", (await kinds.BodyAsync()).GetProperty("items")[0].GetProperty("kind").GetString());
    }

    [Fact]
    public async Task An_entity_has_at_most_one_mebibyte()
    {
        using var fits = await PutAsync("data/Large/1", Sized(1024 * 1024));
        Assert.Equal(HttpStatusCode.Created, fits.StatusCode);
        using var large = await PutAsync("data/Large/1", Sized(1024 * 1024 + 1));
        await large.ProblemAsync(413, "payload-too-large");
        using var patched = await Client.PatchAsync("data/Large/1", Http.Json("""{"more": "than fits"}"""));
        await patched.ProblemAsync(413, "payload-too-large");
    }

    [Theory]
    [InlineData("data/9kind/1", "{}", 400, "invalid-request")]
    [InlineData("data/k%C3%BC/1", "{}", 400, "invalid-request")]
    [InlineData("data/Kind/%01", "{}", 400, "invalid-request")]
    [InlineData("data/Kind/1", "[]", 400, "invalid-json")]
    [InlineData("data/Kind/1", "", 400, "invalid-json")]
    [InlineData("data/Kind/1", "{} {}", 400, "invalid-json")]
    [InlineData("data/Kind/1", "{\"a\": 1", 400, "invalid-json")]
    [InlineData("data/Kind/1", "{\"a\": 1, \"\\u0061\": 2}", 400, "invalid-request")]
    [InlineData("data/Kind/1", "{\"a\": {\"b\": 1, \"b\": 2}}", 400, "invalid-request")]
    [InlineData("data/Kind/1", "{\"a\": \"\\ud800\"}", 400, "invalid-request")]
    [InlineData("data/Kind/1", "{\"a\": \"\\u0000\"}", 400, "invalid-request")]
    [InlineData("data/Kind/1", "{\"a\": 1e999}", 400, "invalid-request")]
    public async Task What_cannot_be_taken_is_refused(string address, string body, int status, string code)
    {
        using var response = await PutAsync(address, body);
        await response.ProblemAsync(status, code);
    }

    [Fact]
    public async Task A_body_too_deep_and_an_id_too_long_are_refused()
    {
        using var deep = await PutAsync("data/Kind/1", string.Concat(Enumerable.Repeat("{\"a\":", 40)) + "1" + new string('}', 40));
        await deep.ProblemAsync(400, "invalid-json");
        using var longId = await Client.GetAsync($"data/Kind/{new string('x', 451)}");
        await longId.ProblemAsync(400, "invalid-request");
        using var typed = await Client.PutAsync("data/Kind/1", Http.Typed("{}", "text/plain"));
        await typed.ProblemAsync(415, "unsupported-media-type");
    }

    private static string Sized(int bytes) => $$"""{"a":"{{new string('x', bytes - 8)}}"}""";

    private Task<HttpResponseMessage> PutAsync(string address, string body) => Client.PutAsync(address, Http.Json(body));

    private static HttpRequestMessage With(HttpMethod method, string address, string header, string value)
    {
        var request = new HttpRequestMessage(method, address);
        request.Headers.TryAddWithoutValidation(header, value);
        return request;
    }
}
