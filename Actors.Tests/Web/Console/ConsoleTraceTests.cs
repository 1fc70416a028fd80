using System.Net;
using ActorPerf.Jobs.Operations;
using ActorPerf.Tasks;
using ActorPerf.Tests.Web.Console.Fakes;
using ActorPerf.Tracing;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Web.Console;

/// <summary>The pages about where the time went.</summary>
public sealed class ConsoleTraceTests
{
    [Fact]
    public async Task The_first_page_lists_the_newest_and_says_what_tracing_costs()
    {
        await using var host = await FilledAsync();
        var page = await host.PageAsync("/traces");
        Assert.Equal("GET /demo/slow-page", Rows(page)[0].QuerySelector("a")?.TextContent);
        Assert.Equal(50, Rows(page).Count);
        Assert.NotNull(page.QuerySelector("a[rel=next]"));
        var figures = page.QuerySelector(".figures")?.TextContent ?? "";
        Assert.Contains("48,211", figures, StringComparison.Ordinal);
        Assert.Contains("0.3 %", figures, StringComparison.Ordinal);
        Assert.Contains("0.6 µs a call", figures, StringComparison.Ordinal);
        Assert.Contains("1.3 MiB", figures, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Older_pages_go_on_where_the_page_before_ended()
    {
        await using var host = await FilledAsync();
        var first = await host.PageAsync("/traces");
        var second = await host.PageAsync(first.QuerySelector("a[rel=next]")?.GetAttribute("href") ?? "");
        Assert.Empty(Ids(first).Intersect(Ids(second)));
        Assert.Equal(64, Ids(first).Concat(Ids(second)).Count());
        Assert.Null(second.QuerySelector("a[rel=next]"));
    }

    [Theory]
    [InlineData("?route=job%20report", 1)]
    [InlineData("?min=100ms", 2)]
    [InlineData("?errors=1", 1)]
    [InlineData("?kind=attempt", 1)]
    [InlineData("?kind=get&errors=1", 1)]
    public async Task Filters_narrow_the_list(string query, int left)
    {
        await using var host = await FilledAsync();
        Assert.Equal(left, Rows(await host.PageAsync("/traces" + query)).Count);
    }

    [Fact]
    public async Task A_time_that_is_none_is_said_to_be_none()
    {
        await using var host = await FilledAsync();
        var page = await host.PageAsync("/traces?min=soon");
        Assert.Contains("'soon' is no duration", page.QuerySelector("[role=alert]")?.TextContent, StringComparison.Ordinal);
        Assert.Empty(Rows(page));
    }

    [Fact]
    public async Task One_request_shows_its_calls_and_the_batch_it_shared()
    {
        await using var host = await FilledAsync();
        var page = await host.PageAsync($"/traces/{SampleTraces.Page}");
        var rows = page.QuerySelectorAll(".waterfall tbody tr");
        Assert.Equal(5, rows.Length);
        Assert.Contains("50 × get Account", rows[3].TextContent, StringComparison.Ordinal);
        Assert.Equal(54, (await host.PageAsync(page.QuerySelector("a[href*='every=1']")?.GetAttribute("href") ?? "")).QuerySelectorAll(".waterfall tbody tr").Length);
        Assert.Equal(rows.Length, page.QuerySelectorAll(".waterfall rect").Length);
        Assert.Equal("50 rows · Pages/Report.cs:41", rows[1].QuerySelector(".fall-notes")?.TextContent);
        var shared = Assert.Single(page.QuerySelectorAll(".waterfall rect.shared")).Closest("tr");
        Assert.Contains("batch 17 · 64 keys, 50 its own · shared by 64 calls, with 1 other trace", shared?.TextContent, StringComparison.Ordinal);
        Assert.Contains("shared with other requests", page.QuerySelector(".legend")?.TextContent, StringComparison.Ordinal);
        Assert.Contains("38 µs", page.QuerySelector(".facts")?.TextContent, StringComparison.Ordinal);
        Assert.Contains($"actorperf trace show {SampleTraces.Page}", page.QuerySelector("main")?.TextContent, StringComparison.Ordinal);
        Assert.NotNull(page.QuerySelector($"a[href='/traces/{SampleTraces.Attempt}']"));
    }

    [Fact]
    public async Task A_finding_names_call_site_and_saving_and_leads_to_its_calls()
    {
        await using var host = await FilledAsync();
        var page = await host.PageAsync($"/traces/{SampleTraces.Slow}");
        var finding = Assert.Single(page.QuerySelectorAll(".finding"));
        Assert.Contains("staircase · could save 89 ms", finding.TextContent, StringComparison.Ordinal);
        Assert.Contains("Pages/Report.cs:41", finding.QuerySelector("code")?.TextContent, StringComparison.Ordinal);
        Assert.Equal(10, finding.QuerySelectorAll("a").Length);
        Assert.All(finding.QuerySelectorAll("a"), link => Assert.NotNull(page.GetElementById((link.GetAttribute("href") ?? "")[1..])));
        Assert.Contains("7 more calls were counted and not kept", page.QuerySelector("main")?.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Routes_unfold_into_their_calls_and_calls_into_their_routes()
    {
        await using var host = await FilledAsync();
        var routes = await host.PageAsync("/traces/routes");
        Assert.Equal(["GET /demo/slow-page", "POST /api/v1/compute/{task}"], routes.QuerySelectorAll("main [data-region] > .table-box > table > tbody > tr:not(.pivot) > th a").Select(link => link.TextContent));
        Assert.Contains("get Account", routes.QuerySelector(".pivot details table")?.TextContent, StringComparison.Ordinal);
        var calls = await host.PageAsync("/traces/calls");
        Assert.Equal(["get Account", "statement Account", "cache square"], calls.QuerySelectorAll("main [data-region] > .table-box > table > tbody > tr:not(.pivot) > th").Select(head => head.TextContent));
        Assert.Contains("job report", calls.QuerySelector(".pivot details table")?.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Findings_stand_together_the_costliest_first()
    {
        await using var host = await FilledAsync();
        var rows = Rows(await host.PageAsync("/traces/findings"));
        Assert.Equal(["staircase", "batch-of-one"], rows.Select(row => row.QuerySelector("th")?.TextContent));
        Assert.Contains("1.19 s", rows[0].TextContent, StringComparison.Ordinal);
        Assert.Equal($"/traces/{SampleTraces.Slow}", rows[0].QuerySelector("a")?.GetAttribute("href"));
    }

    [Fact]
    public async Task A_job_leads_to_the_traces_of_its_attempts()
    {
        await using var host = await FilledAsync();
        var page = await host.PageAsync($"/jobs/{Sample.Id(7)}");
        Assert.NotNull(page.QuerySelector($"a[href='/traces/{SampleTraces.Attempt}']"));
        Assert.Equal("job " + host.Jobs.All.First(job => job.Row.Id == Sample.Id(7)).Row.Task, host.Traces.Asked[^1].Route);
    }

    [Fact]
    public async Task An_attempt_leads_to_its_job()
    {
        await using var host = await FilledAsync();
        var page = await host.PageAsync($"/traces/{SampleTraces.Attempt}");
        Assert.NotNull(page.QuerySelector($"a[href='/jobs/{Sample.Id(7)}']"));
    }

    [Fact]
    public async Task Another_namespaces_trace_is_absent_unless_all_are_asked_for()
    {
        await using var host = await FilledAsync();
        await host.PageAsync($"/traces/{SampleTraces.Foreign}", HttpStatusCode.NotFound);
        Assert.DoesNotContain(SampleTraces.Foreign, Ids(await host.PageAsync("/traces")));
        await host.PageAsync($"/traces/{SampleTraces.Foreign}?everywhere=1");
        Assert.Contains(SampleTraces.Foreign, Ids(await host.PageAsync("/traces?everywhere=1")).Select(id => id.Split('?')[0]));
    }

    [Fact]
    public async Task Who_may_only_read_sees_no_trace()
    {
        await using var host = await ConsoleHost.StartAsync(keys: true);
        SampleTraces.Fill(host.Traces, Sample.Id(7).ToString());
        await host.SignInAsync("reader-key");
        await host.PageAsync("/traces", HttpStatusCode.Forbidden);
        await host.PageAsync($"/traces/{SampleTraces.Foreign}?everywhere=1", HttpStatusCode.Forbidden);
        Assert.Null((await host.PageAsync("/queues")).QuerySelector("a[href='/traces']"));
    }

    [Fact]
    public async Task An_empty_node_says_how_to_make_a_trace_and_one_that_keeps_none_why()
    {
        await using var host = await ConsoleHost.StartAsync();
        Assert.Contains("curl -X POST", (await host.PageAsync("/traces")).QuerySelector(".empty")?.TextContent, StringComparison.Ordinal);
        Assert.Contains("Nothing found", (await host.PageAsync("/traces/findings")).QuerySelector(".empty")?.TextContent, StringComparison.Ordinal);
        host.Traces.IsOn = false;
        foreach (var path in (string[])["/traces", "/traces/routes", "/traces/calls", "/traces/findings"])
            Assert.Contains("actorperf.tracing.enabled", (await host.PageAsync(path)).QuerySelector(".empty")?.TextContent, StringComparison.Ordinal);
        Assert.Contains("Nothing matches", (await host.PageAsync("/traces?route=none")).QuerySelector(".empty")?.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_is_saved_as_a_file()
    {
        await using var host = await FilledAsync();
        using var answer = await host.GetAsync("/traces/export.csv?kind=attempt");
        var lines = (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Contains(SampleTraces.Attempt, lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reset_asks_first_then_forgets_the_traces_and_leaves_a_row_in_the_audit()
    {
        await using var host = await FilledAsync();
        var page = await host.PageAsync("/traces");
        var form = Assert.IsAssignableFrom<IHtmlFormElement>(page.QuerySelector("#reset form"));
        Assert.Contains("in all namespaces", form.TextContent, StringComparison.Ordinal);
        using var answer = await host.SendAsync(form);
        Assert.Equal("/traces", answer.Headers.Location?.OriginalString);
        Assert.Empty(host.Traces.All);
        var audit = await host.Services.GetRequiredService<IAudit>().ListAuditAsync(Namespace.Default, null, 10, TestContext.Current.CancellationToken);
        Assert.Equal("resetTraces", Assert.Single(audit).Entry.Action);
    }

    [Fact]
    public async Task A_key_that_is_bound_to_namespaces_does_not_reset_those_of_others()
    {
        await using var host = await ConsoleHost.StartAsync(keys: true);
        BusyNode.Fill(host);
        await host.SignInAsync("operator-key");
        var page = await host.PageAsync("/traces");
        Assert.Null(page.QuerySelector("#reset"));
        var signOut = Assert.IsAssignableFrom<IHtmlFormElement>(page.QuerySelector("form[action$='sign-out']"));
        using var answer = await host.PostAsync("/traces/reset", signOut.QuerySelectorAll("input[name]").Select(field => KeyValuePair.Create(field.GetAttribute("name")!, field.GetAttribute("value") ?? "")));
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.NotEmpty(host.Traces.All);
    }

    private static async Task<ConsoleHost> FilledAsync()
    {
        var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        return host;
    }

    /// <summary>Of the last table of traces or findings.</summary>
    private static List<IElement> Rows(IDocument page)
    {
        var tables = page.QuerySelectorAll("table[data-table]");
        return tables.Length == 0 ? [] : [.. tables[tables.Length - 1].QuerySelectorAll("tbody tr")];
    }

    private static List<string> Ids(IDocument page) => [.. Rows(page).Select(row => (row.QuerySelector("th a")?.GetAttribute("href") ?? "").Split('/')[^1])];
}
