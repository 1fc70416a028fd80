using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActorPerf.Tests.Web.Api;
using ActorPerf.Tests.Web.Console.Fakes;
using AngleSharp.Dom;

namespace ActorPerf.Tests.Web.Console;

/// <summary>Pages with nothing to list: they show how to make the first, or what keeps the others away.</summary>
public sealed partial class ConsoleEmptyTests
{
    [Fact]
    public async Task What_an_empty_page_says_to_send_makes_its_first_line()
    {
        await using var node = await NodeHost.StartAsync();
        var first = new Dictionary<string, string>(StringComparer.Ordinal);
        // All are read before the first is sent, for one leaves traces and rows of the audit for others.
        foreach (var path in (string[])["/schedules", "/webhooks", "/cache", "/load", "/data", "/operations", "/traces", "/audit"])
            first[path] = Curl(await PageAsync(node, path)) ?? throw new InvalidOperationException($"{path} says nothing to send.");
        foreach (var (path, line) in first)
        {
            var call = Call().Match(line);
            Assert.True(call.Success, $"{path}: {line}");
            using var message = new HttpRequestMessage(new HttpMethod(call.Groups[1].Value), call.Groups[2].Value) { Content = new StringContent(call.Groups[3].Value, Encoding.UTF8, "application/json") };
            using var answer = await node.Client.SendAsync(message, TestContext.Current.CancellationToken);
            var said = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True(answer.IsSuccessStatusCode, $"{path}: {line} was answered {answer.StatusCode}: {said}");
            if (path == "/load") await StopAsync(node, said);
        }
        foreach (var path in first.Keys) await Eventually.Is(async () => Curl(await PageAsync(node, path)) is null, $"{path} lists its first");
    }

    [Fact]
    public async Task The_same_is_said_for_every_language_with_key_and_namespace()
    {
        await using var host = await ConsoleHost.StartAsync(keys: true);
        await host.SignInAsync("admin-key");
        var lines = (await host.PageAsync("/schedules?ns=night")).QuerySelectorAll(".empty .calls code").Select(code => code.TextContent).ToList();
        Assert.Equal(4, lines.Count);
        Assert.StartsWith($"curl -X PUT {host.Address}api/v1/schedules/nightly -H \"Authorization: Bearer $ACTORPERF_KEY\" -H 'ActorPerf-Namespace: night' -H 'Content-Type: application/json' -d '", lines[0], StringComparison.Ordinal);
        Assert.Contains("await http.PutAsync(", lines[1], StringComparison.Ordinal);
        Assert.Contains("requests.put(", lines[2], StringComparison.Ordinal);
        Assert.Equal("""actorperf schedule put nightly '0 3 * * *' square '{"n":12}'""", lines[3]);
        Assert.Equal(["curl", "C#", "Python"], (await host.PageAsync("/load")).QuerySelectorAll(".empty .calls summary").Select(language => language.TextContent));
        Assert.Contains("/api/v1/jobs", Curl(await host.PageAsync("/queues")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/traces?route=none&min=5s&errors=1&kind=attempt&sort=slowest", "/traces?min=5s&kind=attempt&errors=1&sort=slowest", "/traces?route=none&kind=attempt&errors=1&sort=slowest", "/traces?route=none&min=5s&errors=1&sort=slowest", "/traces?route=none&min=5s&kind=attempt&sort=slowest")]
    [InlineData("/audit?who=nobody&target=nothing", "/audit?target=nothing", "/audit?who=nobody")]
    [InlineData("/data?kind=Account&path=city&op=eq&value=Nowhere&path=name&op=exists&value=&order=-updated", "/data?kind=Account&path=name&op=exists&value=%20&order=-updated", "/data?kind=Account&path=city&op=eq&value=Nowhere&order=-updated")]
    [InlineData("/cache?task=square&q=nothing", "/cache?q=nothing", "/cache?task=square")]
    public async Task Where_nothing_matches_each_filter_can_be_taken_away(string path, params string[] without)
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        await BusyNode.FillDataAsync(host);
        var page = await host.PageAsync(path);
        Assert.Contains(page.QuerySelectorAll("main .empty h2"), head => head.TextContent == "Nothing matches");
        Assert.Equal(without, page.QuerySelectorAll("main .chip a[aria-label^='Remove']").Select(chip => chip.GetAttribute("href")));
        foreach (var link in without) await host.PageAsync(link);
    }

    private static string? Curl(IDocument page) => page.QuerySelector(".empty .calls code")?.TextContent;

    private static async Task<IDocument> PageAsync(NodeHost node, string path)
    {
        using var answer = await node.Client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return await ConsoleHost.ParseAsync(answer);
    }

    private static async Task StopAsync(NodeHost node, string run)
    {
        using var nothing = new StringContent("{}", Encoding.UTF8, "application/json");
        using var answer = await node.Client.PostAsync(new Uri($"load/runs/{JsonNode.Parse(run)!["id"]!.GetValue<string>()}/stop", UriKind.Relative), nothing, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"Stopping the run was answered {answer.StatusCode}.");
    }

    [GeneratedRegex("^curl -X (POST|PUT) (\\S+) -H 'Content-Type: application/json' -d '([^']*)'$")]
    private static partial Regex Call();
}
