using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ActorPerf.Data;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Web.Api;

public sealed class EntityQueryTests : IAsyncLifetime
{
    private WebHost _host = null!;

    private HttpClient Client => _host.Client;

    public async ValueTask InitializeAsync()
    {
        _host = await WebHost.StartAsync();
        var entities = Enumerable.Range(1, 25).Select(static n => $$$"""{"id": "{{{n}}}", "data": {"n": {{{n}}}, "city": "{{{(n % 2 == 0 ? "Rome" : "Oslo")}}}", "address": {"zip": "{{{n:000}}}"} } }""");
        await Client.PostAsync("data/Person/put", $$"""{"entities": [{{string.Join(',', entities)}}]}""", HttpStatusCode.OK);
    }

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("""{"n": {"eq": 3}}""", 1)]
    [InlineData("""{"n": {"ne": 3}}""", 24)]
    [InlineData("""{"n": {"lt": 3}}""", 2)]
    [InlineData("""{"n": {"le": 3}}""", 3)]
    [InlineData("""{"n": {"gt": 3, "le": 5.0}}""", 2)]
    [InlineData("""{"n": {"ge": 24}}""", 2)]
    [InlineData("""{"n": {"in": [1, 2, "x"]}}""", 2)]
    [InlineData("""{"address.zip": {"startsWith": "00"}}""", 9)]
    [InlineData("""{"address.zip": {"exists": true}, "city": {"eq": "Rome"}}""", 12)]
    [InlineData("""{"nothing": {"exists": false}}""", 25)]
    [InlineData("""{"or": [{"n": {"eq": 1}}, {"n": {"eq": 2}}]}""", 2)]
    [InlineData("""{"and": [{"city": {"eq": "Oslo"}}, {"not": {"n": {"gt": 5}}}]}""", 3)]
    [InlineData("""{"n": {"eq": "3"}}""", 0)]
    public async Task A_filter_is_counted_and_found(string filter, int count)
    {
        Assert.Equal(count, (await Client.PostAsync("data/Person/count", $$"""{"filter": {{filter}}}""", HttpStatusCode.OK)).GetProperty("count").GetInt64());
        var page = await Client.PostAsync("data/Person/query", $$"""{"filter": {{filter}}, "limit": 100}""", HttpStatusCode.OK);
        Assert.Equal(count, page.GetProperty("items").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, page.GetProperty("next").ValueKind);
    }

    [Fact]
    public async Task Pages_follow_each_other_without_gap_or_repeat()
    {
        var seen = new List<int>();
        string? cursor = null;
        do
        {
            var page = await Client.PostAsync("data/Person/query", $$"""{"order": ["city", "-n"], "limit": 10, "cursor": {{JsonSerializer.Serialize(cursor)}}}""", HttpStatusCode.OK);
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(static item => item.GetProperty("data").GetProperty("n").GetInt32()));
            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);
        Assert.Equal(Enumerable.Range(1, 25).OrderBy(static n => n % 2 == 0).ThenByDescending(static n => n), seen);
    }

    [Theory]
    [InlineData("x", 20_000)]
    [InlineData("😀", 250_000)]
    public async Task A_cursor_of_a_page_that_ended_with_a_long_text_is_good_too(string part, int times)
    {
        var name = string.Concat(Enumerable.Repeat(part, times));
        foreach (var id in new[] { 1, 2 })
        {
            using var put = await Client.PutAsync($"data/Long/{id}", Http.Json($$"""{"name": "{{name}}"}"""));
            Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        }
        var first = await Client.PostAsync("data/Long/query", """{"order": ["name"], "limit": 1, "keysOnly": true}""", HttpStatusCode.OK);
        var second = await Client.PostAsync("data/Long/query", $$"""{"order": ["name"], "limit": 1, "keysOnly": true, "cursor": "{{first.GetProperty("next").GetString()}}"}""", HttpStatusCode.OK);
        Assert.Equal(("2", JsonValueKind.Null), (second.GetProperty("items")[0].GetProperty("id").GetString(), second.GetProperty("next").ValueKind));
    }

    [Fact]
    public async Task A_cursor_leads_on_where_16_MiB_ended_a_page_before_its_limit()
    {
        const int entities = 18;
        var large = $$"""{"text": "{{new string('x', 1_000_000)}}"}""";
        for (var id = 1; id <= entities; id++)
        {
            using var put = await Client.PutAsync($"data/Large/{id}", Http.Json(large));
            Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        }
        var first = await Client.PostAsync("data/Large/query", """{"limit": 500}""", HttpStatusCode.OK);
        Assert.Equal(17, first.GetProperty("items").GetArrayLength());
        var second = await Client.PostAsync("data/Large/query", $$"""{"limit": 500, "cursor": "{{first.GetProperty("next").GetString()}}"}""", HttpStatusCode.OK);
        Assert.Equal((entities - 17, JsonValueKind.Null), (second.GetProperty("items").GetArrayLength(), second.GetProperty("next").ValueKind));
    }

    [Fact]
    public async Task A_cursor_is_good_for_its_own_query_only()
    {
        var page = await Client.PostAsync("data/Person/query", """{"filter": {"n": {"gt": 1}}, "order": ["n"], "limit": 5}""", HttpStatusCode.OK);
        var next = page.GetProperty("next").GetString();
        foreach (var other in new[]
                 {
                     $$$"""{"filter": {"n": {"gt": 2}}, "order": ["n"], "cursor": "{{{next}}}"}""", $$$"""{"filter": {"n": {"gt": 1}}, "order": ["-n"], "cursor": "{{{next}}}"}""",
                     $$$"""{"filter": {"n": {"gt": 1}}, "cursor": "{{{next}}}"}""", """{"cursor": "AAAAAAAAAAAAAAAA"}""", """{"cursor": "?"}""", """{"cursor": 1}""",
                 })
        {
            using var refused = await Client.PostAsync("data/Person/query", Http.Json(other));
            Assert.Equal(["/cursor"], (await refused.ProblemAsync(400, "invalid-request")).Pointers());
        }
        using var kind = await Client.PostAsync("data/Human/query", Http.Json($$$"""{"filter": {"n": {"gt": 1}}, "order": ["n"], "cursor": "{{{next}}}"}"""));
        await kind.ProblemAsync(400, "invalid-request");
    }

    [Fact]
    public async Task Keys_alone_and_chosen_members_are_brought()
    {
        var keys = await Client.PostAsync("data/Person/query", """{"keysOnly": true, "limit": 1}""", HttpStatusCode.OK);
        Assert.Equal(["kind", "id", "version", "updatedAt"], keys.GetProperty("items")[0].EnumerateObject().Select(static member => member.Name));
        var some = await Client.PostAsync("data/Person/query", """{"select": ["city"], "limit": 1}""", HttpStatusCode.OK);
        Assert.Equal("""{"city":"Oslo"}""", some.GetProperty("items")[0].GetProperty("data").GetRawText().Replace(" ", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"filter": []}""", "/filter", "object")]
    [InlineData("""{"filter": {}}""", "/filter", "empty")]
    [InlineData("""{"filter": {"n": 1}}""", "/filter/n", "eq")]
    [InlineData("""{"filter": {"n": {}}}""", "/filter/n", "Operators")]
    [InlineData("""{"filter": {"n": {"equals": 1}}}""", "/filter/n/equals", "did you mean 'eq'?")]
    [InlineData("""{"filter": {"n": {"$gte": 1}}}""", "/filter/n/$gte", "did you mean 'ge'?")]
    [InlineData("""{"filter": {"n": {"startswith": "a"}}}""", "/filter/n/startswith", "did you mean 'startsWith'?")]
    [InlineData("""{"filter": {"n": {"eq": {}}}}""", "/filter/n/eq", "not compared")]
    [InlineData("""{"filter": {"n": {"eq": 1e999}}}""", "/filter/n/eq", "range")]
    [InlineData("""{"filter": {"n": {"eq": "\u0000"}}}""", "/filter/n/eq", "U+0000")]
    [InlineData("""{"filter": {"n": {"in": []}}}""", "/filter/n/in", "1 to 100")]
    [InlineData("""{"filter": {"n": {"in": [1, []]}}}""", "/filter/n/in/1", "not compared")]
    [InlineData("""{"filter": {"n": {"exists": 1}}}""", "/filter/n/exists", "true or false")]
    [InlineData("""{"filter": {"n": {"startsWith": 1}}}""", "/filter/n/startsWith", "text")]
    [InlineData("""{"filter": {"a..b": {"eq": 1}}}""", "/filter/a..b", "path")]
    [InlineData("""{"filter": {"a'b": {"eq": 1}}}""", "/filter/a'b", "path")]
    [InlineData("""{"filter": {"or": []}}""", "/filter/or", "at least one")]
    [InlineData("""{"filter": {"or": [{"n": {"eq": 1}}, {"n": 2}]}}""", "/filter/or/1/n", "condition")]
    [InlineData("""{"filter": {"not": {}}}""", "/filter/not", "empty")]
    [InlineData("""{"order": "n"}""", "/order", "array")]
    [InlineData("""{"order": ["n", "-n"]}""", "/order/1", "twice")]
    [InlineData("""{"order": ["n;drop"]}""", "/order/0", "path")]
    [InlineData("""{"limit": 0}""", "/limit", "500")]
    [InlineData("""{"limit": 501}""", "/limit", "x-ndjson")]
    [InlineData("""{"keysOnly": 1}""", "/keysOnly", "true or false")]
    [InlineData("""{"keysOnly": true, "select": ["a"]}""", "/select", "keysOnly")]
    [InlineData("""{"where": {}}""", "/where", "No such member")]
    public async Task A_query_is_read_strictly(string body, string pointer, string told)
    {
        using var response = await Client.PostAsync("data/Person/query", Http.Json(body));
        var problem = await response.ProblemAsync(400, "invalid-request");
        Assert.Equal([pointer], problem.Pointers());
        Assert.Contains(told, problem.GetProperty("errors")[0].GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_filter_is_bounded()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"not\":", 10)) + "{\"n\":{\"eq\":1}}" + new string('}', 10);
        using var nested = await Client.PostAsync("data/Person/count", Http.Json($$"""{"filter": {{deep}} }"""));
        Assert.Contains("levels", (await nested.ProblemAsync(400, "invalid-request")).GetProperty("detail").GetString(), StringComparison.Ordinal);
        var wide = string.Join(',', Enumerable.Repeat("{\"n\":{\"eq\":1}}", 101));
        using var many = await Client.PostAsync("data/Person/count", Http.Json($$"""{"filter": {"or": [{{wide}}] } }"""));
        Assert.Contains("100 conditions", (await many.ProblemAsync(400, "invalid-request")).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(LargestFilters))]
    public async Task The_largest_filters_that_are_allowed_are_answered(string filter, int count)
    {
        Assert.Equal(count, (await Client.PostAsync("data/Person/count", $$"""{"filter": {{filter}}}""", HttpStatusCode.OK)).GetProperty("count").GetInt64());
        Assert.Equal(count, (await Client.PostAsync("data/Person/query", $$"""{"filter": {{filter}}}""", HttpStatusCode.OK)).GetProperty("items").GetArrayLength());
    }

    /// <summary>A hundred conditions, eight levels, as many groups around them as there can be.</summary>
    public static TheoryData<string, int> LargestFilters { get; } = new()
    {
        { All("""{"not": {"n": {"eq": 1}}}"""), 24 },
        { Enumerable.Range(0, 8).Aggregate("""{"n": {"ge": 1, "le": 3}, "city": {"exists": true}}""", static (inner, _) => $$$"""{"n": {"ge": 1, "le": 3}, "or": [{{{inner}}}, {"n": {"eq": 0}}]}"""), 3 },
        { All(Enumerable.Range(0, 7).Aggregate("""{"n": {"eq": 1}}""", static (inner, _) => $$"""{"not": {{inner}} }""")), 24 },
    };

    private static string All(string one) => $"{{\"and\": [{string.Join(',', Enumerable.Repeat(one, 100))}]}}";

    [Theory]
    [InlineData("a\\u0000b")]
    [InlineData("\\ud800")]
    public async Task A_cursor_that_names_a_text_which_none_has_is_refused(string text)
    {
        var page = await Client.PostAsync("data/Person/query", """{"order": ["city"], "limit": 1}""", HttpStatusCode.OK);
        var bytes = Base64Url.DecodeFromChars(page.GetProperty("next").GetString());
        var forged = Base64Url.EncodeToString([.. bytes[..8], .. Encoding.UTF8.GetBytes($$"""["1","{{text}}"]""")]);
        using var refused = await Client.PostAsync("data/Person/query", Http.Json($$"""{"order": ["city"], "cursor": "{{forged}}"}"""));
        Assert.Equal(["/cursor"], (await refused.ProblemAsync(400, "invalid-request")).Pointers());
    }

    [Fact]
    public async Task A_stream_of_lines_has_any_length()
    {
        using var all = await LinesAsync("""{"order": ["n"]}""");
        var lines = (await all.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("application/x-ndjson", all.Content.Headers.ContentType!.MediaType);
        Assert.Equal(25, lines.Length);
        Assert.Equal(1, JsonDocument.Parse(lines[0]).RootElement.GetProperty("data").GetProperty("n").GetInt32());
        using var some = await LinesAsync("""{"limit": 7}""");
        Assert.Equal(7, (await some.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        using var bad = await LinesAsync("""{"limit": 0}""");
        await bad.ProblemAsync(400, "invalid-request");
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public async Task A_line_holds_a_whole_entity_whatever_lines_it_was_written_on(string lineBreak)
    {
        var written = """{~  "text": "a\\nb\\\"\\r",~  "n": 1.50,~  "list": [~    1,~    2~  ]~}""".Replace("~  ", lineBreak + "  ", StringComparison.Ordinal).Replace("~}", lineBreak + "}", StringComparison.Ordinal);
        foreach (var id in new[] { 1, 2 })
        {
            using var put = await Client.PutAsync($"data/Pretty/{id}", Http.Json(written));
            Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        }
        using var streamed = await LinesAsync("{}", "Pretty");
        var text = await streamed.Content.ReadAsStringAsync();
        Assert.DoesNotContain('\r', text);
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        foreach (var line in lines)
        {
            using var entity = JsonDocument.Parse(line);
            Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(written).RootElement, entity.RootElement.GetProperty("data")));
            Assert.Equal("1.50", entity.RootElement.GetProperty("data").GetProperty("n").GetRawText());
        }
        // Where it is not one line among others, it keeps its bytes.
        Assert.Contains(written, await Client.GetStringAsync("data/Pretty/1"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/x-ndjson;q=0.9", true)]
    [InlineData("application/json;q=0.5, application/x-ndjson; q=1.0", true)]
    [InlineData("application/x-ndjson;profile=a", true)]
    [InlineData("application/x-ndjson;q=0", false)]
    [InlineData("application/json", false)]
    public async Task Lines_are_asked_for_by_their_type_whatever_its_parameters(string accept, bool lines)
    {
        using var answer = await LinesAsync("{}", "Nobody", accept: accept);
        Assert.Equal(lines ? "application/x-ndjson" : "application/json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_stream_that_nobody_reads_stops_reading_the_store()
    {
        var filler = new string('x', 100_000);
        for (var i = 0; i < 60; i++)
        {
            var some = string.Join(',', Enumerable.Range(i * 20, 20).Select(n => $$$"""{"id": "{{{n + 1}}}", "data": {"f": "{{{filler}}}"} }"""));
            await Client.PostAsync("data/Heavy/put", $$"""{"entities": [{{some}}]}""", HttpStatusCode.OK);
        }
        _host.Store.Forget();
        using (var response = await LinesAsync("{}", "Heavy", HttpCompletionOption.ResponseHeadersRead))
        {
            await using var body = await response.Content.ReadAsStreamAsync();
            Assert.True(await body.ReadAsync(new byte[1_000]) > 0);
        }
        // 1,200 of 100 kB in pages of 200: six statements, if somebody read them.
        Assert.InRange(_host.Store.Statements.Count(static statement => statement.Sort == ScriptedSort.Query), 1, 3);
    }

    private async Task<HttpResponseMessage> LinesAsync(string body, string kind = "Person", HttpCompletionOption until = HttpCompletionOption.ResponseContentRead, string accept = "application/x-ndjson")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"data/{kind}/query") { Content = Http.Json(body) };
        request.Headers.TryAddWithoutValidation("Accept", accept);
        return await Client.SendAsync(request, until);
    }
}
