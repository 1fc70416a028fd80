using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ActorPerf.Caching;
using ActorPerf.Tests.Load;
using ActorPerf.Tests.Web.Console.Fakes;

namespace ActorPerf.Tests.Web.Console;

/// <summary>Lists as files.</summary>
public sealed class ConsoleExportTests
{
    [Fact]
    public async Task Every_list_is_saved_as_its_page_offers_it()
    {
        await using var host = await ConsoleHost.StartAsync("/ops");
        BusyNode.Fill(host);
        FakeWork.Fill(host);
        FakeLoad.Fill(host.Services);
        await BusyNode.FillDataAsync(host);
        (string Page, string[] Lists)[] pages =
        [
            ("/queues", ["queues 5", "limit-keys 2"]), ("/cache", ["cache-entries 8", "cache-tasks 2"]), ("/data", ["kinds 2"]), ("/data?kind=Account", ["Account 120"]), ("/cluster", ["members 3"]), ("/load", ["load-tests 2"]),
            ("/traces", ["traces 64"]), ("/traces/routes", ["trace-routes 2"]), ("/traces/calls", ["trace-calls 3"]), ("/traces/findings", ["trace-findings 2"]), ("/traces?everywhere=1", ["traces 65"]),
        ];
        foreach (var (path, lists) in pages)
        {
            var page = await host.PageAsync(path);
            var links = page.QuerySelectorAll("main .menu a[download]").Select(link => link.GetAttribute("href")!["/ops".Length..]).ToList();
            Assert.Equal((path, lists.Length), (path, links.Count(link => link.Contains(".csv", StringComparison.Ordinal))));
            Assert.Equal(lists, await Task.WhenAll(links.Where(link => link.Contains(".ndjson", StringComparison.Ordinal)).Select(async link => $"{await NameAsync(host, link)} {(await RowsAsync(host, link)).Count}")));
            Assert.Equal(lists, await Task.WhenAll(links.Where(link => link.Contains(".csv", StringComparison.Ordinal)).Select(async link => $"{await NameAsync(host, link)} {(await TextAsync(host, link)).Split("\r\n").Length - 2}")));
        }
    }

    [Fact]
    public async Task The_entries_of_the_cache_are_saved_as_the_search_leaves_them()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        for (var n = 0; n < 700; n++) host.Compute.Remembered.Add(new CacheEntryView("report", Encoding.UTF8.GetBytes($$"""{"customer":"{{(n % 7 == 0 ? "Ann" : "Bob")}}"}"""), FakeJobs.Noon, FakeJobs.Noon, 9, 1) { State = n % 2 == 0 ? "kept" : "fresh", Tags = [$"n:{n}"] });
        foreach (var (query, rows) in new[] { ("", 708), ("?task=report", 700), ("?q=ANN", 100), ("?state=kept", 350), ("?task=report&q=ann&state=kept", 50), ("?q=n%3A699", 1), ("?q=nothing-like-it", 0) })
        {
            var link = (await host.PageAsync("/cache" + query)).QuerySelector("main .menu a[href*='.ndjson']")?.GetAttribute("href") ?? "";
            Assert.Equal((query, rows), (query, (await RowsAsync(host, link)).Count));
        }
    }

    [Fact]
    public async Task Members_are_named_and_written_as_the_api_does()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        FakeLoad.Fill(host.Services, "nightly");
        Assert.Equal("""{"key":"api.example","running":4,"queued":212,"blocked":212,"concurrency":4,"rate":null,"per":null}""", (await RowsAsync(host, "/queues/keys/export.ndjson"))[0].ToJsonString());
        Assert.Equal("""{"key":"customer-42","running":1,"queued":3,"blocked":0,"concurrency":null,"rate":10,"per":1}""", (await RowsAsync(host, "/queues/keys/export.ndjson"))[1].ToJsonString());
        Assert.StartsWith("""{"kind":"get","target":"Account","calls":1250,"errors":0,"traces":25,"total":5.2,"mean":0.0042,"p50":0.003,"p90":0.006,"p95":0.008,"p99":0.009,"max":0.012}""", (await RowsAsync(host, "/traces/calls/export.ndjson"))[0].ToJsonString(), StringComparison.Ordinal);
        var run = (await RowsAsync(host, "/load/export.ndjson"))[0];
        Assert.Equal(("nightly", "finished", "threshold-failed"), (run["label"]!.GetValue<string>(), run["state"]!.GetValue<string>(), run["verdict"]!.GetValue<string>()));
        Assert.StartsWith("task,hitRatio,hits,", await TextAsync(host, "/cache/tasks/export.csv"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_only_read_saves_no_trace()
    {
        await using var host = await ConsoleHost.StartAsync(keys: true);
        SampleTraces.Fill(host.Traces, Sample.Id(7).ToString());
        await host.SignInAsync("reader-key");
        foreach (var list in (string[])["routes", "calls", "findings"])
        {
            using var answer = await host.GetAsync($"/traces/{list}/export.csv");
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }
        using var keys = await host.GetAsync("/queues/keys/export.csv");
        Assert.Equal(HttpStatusCode.OK, keys.StatusCode);
    }

    private static async Task<List<JsonObject>> RowsAsync(ConsoleHost host, string link) =>
        [.. (await TextAsync(host, link)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject())];

    private static async Task<string> TextAsync(ConsoleHost host, string link)
    {
        using var answer = await host.GetAsync(link);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>What the file is to be called, without its end.</summary>
    private static async Task<string> NameAsync(ConsoleHost host, string link)
    {
        using var answer = await host.GetAsync(link);
        return answer.Content.Headers.ContentDisposition?.FileName?.Trim('"').Split('.')[0] ?? "";
    }
}
