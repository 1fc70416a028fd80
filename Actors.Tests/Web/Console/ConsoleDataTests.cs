using System.Net;
using System.Text;
using ActorPerf.Data;
using ActorPerf.Tasks;
using ActorPerf.Tests.Web.Console.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Web.Console;

public sealed class ConsoleDataTests
{
    [Fact]
    public async Task Kinds_are_listed_browsed_and_looked_into_without_script()
    {
        await using var host = await ConsoleHost.StartAsync();
        var data = host.Services.GetRequiredService<IData>();
        Assert.Contains("No entity yet", (await host.PageAsync("/data")).Body!.TextContent, StringComparison.Ordinal);
        for (var n = 1; n <= 60; n++) await data.WriteAsync(new EntityWrite.Put(Key.Of(Namespace.Default, "Account", n), Encoding.UTF8.GetBytes($$"""{"name":"<b>{{n}}"}""")));
        await data.WriteAsync(new EntityWrite.Put(Key.Of(Namespace.Default, "Account", "a/b?c"), "{\"odd\":true}"u8.ToArray()));
        await data.WriteAsync(new EntityWrite.Put(Key.Of(Namespace.Parse("other"), "Hidden", 1), "{}"u8.ToArray()));

        var kinds = await host.PageAsync("/data");
        Assert.Equal("61", kinds.QuerySelector("[data-live=kind-Account-entities]")?.TextContent);
        Assert.DoesNotContain("Hidden", kinds.Body!.TextContent, StringComparison.Ordinal);
        var list = await host.PageAsync(kinds.QuerySelector("main table a")!.GetAttribute("href")!);
        Assert.Equal(50, list.QuerySelectorAll("tbody tr").Length);
        Assert.Contains("<b>1", list.QuerySelector("tbody code")!.TextContent, StringComparison.Ordinal);
        var rest = await host.PageAsync(list.QuerySelector("a[rel=next]")!.GetAttribute("href")!);
        Assert.Equal(11, rest.QuerySelectorAll("tbody tr").Length);
        var one = await host.PageAsync(rest.QuerySelectorAll("tbody a")[^1].GetAttribute("href")!);
        Assert.Contains("\"odd\": true", one.QuerySelector("main pre")!.TextContent, StringComparison.Ordinal);
        await host.PageAsync("/data?kind=Account&id=none", HttpStatusCode.NotFound);
        await host.PageAsync("/data?kind=Account&cursor=none", HttpStatusCode.NotFound);
        await host.PageAsync("/data?kind=9", HttpStatusCode.NotFound);
    }
}
