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

    [Fact]
    public async Task A_cursor_that_no_address_could_hold_is_no_link_and_the_page_says_so()
    {
        await using var host = await ConsoleHost.StartAsync();
        var data = host.Services.GetRequiredService<IData>();
        for (var n = 1; n <= 60; n++) await data.WriteAsync(new EntityWrite.Put(Key.Of(Namespace.Default, "Account", n), Encoding.UTF8.GetBytes($$"""{"name":"{{new string('x', 9_000)}}"}""")));
        var list = await host.PageAsync("/data?kind=Account&order=name");
        Assert.Null(list.QuerySelector("a[rel=next]"));
        Assert.Contains("too long for an address", list.Body!.TextContent, StringComparison.Ordinal);
        Assert.NotNull((await host.PageAsync("/data?kind=Account")).QuerySelector("a[rel=next]"));
    }

    [Fact]
    public async Task A_query_is_made_by_a_form_and_stays_in_the_address()
    {
        await using var host = await ConsoleHost.StartAsync();
        await BusyNode.FillDataAsync(host);
        var rome = await host.PageAsync("/data?kind=Account&path=city&op=eq&value=Rome&path=balance&op=gt&value=1000&order=-balance");
        var rows = rome.QuerySelectorAll("tbody tr");
        Assert.Equal("120", rows[0].QuerySelector("th")?.TextContent);
        Assert.All(rows, row => Assert.Contains("\"city\":\"Rome\"", row.QuerySelector("code")?.TextContent, StringComparison.Ordinal));
        Assert.Equal(["city", "balance", ""], rome.QuerySelectorAll("[name=path]").Select(field => field.GetAttribute("value")));
        Assert.Contains("""{"filter":{"and":[{"city":{"eq":"Rome"}},{"balance":{"gt":1000}}]},"order":["-balance"]}""", rome.QuerySelector(".same-call pre")?.TextContent, StringComparison.Ordinal);
        var first = await host.PageAsync("/data?kind=Account&path=balance&op=exists&value=&order=-balance");
        var second = await host.PageAsync(first.QuerySelector("a[rel=next]")?.GetAttribute("href") ?? "");
        Assert.Equal(["70", "69"], second.QuerySelectorAll("tbody th").Take(2).Select(id => id.TextContent));
    }

    [Theory]
    [InlineData("path=city&op=startsWith&value=Ro", 30)]
    [InlineData("path=city&op=in&value=Rome,+Oslo", 50)]
    [InlineData("path=nothing&op=missing&value=", 50)]
    [InlineData("path=city&op=ne&value=Rome", 50)]
    [InlineData("path=balance&op=eq&value=%2237.5%22", 0)]
    [InlineData("path=balance&op=eq&value=37.5", 1)]
    public async Task Values_are_numbers_where_they_read_as_such_and_texts_otherwise(string query, int found)
    {
        await using var host = await ConsoleHost.StartAsync();
        await BusyNode.FillDataAsync(host);
        var page = await host.PageAsync("/data?kind=Account&" + query);
        Assert.Equal(found, page.QuerySelectorAll("tbody tr").Length);
        Assert.Equal(found == 0, page.QuerySelector(".empty") is not null);
    }

    [Theory]
    [InlineData("path=a..b&op=eq&value=1")]
    [InlineData("path=city&op=like&value=1")]
    [InlineData("order=a..b")]
    public async Task A_query_that_cannot_be_says_why_under_its_form(string query)
    {
        await using var host = await ConsoleHost.StartAsync();
        var page = await host.PageAsync("/data?kind=Account&" + query, HttpStatusCode.BadRequest);
        Assert.NotEmpty(page.QuerySelector(".query .fault")?.TextContent ?? "");
        Assert.Null(page.QuerySelector("tbody"));
    }

    [Theory]
    [InlineData("\"><img src=x onerror=alert(1)>")]
    [InlineData("</pre><script>alert(1)</script>")]
    [InlineData("\u202e\u0000")]
    public async Task Hostile_words_of_a_query_stay_words(string payload)
    {
        await using var host = await ConsoleHost.StartAsync();
        await BusyNode.FillDataAsync(host);
        var word = Uri.EscapeDataString(payload);
        foreach (var query in new[] { $"path=city&op=eq&value={word}", $"path={word}&op=eq&value=1", $"path=city&op={word}&value=1", $"order={word}" })
        {
            using var answer = await host.GetAsync("/data?kind=Account&" + query);
            var page = await ConsoleHost.ParseAsync(answer);
            Assert.Empty(page.QuerySelectorAll("main img, main script, [onerror]"));
            Assert.NotNull(page.QuerySelector("form.query"));
        }
    }

    [Fact]
    public async Task Batches_by_size_and_wait_are_charts_once_there_are_any()
    {
        await using var host = await ConsoleHost.StartAsync();
        Assert.Empty((await host.PageAsync("/data")).QuerySelectorAll(".chart-histogram"));
        await BusyNode.FillDataAsync(host);
        var page = await host.PageAsync("/data");
        Assert.Equal(4, page.QuerySelectorAll(".chart-histogram").Length);
        Assert.All(page.QuerySelectorAll(".chart-histogram"), chart => Assert.NotEmpty(chart.QuerySelectorAll("tbody tr")));
    }
}
