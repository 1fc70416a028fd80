using System.Net;
using ActorPerf.Tracing;
using ActorPerf.Web;
using ActorPerf.Web.Security;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Web.Api;

/// <summary>What is turned away at the door is counted too: under its route where one matched, under one name where none did.</summary>
public sealed class RefusalCountTests
{
    [Fact]
    public async Task Refusals_count_under_their_route_and_are_nobodys_failures()
    {
        await using var host = await LockedAsync();
        using var nameless = await host.Client.GetAsync("jobs");
        Assert.Equal(HttpStatusCode.Unauthorized, nameless.StatusCode);
        using var strange = await host.Client.PostAsync("jobs", new StringContent("<job/>", null, "text/xml"));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, strange.StatusCode);
        using var stream = await host.Client.GetAsync($"jobs/{Guid.Empty}/events");
        Assert.Equal(HttpStatusCode.Unauthorized, stream.StatusCode);
        await CountsAsync(host, ("GET /api/v1/jobs", 1), ("GET /api/v1/jobs/{id}/events", 1), ("POST /api/v1/jobs", 1));
    }

    [Fact]
    public async Task What_met_no_route_counts_under_one_name_whatever_it_asked_for()
    {
        await using var host = await LockedAsync();
        foreach (var path in new[] { "nothing", "nothing/else" })
        {
            using var missing = await host.Client.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        }
        using var method = await host.Client.PutAsync("jobs", null);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, method.StatusCode);
        using var foreign = new HttpRequestMessage(HttpMethod.Get, "jobs") { Headers = { Host = "evil.example" } };
        using var refused = await host.Client.SendAsync(foreign);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        await CountsAsync(host, (HostTraces.UnroutedName, 4));
    }

    private static async Task CountsAsync(WebHost host, params (string, long)[] expected)
    {
        var traces = host.Services.GetRequiredService<TraceCollector>();
        // The count may follow the answer by a moment.
        await Eventually.Is(() => Routes().SequenceEqual(expected), () => string.Join(", ", Routes()));
        Assert.All(traces.Totals(null).Routes, static route => Assert.Equal(0, route.Errors));
        Assert.Empty(traces.Totals("default").Routes);

        IEnumerable<(string, long)> Routes() => traces.Totals(null).Routes.Select(static route => (route.Route, route.Requests)).OrderBy(static route => route.Route, StringComparer.Ordinal);
    }

    private static Task<WebHost> LockedAsync()
    {
        var options = new HttpOptions();
        options.Auth.Keys["k"] = new KeyOptions { Hash = ApiKey.Hash(ApiKey.New()), Scopes = ["read"] };
        return WebHost.StartAsync(options);
    }
}
