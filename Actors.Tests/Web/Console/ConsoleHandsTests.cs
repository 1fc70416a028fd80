using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Tests.Web.Api;
using ActorPerf.Tests.Web.Console.Browsing;
using ActorPerf.Tests.Web.Console.Fakes;
using FakeJobs = ActorPerf.Tests.Web.Console.Fakes.FakeJobs;

namespace ActorPerf.Tests.Web.Console;

/// <summary>The console under somebody's hands: a browser, a keyboard and no mouse.</summary>
public sealed class ConsoleHandsTests
{
    [ChromiumFact]
    public async Task A_search_completes_fields_and_values_and_is_sent_by_the_keyboard_alone()
    {
        await using var node = await NodeHost.StartAsync();
        await SubmitAsync(node, 3, _ => """{"task":"square","args":{"n":1},"tags":["night shift"]}""");
        await using var browser = await Browser.StartAsync();
        await using var page = await browser.OpenAsync();
        await page.GoAsync(At(node, "/jobs"));
        await page.PressAsync("/");
        await TypeAsync(page, "sta");
        await SuggestedAsync(page, "state:");
        await TakeAsync(page);
        await SuggestedAsync(page, "held");
        await TypeAsync(page, "succ");
        await SuggestedAsync(page, "succeeded");
        await TakeAsync(page);
        await TypeAsync(page, "tag:ni");
        await SuggestedAsync(page, "\"night shift\"");
        await TakeAsync(page);
        Assert.Equal("state:succeeded tag:\"night shift\" ", await TextAsync(page, "document.querySelector('#search').value"));
        await page.PressAsync("Escape");
        await page.PressAsync("Enter");
        await page.WaitAsync("location.search.includes('q=state%3Asucceeded') && document.querySelectorAll('.chip').length === 2");
        Assert.Empty(page.Complaints);
    }

    [ChromiumFact]
    public async Task A_thousand_jobs_are_cancelled_by_the_keyboard_and_the_page_shows_how_far_that_is()
    {
        await using var node = await NodeHost.StartAsync();
        await SubmitAsync(node, 1_000, i => $$$"""{"task":"square","args":{"n":{{{i}}}},"delay":"2h"}""");
        await using var browser = await Browser.StartAsync();
        await using var page = await browser.OpenAsync();
        await page.GoAsync(At(node, "/jobs?state=scheduled"));
        await page.PressAsync("A");
        await page.WaitAsync("!document.querySelector('[data-bulk-bar] button').disabled");
        await page.PressAsync("b");
        await page.PressAsync("Enter");
        await ArrivedAsync(page, "document.querySelector('h1')?.textContent === 'Cancel 1,000 jobs?'");
        await page.PressAsync("y");
        await page.WaitAsync("location.pathname.startsWith('/operations/') && document.querySelector('[data-live=progress-text]')");
        await page.WaitAsync("document.querySelector('[data-live=done]')?.textContent === '1,000' && document.querySelector('.state.big')?.dataset.state === 'succeeded'");
        Assert.Equal("100", await TextAsync(page, "document.querySelector('progress').getAttribute('value')"));
        var counts = await node.Client.GetFromJsonAsync<JsonNode>("jobs/counts", TestContext.Current.CancellationToken);
        Assert.Contains(counts!["items"]!.AsArray(), each => each!["state"]!.GetValue<string>() == "cancelled" && each["count"]!.GetValue<int>() == 1_000);
        Assert.Empty(page.Complaints);
    }

    [ChromiumFact]
    public async Task Keys_lead_everywhere_choose_rows_and_act_and_the_palette_finds_the_rest()
    {
        await using var node = await NodeHost.StartAsync();
        await SubmitAsync(node, 5, i => $$$"""{"task":"square","args":{"n":{{{i}}}},"delay":"2h"}""");
        await using var browser = await Browser.StartAsync();
        await using var page = await browser.OpenAsync();
        await page.GoAsync(At(node, "/"));
        foreach (var (key, path) in new[] { ("j", "/jobs"), ("w", "/workflows"), ("s", "/schedules"), ("h", "/webhooks"), ("a", "/audit"), ("q", "/queues"), ("j", "/jobs") })
        {
            // A busy machine is no slow hand: no time goes by between the two keys.
            await page.EvaluateAsync("(now => { Date.now = () => now; })(Date.now())");
            await page.PressAsync("g");
            await page.PressAsync(key);
            await ArrivedAsync(page, $"location.pathname === '{path}'");
        }
        await page.PressAsync("j");
        await page.PressAsync("x");
        await page.PressAsync("j");
        await page.PressAsync("x");
        await page.WaitAsync("document.querySelector('[data-bulk-count]').textContent === 'With 2 chosen:'");
        await page.PressAsync("a");
        await page.WaitAsync("document.querySelectorAll('[data-pick]:checked').length === 5");
        await page.PressAsync("k");
        await page.PressAsync("Enter");
        await ArrivedAsync(page, "/^.jobs.[0-9a-f-]{36}$/.test(location.pathname)");
        await page.PressAsync("c");
        await page.WaitAsync("document.querySelector('#cancel').open && document.activeElement.textContent === 'Cancel this job'");
        await page.PressAsync("Escape");
        await page.WaitAsync("!document.querySelector('#cancel').open");
        await page.PressAsync("c");
        await page.WaitAsync("document.activeElement.textContent === 'Cancel this job'");
        await page.PressAsync("Enter");
        await ArrivedAsync(page, "!document.querySelector('#cancel') && document.querySelector('.state.big')?.dataset.state === 'cancelled'");
        await page.PressAsync("?");
        await page.WaitAsync("document.querySelector('[data-keys]').open");
        await page.PressAsync("Escape");
        await page.PressAsync("Control+k");
        await page.WaitAsync("document.querySelector('[data-palette]').open");
        await TypeAsync(page, "run this job again");
        await page.WaitAsync("document.querySelector('#palette-list b')?.textContent === 'Run this job again'");
        await TextClearAsync(page);
        await TypeAsync(page, "new sched");
        await TextClearAsync(page);
        await TypeAsync(page, "schedules");
        await page.WaitAsync("document.querySelector('#palette-list b')?.textContent === 'Schedules'");
        await page.PressAsync("Enter");
        await ArrivedAsync(page, "location.pathname === '/schedules'");
        Assert.Empty(page.Complaints);
    }

    [ChromiumFact]
    public async Task Log_lines_of_an_attempt_come_while_it_runs()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        await using var browser = await Browser.StartAsync();
        await using var page = await browser.OpenAsync();
        var id = Sample.Id(BusyNode.RunningJob);
        await page.GoAsync(new Uri(host.Address, $"/jobs/{id}"));
        await page.WaitAsync("document.querySelector('[data-pulse]').dataset.pulse === 'live'");
        host.Jobs.Told.Writer.TryWrite(new JobEvent.Log(id, 2, new LogLine(FakeJobs.Noon, LogLevel.Warning, "<b>page 38</b>")));
        await page.WaitAsync("[...document.querySelectorAll('[data-rows=log] .log-text')].at(-1).textContent === '<b>page 38</b>'");
        Assert.Equal("warning", await TextAsync(page, "[...document.querySelectorAll('[data-rows=log] .log-level')].at(-1).dataset.level"));
        Assert.Empty(page.Complaints);
    }

    [ChromiumFact]
    public async Task No_page_of_work_complains_or_asks_anybody_else_and_none_is_wider_than_the_screen()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        FakeWork.Fill(host, "<img src=//evil.example onerror=window.pwned=1>");
        await using var browser = await Browser.StartAsync();
        foreach (var width in new[] { 390, 1440 })
        {
            await using var page = await browser.OpenAsync(width);
            foreach (var path in new[] { "/jobs", "/jobs?state=failed", $"/jobs/{Sample.Id(BusyNode.RunningJob)}", $"/jobs/{Sample.Id(9)}", "/jobs/bulk?action=cancel&all=1", "/operations", $"/operations/{Sample.Id(950)}", "/workflows", $"/workflows/{Sample.Id(900)}", "/schedules", "/schedules/hourly", "/schedules?new=1", "/webhooks", "/webhooks/billing", "/webhooks?new=1", "/audit", "/submit?task=report" })
            {
                await page.GoAsync(new Uri(host.Address, path));
                var over = (await page.EvaluateAsync("document.documentElement.scrollWidth - document.documentElement.clientWidth"))!.GetValue<double>();
                Assert.True(over <= 0, $"{path} is {over} px wider than {width}.");
            }
            Assert.Null(await page.EvaluateAsync("window.pwned"));
            Assert.Empty(page.Complaints);
            Assert.All(page.Requests.Where(address => !address.StartsWith("data:", StringComparison.Ordinal)), address => Assert.StartsWith(host.Address.ToString(), address, StringComparison.Ordinal));
        }
    }

    private static Uri At(NodeHost node, string path) => new(new Uri(node.Client.BaseAddress!, "/"), path);

    private static async Task SubmitAsync(NodeHost node, int count, Func<int, string> job)
    {
        using var body = new StringContent(string.Join('\n', Enumerable.Range(0, count).Select(job)), Encoding.UTF8, "application/x-ndjson");
        using var answer = await node.Client.PostAsync("jobs/batch", body, TestContext.Current.CancellationToken);
        Assert.Contains($"\"accepted\":{count.ToString(CultureInfo.InvariantCulture)}", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static Task TypeAsync(BrowserPage page, string text) => page.TypeAsync(text);

    private static Task<JsonNode?> TextClearAsync(BrowserPage page) => page.EvaluateAsync("document.activeElement.select()");

    /// <summary>Waits until this is the first that is offered.</summary>
    private static Task SuggestedAsync(BrowserPage page, string text) => page.WaitAsync($"document.querySelector('#search-list li')?.textContent === {Quoted(text)}");

    private static string Quoted(string text) => "'" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal) + "'";

    /// <summary>The first suggestion that is offered.</summary>
    private static async Task TakeAsync(BrowserPage page)
    {
        await page.PressAsync("ArrowDown");
        await page.PressAsync("Enter");
    }

    /// <summary>Whether the page has come and its scripts have run.</summary>
    private static Task ArrivedAsync(BrowserPage page, string condition) => page.WaitAsync($"{condition} && document.readyState === 'complete'");

    private static async Task<string> TextAsync(BrowserPage page, string expression) => (await page.EvaluateAsync(expression))?.ToString() ?? "";
}
