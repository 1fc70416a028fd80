using System.Net;
using System.Text;
using System.Text.Json;
using ActorPerf.Data;
using ActorPerf.Tasks;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Web.Api;

public sealed class EntityListTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private HttpClient Client => shared.Host.Client;

    [Fact]
    public async Task Many_are_written_on_their_own_terms_and_read_in_order()
    {
        var put = await Client.PostAsync("data/Many/put", """{"entities": [{"id": "a", "data": {"n": 1}}, {"data": {"n": 2}}, {"id": "b", "data": {"n": 3}, "version": 5}, {"id": "c", "data": {"n": "\u0000"}}]}""", HttpStatusCode.OK);
        var items = put.GetProperty("items");
        Assert.Equal("a", items[0].GetProperty("id").GetString());
        Assert.Equal(1, items[0].GetProperty("version").GetInt64());
        Assert.Matches("^[0-9]+$", items[1].GetProperty("id").GetString());
        Assert.Equal("version-conflict", items[2].GetProperty("problem").GetProperty("code").GetString());
        Assert.Equal("invalid-request", items[3].GetProperty("problem").GetProperty("code").GetString());
        var got = await Client.PostAsync("data/Many/get", """{"ids": ["b", "a", "a"]}""", HttpStatusCode.OK);
        Assert.Equal(JsonValueKind.Null, got.GetProperty("items")[0].ValueKind);
        Assert.Equal(1, got.GetProperty("items")[1].GetProperty("data").GetProperty("n").GetInt32());
        Assert.Equal("a", got.GetProperty("items")[2].GetProperty("id").GetString());
        Assert.Equal(0, (await Client.PostAsync("data/Many/get", """{"ids": []}""", HttpStatusCode.OK)).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Fifty_are_read_in_one_statement()
    {
        await using var host = await WebHost.StartAsync();
        var ids = string.Join(',', Enumerable.Range(1, 50).Select(static n => $"\"{n}\""));
        await host.Client.PostAsync("data/Thing/get", $$"""{"ids": [{{ids}}]}""", HttpStatusCode.OK);
        Assert.Equal([50], host.Store.Statements.Where(static statement => statement.Sort == ScriptedSort.Read).Select(static statement => statement.Keys.Count));
        using var kinds = await host.Client.GetAsync("data");
        var reads = (await kinds.BodyAsync()).GetProperty("reads");
        Assert.Equal(1, reads.GetProperty("statements").GetInt64());
        Assert.Equal(50, reads.GetProperty("meanBatch").GetDouble());
        Assert.Equal(64, reads.GetProperty("batchSizes")[0].GetProperty("upTo").GetInt64());
        Assert.Equal(1, reads.GetProperty("waits")[0].GetProperty("count").GetInt64());
    }

    [Fact]
    public async Task What_is_asked_for_is_read_in_parts_and_none_of_it_ahead_of_a_client_that_does_not_read()
    {
        await using var host = await WebHost.StartAsync();
        var data = Encoding.UTF8.GetBytes($$"""{"filler": "{{new string('x', 512 * 1024)}}"}""");
        for (var id = 1; id <= 100; id++) await host.Data.WriteAsync(new EntityWrite.Put(Key.Of(Namespace.Default, "Large", id), data));
        host.Store.Forget();
        using (var request = new HttpRequestMessage(HttpMethod.Post, "data/Large/get") { Content = Http.Json($$"""{"ids": [{{string.Join(',', Enumerable.Range(1, 100).Select(static n => $"\"{n}\""))}}]}""") })
        using (var answer = await host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal([64], Reads());
        }
        host.Store.Forget();
        await host.Client.PostAsync("data/Small/get", $$"""{"ids": [{{string.Join(',', Enumerable.Range(1, 1_000).Select(static n => $"\"{n}\""))}}]}""", HttpStatusCode.OK);
        Assert.Equal([64, 500, 436], Reads());
        // An answer that has not begun fails as a whole.
        host.Store.FailBefore = static statement => statement.Sort == ScriptedSort.Read && statement.Keys.Any(static key => key.Id == 1_000) ? new ActorPerf.Cluster.StoreUnavailableException() : null;
        using var failed = await host.Client.PostAsync("data/Small/get", Http.Json($$"""{"ids": [{{string.Join(',', Enumerable.Range(1, 1_000).Select(static n => $"\"{n}\""))}}]}"""));
        await failed.ProblemAsync(503, "storage-unavailable");

        IEnumerable<int> Reads() => host.Store.Statements.Where(static statement => statement.Sort == ScriptedSort.Read).Select(static statement => statement.Keys.Count);
    }

    [Fact]
    public async Task A_statement_that_fails_hides_nothing_that_another_has_written()
    {
        await using var host = await WebHost.StartAsync();
        host.Store.FailBefore = static statement => statement.Sort == ScriptedSort.Write && statement.Keys.Any(static key => key.Id == 1_000) ? new ActorPerf.Cluster.StoreUnavailableException() : null;
        var entities = string.Join(',', Enumerable.Range(1, 1_000).Select(static n => $$$"""{"id": "{{{n}}}", "data": {}}"""));
        var items = (await host.Client.PostAsync("data/Thing/put", $$"""{"entities": [{{entities}}]}""", HttpStatusCode.OK)).GetProperty("items");
        Assert.Equal(1, items[0].GetProperty("version").GetInt64());
        Assert.Equal(("1000", "storage-unavailable"), (items[999].GetProperty("id").GetString(), items[999].GetProperty("problem").GetProperty("code").GetString()));
        host.Store.FailBefore = static statement => statement.Sort == ScriptedSort.Write ? new ActorPerf.Cluster.StoreUnavailableException() : null;
        using var nothing = await host.Client.PostAsync("data/Thing/put", Http.Json($$"""{"entities": [{{entities}}]}"""));
        await nothing.ProblemAsync(503, "storage-unavailable");
    }

    [Fact]
    public async Task A_long_list_goes_out_whole()
    {
        var filler = new string('x', 2_000);
        var entities = string.Join(',', Enumerable.Range(1, 300).Select(n => $$$"""{"id": "{{{n}}}", "data": {"filler": "{{{filler}}}"}}"""));
        await Client.PostAsync("data/Long/put", $$"""{"entities": [{{entities}}]}""", HttpStatusCode.OK);
        var got = await Client.PostAsync("data/Long/get", $$"""{"ids": [{{string.Join(',', Enumerable.Range(1, 300).Select(static n => $"\"{n}\""))}}]}""", HttpStatusCode.OK);
        Assert.Equal(Enumerable.Range(1, 300).Select(static n => n.ToString()), got.GetProperty("items").EnumerateArray().Select(static item => item.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task Allocated_numbers_belong_to_nobody_else()
    {
        var first = await Ids(3);
        var second = await Ids(2);
        Assert.Equal(3, first.Length);
        Assert.Empty(first.Intersect(second));

        async Task<string[]> Ids(int count) =>
            [.. (await Client.PostAsync("data/Numbered/allocate", $$"""{"count": {{count}}}""", HttpStatusCode.OK)).GetProperty("ids").EnumerateArray().Select(static id => id.GetString()!)];
    }

    [Fact]
    public async Task A_commit_writes_all_or_nothing()
    {
        await Client.PostAsync("data/Stock/put", """{"entities": [{"id": "a", "data": {"n": 5}}, {"id": "b", "data": {"n": 5}}]}""", HttpStatusCode.OK);
        const string Commit = """{"reads": [{"kind": "Stock", "id": "a", "version": 1}], "mutations": [{"put": {"kind": "Stock", "id": "b", "data": {"n": 4}}}, {"insert": {"kind": "Order", "id": "o", "data": {}}}]}""";
        var done = await Client.PostAsync("data/commit", Commit, HttpStatusCode.OK);
        Assert.Equal(2, done.GetProperty("items")[0].GetProperty("version").GetInt64());
        using var again = await Client.PostAsync("data/commit", Http.Json(Commit.Replace("\"version\": 1", "\"version\": 9", StringComparison.Ordinal)));
        var problem = await again.ProblemAsync(409, "version-conflict");
        Assert.Equal(["/reads/0", "/mutations/1"], problem.Pointers());
        Assert.Contains("Stock/a", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains("Order/o", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, (await shared.Host.Data.GetAsync(Key.Of(Namespace.Default, "Stock", "b")))!.Version);
    }

    [Theory]
    [InlineData("get", "{}", "/ids")]
    [InlineData("get", """{"ids": "a"}""", "/ids")]
    [InlineData("get", """{"ids": [1]}""", "/ids/0")]
    [InlineData("get", """{"ids": ["a", ""]}""", "/ids/1")]
    [InlineData("get", """{"id": ["a"]}""", "/id")]
    [InlineData("put", """{"entities": {}}""", "/entities")]
    [InlineData("put", """{"entities": [{"id": "a"}]}""", "/entities/0/data")]
    [InlineData("put", """{"entities": [{"data": []}]}""", "/entities/0/data")]
    [InlineData("put", """{"entities": [{"data": {}}, {"data": {}, "version": -1}]}""", "/entities/1/version")]
    [InlineData("put", """{"entities": [{"data": {}, "id": "x"}, {"data": {}, "id": "x"}]}""", "/entities/1/id")]
    [InlineData("put", """{"entities": [{"data": {}, "key": "x"}]}""", "/entities/0/key")]
    [InlineData("allocate", """{"count": 0}""", "/count")]
    [InlineData("allocate", """{"count": 100001}""", "/count")]
    [InlineData("allocate", """{"count": "1"}""", "/count")]
    public async Task Faults_of_a_body_are_pointed_at(string call, string body, string pointer)
    {
        using var response = await Client.PostAsync($"data/Kind/{call}", Http.Json(body));
        Assert.Contains(pointer, (await response.ProblemAsync(400, "invalid-request")).Pointers());
    }

    [Theory]
    [InlineData("{}", "")]
    [InlineData("""{"reads": [{"kind": "K", "id": "1"}]}""", "/reads/0/version")]
    [InlineData("""{"reads": [{"kind": "9", "id": "1", "version": 1}]}""", "/reads/0/kind")]
    [InlineData("""{"mutations": [{}]}""", "/mutations/0")]
    [InlineData("""{"mutations": [{"put": {"kind": "K", "id": "1"}}]}""", "/mutations/0/put/data")]
    [InlineData("""{"mutations": [{"delete": {"kind": "K", "id": "1", "data": {}}}]}""", "/mutations/0/delete/data")]
    [InlineData("""{"mutations": [{"delete": {"kind": "K"}}]}""", "/mutations/0/delete/id")]
    [InlineData("""{"mutations": [{"drop": {"kind": "K", "id": "1"}}]}""", "/mutations/0/drop")]
    [InlineData("""{"mutations": [{"delete": {"kind": "K", "id": "1"}}, {"put": {"kind": "K", "id": "1", "data": {}}}]}""", "/mutations/1")]
    [InlineData("""{"mutations": {}}""", "/mutations")]
    public async Task Faults_of_a_commit_are_pointed_at(string body, string pointer)
    {
        using var response = await Client.PostAsync("data/commit", Http.Json(body));
        Assert.Contains(pointer, (await response.ProblemAsync(400, "invalid-request")).Pointers());
    }

    [Fact]
    public async Task What_is_too_much_is_refused()
    {
        using var ids = await Client.PostAsync("data/Kind/get", Http.Json($$"""{"ids": [{{string.Join(',', Enumerable.Repeat("\"a\"", 1_001))}}]}"""));
        Assert.Equal(["/ids"], (await ids.ProblemAsync(400, "invalid-request")).Pointers());
        var large = new StringBuilder("""{"entities": [{"id": "small", "data": {}}, {"id": "large", "data": {"a": """).Append('"').Append('x', 1024 * 1024).Append("\"}}]}");
        var put = await Client.PostAsync("data/Kind/put", large.ToString(), HttpStatusCode.OK);
        Assert.Equal(1, put.GetProperty("items")[0].GetProperty("version").GetInt64());
        Assert.Equal("payload-too-large", put.GetProperty("items")[1].GetProperty("problem").GetProperty("code").GetString());
        using var commit = await Client.PostAsync("data/commit", Http.Json(large.ToString().Replace("\"entities\": [{\"id\": \"small\", \"data\": {}}, {", "\"mutations\": [{\"put\": {\"kind\": \"K\", ", StringComparison.Ordinal).Replace("}}]}", "}}}]}", StringComparison.Ordinal)));
        await commit.ProblemAsync(413, "payload-too-large");
    }
}
