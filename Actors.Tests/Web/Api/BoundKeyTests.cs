using System.Net;
using ActorPerf.Web;
using ActorPerf.Web.Security;

namespace ActorPerf.Tests.Web.Api;

/// <summary>A key that is bound to namespaces, whatever its scopes, neither sees nor changes what belongs to all of them: queues, nodes, the log, the stored data as a whole.</summary>
public sealed class BoundKeyTests : IAsyncLifetime
{
    private readonly string _bound = ApiKey.New();
    private readonly string _free = ApiKey.New();
    private WebHost? _host;

    private WebHost Host => _host ?? throw new InvalidOperationException("Not started.");

    [Theory]
    [InlineData("GET", "log")]
    [InlineData("GET", "log/events")]
    [InlineData("GET", "log/levels")]
    [InlineData("PUT", "log/levels")]
    [InlineData("GET", "actors")]
    [InlineData("PATCH", "queues/default")]
    [InlineData("DELETE", "queues/default/settings")]
    [InlineData("POST", "cluster/members/nobody/leave")]
    [InlineData("POST", "cluster/members/nobody/down")]
    [InlineData("POST", "cluster/down-unreachable")]
    [InlineData("POST", "load/runs")]
    [InlineData("POST", "load/runs/nobody/stop")]
    [InlineData("POST", "load/runs/nobody/edit")]
    [InlineData("POST", "load/runs/nobody/reset")]
    [InlineData("POST", "traces/reset")]
    [InlineData("POST", "verify")]
    [InlineData("POST", "backup")]
    public async Task What_is_of_all_namespaces_needs_a_key_that_is_bound_to_none(string method, string path)
    {
        using var refused = await SendAsync(method, path, _bound);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        var problem = await refused.ProblemAsync(403, "forbidden");
        Assert.Contains("is bound to namespaces", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        if (path == "log/events") return;                    // it would not end
        using var heard = await SendAsync(method, path, _free);
        Assert.NotEqual(HttpStatusCode.Forbidden, heard.StatusCode);
    }

    [Theory]
    [InlineData("GET", "queues")]
    [InlineData("GET", "cluster/members")]
    [InlineData("GET", "traces")]
    [InlineData("GET", "jobs")]
    public async Task What_is_its_own_or_tells_of_nobody_it_may_see(string method, string path)
    {
        using var answer = await SendAsync(method, path, _bound);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private async Task<HttpResponseMessage> SendAsync(string method, string path, string key)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method is not ("GET" or "DELETE")) request.Content = Http.Json("{}");
        request.Headers.Authorization = new("Bearer", key);
        request.Headers.Add("ActorPerf-Namespace", "shop");
        return await Host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public async ValueTask InitializeAsync()
    {
        var options = new HttpOptions();
        options.Auth.Keys["bound"] = new KeyOptions { Hash = ApiKey.Hash(_bound), Scopes = ["admin"], Namespaces = ["shop"] };
        options.Auth.Keys["free"] = new KeyOptions { Hash = ApiKey.Hash(_free), Scopes = ["admin"] };
        _host = await WebHost.StartAsync(options);
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null) await _host.DisposeAsync();
    }
}
