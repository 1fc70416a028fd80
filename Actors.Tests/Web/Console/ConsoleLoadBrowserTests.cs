using System.Text.Json.Nodes;
using ActorPerf.Tests.Web.Api;
using ActorPerf.Tests.Web.Console.Browsing;

namespace ActorPerf.Tests.Web.Console;

/// <summary>A load test from its form to its report, in a browser, against the node that makes it.</summary>
public sealed class ConsoleLoadBrowserTests
{
    private const string Requests = "Number(document.querySelector('[data-live=\"requests\"]').textContent.replaceAll(',', ''))";

    [ChromiumFact]
    public async Task A_run_starts_from_the_form_moves_takes_more_users_stops_and_reports()
    {
        await using var host = await NodeHost.StartAsync();
        var node = new Uri(host.Client.BaseAddress!.GetLeftPart(UriPartial.Authority));
        await using var browser = await Browser.StartAsync();
        await using var page = await browser.OpenAsync();
        await page.GoAsync(new Uri(node, "/load"));
        await FillAsync(page, ("scenario", "compute"), ("host", node.ToString()), ("users", "2"), ("spawnRate", "50"), ("runTime", "10m"));
        await page.LeaveAsync("document.querySelector('button[value=start]').click()");

        await page.WaitAsync($"/^\\/load\\/[0-9a-f-]{{36}}$/.test(location.pathname) && {Requests} > 0");
        await page.WaitAsync("document.querySelector('[data-live=\"users\"]').textContent === '2'");
        var before = (await page.EvaluateAsync($"({{ requests: {Requests}, chart: document.querySelector('[data-live=\"rps-requests\"]').getAttribute('d') }})"))!;
        await page.WaitAsync($"{Requests} > {before["requests"]!.GetValue<long>()} && document.querySelector('[data-live=\"rps-requests\"]').getAttribute('d') !== {JsonValue.Create(before["chart"]!.GetValue<string>())!.ToJsonString()}");
        // The node's own side is a chart of its own.
        await page.WaitAsync("document.querySelector('[data-live=\"target-actors-all\"]').dataset.points.length > 0");

        await page.LeaveAsync("document.querySelector('#edit').open = true; document.querySelector('#edit-users').value = '7'; document.querySelector('#edit button').click()");
        await page.WaitAsync("document.querySelector('[data-live=\"users\"]').textContent === '7'");
        await page.LeaveAsync("document.querySelector('#stop').open = true; document.querySelector('#stop button').click()");
        await page.WaitAsync("document.querySelector('a[href$=\"/report.html\"]') !== null && document.querySelector('h1 .mark').textContent === 'Passed'");

        await page.GoAsync(new Uri((await page.EvaluateAsync("document.querySelector('a[href$=\"/report.html\"]').href"))!.GetValue<string>()));
        var report = (await page.EvaluateAsync("document.body.innerText"))!.GetValue<string>();
        Assert.Contains("POST /compute/{task}", report, StringComparison.Ordinal);
        Assert.Contains("Target: jobs waiting and running", report, StringComparison.Ordinal);
        Assert.Empty(page.Complaints);
        Assert.All(page.Requests.Where(static request => !request.StartsWith("data:", StringComparison.Ordinal)), request => Assert.StartsWith(node.ToString(), request, StringComparison.Ordinal));
    }

    private static async Task FillAsync(BrowserPage page, params (string Id, string Value)[] fields)
    {
        foreach (var (id, value) in fields)
            await page.EvaluateAsync($"document.getElementById({JsonValue.Create(id)!.ToJsonString()}).value = {JsonValue.Create(value)!.ToJsonString()}");
    }
}
