using ActorPerf.Jobs;
using ActorPerf.TestKit.MultiNode;
using ActorPerf.Tests.Web.Console.Browsing;
using ActorPerf.Tests.Web.Console.Fakes;
using ActorPerf.Web.Console.Live;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Web.Console;

/// <summary>What only a browser can tell: that open pages stay true, that nothing breaks the policy, that everything has a name and can be read.</summary>
public sealed class ConsoleBrowserTests
{
    /// <summary>Every text whose contrast with what is behind it is below 4.5 (3 where it is large), with both colours.</summary>
    private const string Faint = """
        (() => {
          const ctx = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true });
          const rgba = colour => { ctx.clearRect(0, 0, 1, 1); ctx.fillStyle = colour; ctx.fillRect(0, 0, 1, 1); return [...ctx.getImageData(0, 0, 1, 1).data]; };
          const light = c => { const [r, g, b] = c.map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
          const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] / 255 + below[i] * (1 - top[3] / 255));
          const behind = element => { const layers = []; for (let e = element; e; e = e.parentElement) layers.push(rgba(getComputedStyle(e).backgroundColor)); return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]); };
          const found = [];
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const element = node.parentElement, style = getComputedStyle(element);
            if (!node.data.trim() || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || element.closest('.unseen, .skip, option, datalist, template')) continue;
            const back = behind(element), fore = over(rgba(style.color), back), [a, b] = [light(fore), light(back)].sort((x, y) => y - x);
            const ratio = (a + 0.05) / (b + 0.05), size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
            if (ratio < (large ? 3 : 4.5)) found.push(`${element.className || element.localName}: "${node.data.trim().slice(0, 30)}" ${ratio.toFixed(2)} (${fore} on ${back})`);
          }
          return [...new Set(found)].join('; ');
        })()
        """;

    /// <summary>What has no name, stands out of order, is inline, or is wider than the page.</summary>
    private const string Faults = """
        (() => {
          const found = [];
          for (const e of document.querySelectorAll('[tabindex]')) if (e.tabIndex > 0) found.push(`tabindex ${e.tabIndex} on ${e.localName}`);
          for (const e of document.querySelectorAll('[style], style, script:not([src])')) found.push(`inline ${e.localName}`);
          for (const e of document.querySelectorAll('[id]')) if (document.querySelectorAll('#' + CSS.escape(e.id)).length > 1) found.push(`id ${e.id} twice`);
          for (const e of document.querySelectorAll('table.grid')) if (!e.caption || [...e.tHead.querySelectorAll('th')].some(th => th.scope !== 'col')) found.push('a table without caption or scopes');
          if (document.querySelectorAll('h1').length !== 1) found.push(`${document.querySelectorAll('h1').length} h1`);
          if (document.querySelectorAll('main').length !== 1 || !document.documentElement.lang) found.push('no main or no language');
          if (document.documentElement.scrollWidth > innerWidth + 1) found.push(`${document.documentElement.scrollWidth} px wide in ${innerWidth}`);
          return found.join('; ');
        })()
        """;

    private static readonly string[] Named = ["button", "link", "textbox", "searchbox", "combobox", "checkbox", "radio", "img", "image", "progressbar", "table", "navigation", "search"];

    private static readonly string[] Paths =
        ["/", "/tour", "/submit?task=report", "/queues", "/queues/io", "/cache", "/cache?task=square&q=12", "/data", "/data?kind=Account&path=city&op=eq&value=Rome", "/cluster", "/cluster/self", "/cluster/node-2", "/nothing-here",
            "/jobs", "/jobs?state=failed&task=report", "/jobs?q=task%3Areport", $"/jobs/{Sample.Id(BusyNode.RunningJob)}", $"/jobs/{Sample.Id(BusyNode.FailedJob - 1)}", "/jobs/bulk?action=cancel&all=1", "/operations", $"/operations/{Sample.Id(950)}",
            "/workflows", $"/workflows/{Sample.Id(900)}", "/schedules", "/schedules/hourly", "/schedules?new=1", "/webhooks", "/webhooks/billing", "/webhooks?new=1", "/audit"];

    [ChromiumFact]
    public async Task Every_page_is_readable_named_and_quiet_in_both_themes_and_widths()
    {
        await using var host = await ConsoleHost.StartAsync("/ops");
        BusyNode.Fill(host);
        FakeWork.Fill(host);
        await BusyNode.FillDataAsync(host);
        await using var browser = await Browser.StartAsync();
        // The colours are the same at every width.
        foreach (var (width, themes) in new (int, bool[])[] { (1440, [false, true]), (360, [true]), (2560, [false]) })
        {
            await using var page = await browser.OpenAsync(width, reducedMotion: true);
            foreach (var path in Paths)
            {
                await page.GoAsync(new Uri(host.Address, "/ops" + path));
                foreach (var dark in themes)
                {
                    await page.ThemeAsync(dark, reducedMotion: true);
                    var where = $"{path} at {width} {(dark ? "dark" : "light")}";
                    Assert.Equal((where, ""), (where, (await page.EvaluateAsync(Faint))!.GetValue<string>()));
                    Assert.Equal((where, ""), (where, (await page.EvaluateAsync(Faults))!.GetValue<string>()));
                    Assert.Equal((where, 0), (where, (await page.EvaluateAsync("document.getAnimations().length"))!.GetValue<int>()));
                }
                var nameless = (await page.AccessibleAsync()).Where(node => Named.Contains(node.Role) && node.Name.Length == 0).ToList();
                Assert.True(nameless.Count == 0, $"{path} at {width}: {string.Join(", ", nameless)} without a name");
            }
            Assert.All(page.Requests.Where(request => !request.StartsWith("data:", StringComparison.Ordinal)), request => Assert.StartsWith(host.Address.ToString() + "ops/", request, StringComparison.Ordinal));
            Assert.Equal(["Failed to load resource: the server responded with a status of 404 (Not Found)"], page.Complaints.Distinct());       // the page that is not there
        }
    }

    [ChromiumFact]
    public async Task The_keyboard_goes_from_the_skip_link_through_the_navigation_to_the_page()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        await using var browser = await Browser.StartAsync();
        await using var page = await browser.OpenAsync();
        await page.GoAsync(new Uri(host.Address, "/queues"));
        await page.PressAsync("Tab");
        Assert.Equal("#main", (await page.EvaluateAsync("document.activeElement.getAttribute('href')"))!.GetValue<string>());
        Assert.NotEqual("none", (await page.EvaluateAsync("getComputedStyle(document.activeElement).outlineStyle"))!.GetValue<string>());
        for (var i = 0; i < 40 && (await page.EvaluateAsync("!!document.activeElement.closest('main')"))?.GetValue<bool>() != true; i++) await page.PressAsync("Tab");
        Assert.Equal("Export", (await page.EvaluateAsync("document.activeElement.textContent"))!.GetValue<string>());
        var order = (await page.EvaluateAsync("[...document.querySelectorAll('a[href], button, input, select, summary')].filter(e => e.checkVisibility()).every((e, i, all) => i === 0 || all[i - 1].compareDocumentPosition(e) & 4)"))!;
        Assert.True(order.GetValue<bool>());
    }

    [ChromiumFact]
    public async Task Numbers_move_by_themselves_rest_while_paused_and_cost_nothing_in_a_hidden_tab()
    {
        await using var host = await ConsoleHost.StartAsync(time: TimeProvider.System);
        host.Jobs.Queues.Add(Sample.Queue("mail", queued: 3));
        var topics = host.Services.GetRequiredService<LiveTopics>();
        await using var browser = await Browser.StartAsync();
        await using var page = await browser.OpenAsync();
        await page.GoAsync(new Uri(host.Address, "/queues"));
        await page.WaitAsync("document.querySelector('[data-pulse]').dataset.pulse === 'live'");
        host.Jobs.Queues[0] = Sample.Queue("mail", queued: 1234);
        await page.WaitAsync("document.querySelector('[data-live=\"queue-mail-waiting\"]').textContent === '1,234'");
        await page.EvaluateAsync("document.querySelector('[data-pause]').click()");
        await Eventually.Is(() => topics.Count == 0, "nobody is sampled for");
        Assert.Equal("paused", (await page.EvaluateAsync("document.querySelector('[data-pulse]').dataset.pulse"))!.GetValue<string>());
        host.Jobs.Queues[0] = Sample.Queue("mail", queued: 5);
        Assert.Equal("1,234", (await page.EvaluateAsync("document.querySelector('[data-live=\"queue-mail-waiting\"]').textContent"))!.GetValue<string>());
        await page.EvaluateAsync("document.querySelector('[data-pause]').click()");
        await page.WaitAsync("document.querySelector('[data-live=\"queue-mail-waiting\"]').textContent === '5'");
        await page.EvaluateAsync("Object.defineProperty(document, 'hidden', { configurable: true, get: () => true }); document.dispatchEvent(new Event('visibilitychange'))");
        await Eventually.Is(() => topics.Count == 0, "nobody is sampled for");
        host.Jobs.Queues.Add(Sample.Queue("video", queued: 1));
        await page.EvaluateAsync("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))");
        await page.WaitAsync("document.querySelectorAll('tbody tr').length === 2");
        Assert.Empty(page.Complaints);
    }

    [ChromiumFact]
    public async Task New_rows_wait_while_a_pointer_moves_over_them_and_come_in_when_it_rests()
    {
        await using var host = await ConsoleHost.StartAsync(time: TimeProvider.System);
        for (var seq = 1L; seq <= 5; seq++) host.Jobs.All.Add(Sample.Job("square", JobState.Queued, seq));
        await using var browser = await Browser.StartAsync();
        await using var page = await browser.OpenAsync();
        await page.GoAsync(new Uri(host.Address, "/jobs"));
        await page.WaitAsync("document.querySelector('[data-pulse]').dataset.pulse === 'live'");
        await page.EvaluateAsync("window.rebuilt = 0; document.addEventListener('actorperf:rebuilt', () => window.rebuilt++)");
        var at = (await page.EvaluateAsync("(({ x, y }) => ({ x, y }))(document.querySelector('[data-rows=jobs] tr').getBoundingClientRect())"))!;
        await page.HoverAsync(at["x"]!.GetValue<double>() + 60, at["y"]!.GetValue<double>() + 5);
        // In front of each look at the pointer, however late that comes on a busy machine.
        await page.EvaluateAsync("window.hand = () => dispatchEvent(new Event('pointermove')); for (const look of ['rows', 'tick']) addEventListener(`actorperf:${look}`, window.hand, true)");
        host.Jobs.All.Add(Sample.Job("square", JobState.Queued, 6));
        await page.WaitAsync("document.querySelector('[data-news=jobs] .pill').textContent === '1 new' && !document.querySelector('[data-news=jobs]').hidden");
        Assert.Equal(5, (await page.EvaluateAsync("document.querySelectorAll('[data-rows=jobs] tr').length"))!.GetValue<int>());
        // Nothing more is told: the row comes in because the pointer rests, and it lies where it lay.
        await page.EvaluateAsync("for (const look of ['rows', 'tick']) removeEventListener(`actorperf:${look}`, window.hand, true)");
        await page.WaitAsync($"document.querySelector('[data-rows=jobs] tr').dataset.key === '{Sample.Id(6)}' && document.querySelector('[data-news=jobs]').hidden");
        Assert.True((await page.EvaluateAsync("document.querySelector('[data-rows=jobs]').closest('table').matches(':hover')"))!.GetValue<bool>());
        Assert.Equal(0, (await page.EvaluateAsync("window.rebuilt"))!.GetValue<int>());
        Assert.Empty(page.Complaints);
    }

    [ChromiumFact]
    public async Task The_head_of_a_list_stays_in_sight_and_no_table_is_wider_than_the_page()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        await BusyNode.FillDataAsync(host);
        await using var browser = await Browser.StartAsync();
        foreach (var (width, pages) in new (int, (string, bool)[])[] { (1000, [("/jobs", true), ("/traces", false), ("/traces/routes", false), ("/queues", false)]), (360, [("/data?kind=Account", true), ("/traces/calls", false)]) })
        {
            await using var page = await browser.OpenAsync(width, 600, reducedMotion: true);
            foreach (var (path, sticks) in pages)
            {
                await page.GoAsync(new Uri(host.Address, path));
                Assert.Equal((path, width, ""), (path, width, (await page.EvaluateAsync(Faults))!.GetValue<string>()));
                if (!sticks) continue;
                await page.WaitAsync("[...document.querySelectorAll('table[data-table]')].at(-1).parentElement.hasAttribute('data-fits')");       // measured with the first frame
                var head = (await page.EvaluateAsync("(async () => { const table = [...document.querySelectorAll('table[data-table]')].at(-1); scrollTo(0, table.getBoundingClientRect().top + 400); await new Promise(requestAnimationFrame); const { top } = table.tHead.rows[0].cells[0].getBoundingClientRect(); return top; })()"))!.GetValue<double>();
                Assert.True(head is >= 0 and < 60, $"The head of {path} stands at {head} where its page is {width} wide.");
            }
        }
    }

    [ChromiumFact]
    public async Task A_node_that_restarts_is_found_again_without_a_reload()
    {
        var at = new Uri($"http://127.0.0.1:{LoopbackPort.Free()}");
        var host = await ConsoleHost.StartAsync(time: TimeProvider.System, at: at);
        host.Jobs.Queues.Add(Sample.Queue("mail", queued: 3));
        await using var browser = await Browser.StartAsync();
        await using var page = await browser.OpenAsync();
        await page.GoAsync(new Uri(at, "/queues"));
        await page.WaitAsync("document.querySelector('[data-pulse]').dataset.pulse === 'live'");
        await page.EvaluateAsync("window.before = true");
        await host.DisposeAsync();
        await page.WaitAsync("document.querySelector('[data-pulse]').dataset.pulse === 'off'");
        await using var again = await ConsoleHost.StartAsync(time: TimeProvider.System, at: at);
        again.Jobs.Queues.Add(Sample.Queue("mail", queued: 77));
        await page.WaitAsync("document.querySelector('[data-live=\"queue-mail-waiting\"]').textContent === '77' && document.querySelector('[data-pulse]').dataset.pulse === 'live'");
        Assert.True((await page.EvaluateAsync("window.before"))!.GetValue<bool>());
    }

    [ChromiumFact]
    public async Task A_chart_reads_its_values_under_the_pointer_and_with_the_arrow_keys()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        await using var browser = await Browser.StartAsync();
        await using var page = await browser.OpenAsync();
        await page.GoAsync(new Uri(host.Address, "/cache"));
        var box = (await page.EvaluateAsync("(({ x, y, width, height }) => ({ x, y, width, height }))(document.querySelector('[data-plot]').getBoundingClientRect())"))!;
        await page.HoverAsync(box["x"]!.GetValue<double>() + (box["width"]!.GetValue<double>() / 2), box["y"]!.GetValue<double>() + 20);
        await page.WaitAsync("!document.querySelector('[data-readout]').hidden");
        var said = (await page.EvaluateAsync("document.querySelector('[data-readout]').innerText"))!.GetValue<string>();
        Assert.Matches(@"^11:52:\d\d\s+hits \d+(\.\d+)?/s\s+stale [\d.]+/s\s+joined [\d.]+/s\s+computed [\d.]+/s$", said);
        await page.EvaluateAsync("document.querySelectorAll('[data-plot]')[1].focus()");
        await page.PressAsync("ArrowLeft");
        Assert.StartsWith("11:59:55", (await page.EvaluateAsync("document.querySelectorAll('[data-readout]')[1].innerText"))!.GetValue<string>(), StringComparison.Ordinal);
    }

    [ChromiumFact]
    public async Task Times_are_those_of_the_browsers_zone_where_that_is_wanted()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        await using var browser = await Browser.StartAsync();
        await using var page = await browser.OpenAsync(zone: "Asia/Kolkata");
        var job = new Uri(host.Address, $"/jobs/{Sample.Id(BusyNode.RunningJob)}");
        const string times = "[document.querySelector('.timeline time').textContent, document.querySelector('.timeline time').title.slice(-18), document.querySelector('#attempt-1 .log-at').textContent, document.querySelector('[data-clock-switch]').textContent].join(' ')";
        await page.GoAsync(job);
        Assert.EndsWith("Z 11:58:32.000 UTC", (await page.EvaluateAsync(times))!.GetValue<string>(), StringComparison.Ordinal);
        await page.EvaluateAsync("document.querySelector('[data-clock-switch]').click()");
        Assert.Equal("17:28:30.000 17:28:30.000+05:30 17:28:32.000 Local", (await page.EvaluateAsync(times))!.GetValue<string>());
        await page.GoAsync(new Uri(host.Address, "/cache"));
        await page.EvaluateAsync("document.querySelector('[data-plot]').focus()");
        Assert.StartsWith("17:30:00", (await page.EvaluateAsync("document.querySelector('[data-readout]').innerText"))!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("Minute, local time", (await page.EvaluateAsync("document.querySelector('[data-chart-table] th').textContent"))!.GetValue<string>());
        await page.EvaluateAsync("document.querySelector('[data-clock-switch]').click()");
        await page.GoAsync(job);
        Assert.EndsWith("Z 11:58:32.000 UTC", (await page.EvaluateAsync(times))!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Empty(page.Complaints);
    }
}
