using ActorPerf.Data;
using ActorPerf.Tasks;
using ActorPerf.Tracing;
using ActorPerf.Web;
using Microsoft.AspNetCore.Builder;

namespace ActorPerf.Tests.Web;

/// <summary>Endpoints of the host's own that work with data are traced under their patterns.</summary>
public sealed class HostTraceTests
{
    [Fact]
    public async Task A_page_of_the_host_is_a_route_with_its_reads()
    {
        await using var host = await ScopedHost.StartAsync(kestrel: false, new DataOptions(), static app =>
        {
            app.UseRouting();
            app.UseActorPerfData();
            app.MapGet("/shop/{id}", static async (long id, IData data) => await data.GetAsync(Key.Of(Namespace.Default, "Account", id)) is null ? "none" : "there");
            app.MapActorPerf();
        });
        Assert.Equal("none", await host.Client.GetStringAsync(new Uri("/shop/7", UriKind.Relative), TestContext.Current.CancellationToken));
        await host.Client.GetStringAsync(new Uri("/shop/8", UriKind.Relative), TestContext.Current.CancellationToken);
        await Eventually.Is(() => host.Traces.List(new TraceQuery("default")).Count == 2, "both are kept");
        var route = Assert.Single(host.Traces.Totals("default").Routes);
        Assert.Equal(("GET /shop/{id}", 2, 2), (route.Route, route.Requests, route.Traced));
        var trace = host.Traces.Find("default", host.Traces.List(new TraceQuery("default"))[0].Id)!;
        Assert.Equal(("/shop/8", 200), (trace.Summary.Title, trace.Summary.Status));
        Assert.Equal([CallKind.Request, CallKind.Get, CallKind.Statement], trace.Spans.Select(static span => span.Kind));
        Assert.StartsWith("Web/HostTraceTests.cs:", trace.Spans[1].CallSite, StringComparison.Ordinal);
    }
}
