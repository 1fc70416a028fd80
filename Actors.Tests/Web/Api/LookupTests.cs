using System.Net;
using System.Text;
using System.Text.Json;
using ActorPerf.Data;
using ActorPerf.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Web.Api;

/// <summary>A table of somebody else's over HTTP: its rows are read, and nothing else.</summary>
public sealed class LookupTests
{
    [Fact]
    public async Task Its_rows_are_read_like_entities()
    {
        await using var host = await StartAsync();
        using var got = await host.Client.GetAsync("data/product/7");
        Assert.Equal(HttpStatusCode.OK, got.StatusCode);
        var row = await got.BodyAsync();
        Assert.Equal("""{"name":"Lamp"}""", row.GetProperty("data").GetRawText());
        Assert.Equal($"\"{row.GetProperty("version").GetInt64()}\"", got.Headers.ETag!.Tag);
        using var again = new HttpRequestMessage(HttpMethod.Get, "data/product/7");
        again.Headers.Add("If-None-Match", got.Headers.ETag.Tag);
        using var same = await host.Client.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        using var none = await host.Client.GetAsync("data/product/8");
        await none.ProblemAsync(404, "not-found");

        var many = (await host.Client.PostAsync("data/product/get", """{"ids": ["8", "7"]}""", HttpStatusCode.OK)).GetProperty("items");
        Assert.Equal((JsonValueKind.Null, "7"), (many[0].ValueKind, many[1].GetProperty("id").GetString()));
        using var kinds = await host.Client.GetAsync("data");
        Assert.Equal(5, (await kinds.BodyAsync()).GetProperty("lookups").GetProperty("product").GetProperty("calls").GetInt64());
        Assert.Equal(0, host.Store.Reads);
    }

    [Theory]
    [InlineData("PUT", "data/product/7", """{"name": "Desk"}""")]
    [InlineData("PUT", "data/product/8", """{"name": "Desk"}""")]
    [InlineData("PATCH", "data/product/7", """{"name": "Desk"}""")]
    [InlineData("DELETE", "data/product/7", "")]
    [InlineData("POST", "data/product/put", """{"entities": [{"id": "7", "data": {"name": "Desk"}}]}""")]
    [InlineData("POST", "data/product/put", """{"entities": [{"data": {"name": "Desk"}}]}""")]
    [InlineData("POST", "data/product/allocate", """{"count": 3}""")]
    [InlineData("POST", "data/product/query", "{}")]
    [InlineData("POST", "data/product/count", "{}")]
    [InlineData("POST", "data/commit", """{"mutations": [{"put": {"kind": "Account", "id": "ann", "data": {}}}, {"put": {"kind": "product", "id": "7", "data": {}}}]}""")]
    [InlineData("POST", "data/commit", """{"mutations": [{"delete": {"kind": "product", "id": "7"}}]}""")]
    public async Task Everything_else_is_refused_and_changes_nothing(string method, string path, string body)
    {
        await using var host = await StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body.Length > 0 ? Http.Json(body) : null };
        using var answer = await host.Client.SendAsync(request);
        var problem = await answer.ProblemAsync(400, "invalid-request");
        Assert.Contains("'product' is a lookup (actorperf.data.lookups.product)", problem.GetProperty("detail").GetString()!, StringComparison.Ordinal);
        Assert.DoesNotContain(host.Store.Statements, static statement => statement.Sort is ScriptedSort.Write or ScriptedSort.Commit or ScriptedSort.Allocate);
        using var got = await host.Client.GetAsync("data/product/7");
        Assert.Equal("""{"name":"Lamp"}""", (await got.BodyAsync()).GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task A_node_starts_without_a_lookup_s_database_and_does_everything_else()
    {
        await using var node = await NodeHost.StartAsync(null, new Dictionary<string, string?>
        {
            ["actorperf:data:lookups:product:provider"] = "postgresql",
            ["actorperf:data:lookups:product:connection-string"] = "Host=127.0.0.1;Port=1;Username=u;Password=p",
        });
        using var away = await node.Client.GetAsync("data/product/7");
        await away.ProblemAsync(503, "storage-unavailable");
        using var own = await node.Client.PutAsync("data/Account/ann", Http.Json("""{"name": "Ann"}"""));
        Assert.Equal(HttpStatusCode.Created, own.StatusCode);
    }

    private static Task<WebHost> StartAsync() => WebHost.StartAsync(services: static services => services.AddSingleton<IData>(static provider => new DataService(
        provider.GetRequiredService<ScriptedEntityStore>(), new DataOptions(), TimeProvider.System, new Random(1), NullLogger<DataService>.Instance,
        lookups: new Lookups(new Dictionary<string, ILookupSource> { ["product"] = new Products() }))));

    private sealed class Products : ILookupSource
    {
        public EntityStoreLimits Limits { get; } = new("own", Slots: 2);

        public ValueTask<IReadOnlyList<ReadOnlyMemory<byte>?>> ReadManyAsync(IReadOnlyList<EntityId> ids, CancellationToken ct) =>
            new([.. ids.Select(static id => id.Number == 7 ? Encoding.UTF8.GetBytes("""{"name":"Lamp"}""") : (ReadOnlyMemory<byte>?)null)]);

        public ValueTask DisposeAsync() => default;
    }
}
