using System.Net;
using ActorPerf.Web;
using ActorPerf.Web.Security;

namespace ActorPerf.Tests.Web.Api;

/// <summary>Figures are of all namespaces together: they need a key that may read, and that is bound to none.</summary>
public sealed class MetricsAccessTests
{
    [Theory]
    [InlineData("reader", HttpStatusCode.OK)]
    [InlineData("sender", HttpStatusCode.Forbidden)]
    [InlineData("bound", HttpStatusCode.Forbidden)]
    [InlineData("", HttpStatusCode.Unauthorized)]
    public async Task Who_may_read_the_metrics(string name, HttpStatusCode status)
    {
        var options = new HttpOptions();
        var keys = new[] { "reader", "sender", "bound" }.ToDictionary(one => one, _ => ApiKey.New());
        options.Auth.Keys["reader"] = new KeyOptions { Hash = ApiKey.Hash(keys["reader"]) };
        options.Auth.Keys["sender"] = new KeyOptions { Hash = ApiKey.Hash(keys["sender"]), Scopes = ["submit"] };
        options.Auth.Keys["bound"] = new KeyOptions { Hash = ApiKey.Hash(keys["bound"]), Scopes = ["admin"], Namespaces = ["shop"] };
        await using var host = await WebHost.StartAsync(options);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Address, "/metrics?target=x"));
        if (name.Length > 0) request.Headers.Authorization = new("Bearer", keys[name]);
        using var answer = await host.Client.SendAsync(request);
        Assert.Equal(status, answer.StatusCode);
        if (status == HttpStatusCode.OK) Assert.Contains("\nactorperf_ready 1\n", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
