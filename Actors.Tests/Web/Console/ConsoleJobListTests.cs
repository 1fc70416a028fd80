using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Operations;
using ActorPerf.Tasks;
using ActorPerf.Tests.Web.Console.Fakes;
using ActorPerf.Web.Console.Pages;
using AngleSharp.Dom;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Web.Console;

public sealed class ConsoleJobListTests
{
    [Fact]
    public async Task A_search_is_shown_term_by_term_and_each_can_be_taken_away()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        var page = await host.PageAsync("/jobs?q=task%3Areport+state%3Afailed+attempt%3E%3D1");
        Assert.Equal("task:report state:failed attempt>=1", page.QuerySelector("#search")?.GetAttribute("value"));
        Assert.Equal(["task:report", "state:failed", "attempt>=1"], page.QuerySelectorAll(".chip b").Select(chip => chip.TextContent));
        Assert.Equal("/jobs?q=state%3Afailed%20attempt%3E%3D1", page.QuerySelector(".chip a")?.GetAttribute("href"));
        Assert.NotEmpty(page.QuerySelectorAll("tbody[data-rows] tr"));
        Assert.All(page.QuerySelectorAll("tbody .state"), state => Assert.Equal("failed", state.TextContent));
    }

    [Fact]
    public async Task The_tabs_of_a_search_count_what_it_finds()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        var failed = host.Jobs.All.Count(job => job.Row is { Task: "report", State: JobState.Failed });
        var page = await host.PageAsync("/jobs?q=task%3Areport");
        Assert.Equal(failed.ToString(CultureInfo.InvariantCulture), page.QuerySelector(".tab[data-state=failed] .count")?.TextContent);
        Assert.Equal("0", page.QuerySelector(".tab[data-state=queued] .count")?.TextContent);
        for (var i = 0; i < 1_200; i++) host.Jobs.All.Add(Sample.Job("report", JobState.Queued, 1_000 + i));
        Assert.Equal($"{JobSample.Most}+", (await host.PageAsync("/jobs?q=task%3Areport")).QuerySelector(".tab[data-state=queued] .count")?.TextContent);
    }

    [Theory]
    [InlineData("task:report (", "Something to look for is missing here", "\u00a0")]
    [InlineData("stat:failed", "There is no field 'stat'", "s")]
    public async Task A_search_that_cannot_be_read_says_where(string q, string sentence, string marked)
    {
        await using var host = await ConsoleHost.StartAsync();
        host.Jobs.All.Add(Sample.Job("square", JobState.Queued));
        var page = await host.PageAsync($"/jobs?q={Uri.EscapeDataString(q)}", HttpStatusCode.BadRequest);
        Assert.Contains(sentence, page.QuerySelector("#search-fault")?.TextContent, StringComparison.Ordinal);
        Assert.Equal(marked, page.QuerySelector("#search-fault mark")?.TextContent);
        Assert.Equal(q, page.QuerySelector("#search")?.GetAttribute("value"));
        Assert.Equal("search-fault", page.QuerySelector("#search")?.GetAttribute("aria-describedby"));
        Assert.Empty(page.QuerySelectorAll("tbody[data-rows] tr"));
    }

    [Fact]
    public async Task The_histogram_counts_the_jobs_of_the_filter_and_leads_to_each_bar()
    {
        await using var host = await ConsoleHost.StartAsync();
        for (var i = 0; i < 30; i++) host.Jobs.All.Add(Sample.Job("square", i % 10 == 0 ? JobState.Failed : JobState.Succeeded, i + 1, at: FakeJobs.Noon.AddSeconds(-59 + i)));
        var page = await host.PageAsync("/jobs");
        Assert.Contains("30 jobs by time of submission", page.QuerySelector(".histogram figcaption")?.TextContent, StringComparison.Ordinal);
        Assert.Equal(3, page.QuerySelectorAll(".histogram .bar-failed").Length);
        Assert.Equal(30, page.QuerySelectorAll(".as-table tbody tr").Sum(row => int.Parse(row.QuerySelectorAll("td")[1].TextContent, CultureInfo.InvariantCulture)));
        var bar = await host.PageAsync(page.QuerySelector(".histogram svg a")?.GetAttribute("href") ?? "");
        Assert.Single(bar.QuerySelectorAll("tbody[data-rows] tr"));
        Assert.Null((await host.PageAsync("/jobs?state=held")).QuerySelector(".histogram"));
    }

    [Fact]
    public async Task The_order_is_a_click_on_a_head_and_holds_across_pages()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        var page = await host.PageAsync("/jobs?sort=createdAt");
        Assert.Equal(Sample.Id(1).ToString(), page.QuerySelector("tbody[data-rows] tr")?.GetAttribute("data-key"));
        Assert.Equal("ascending", page.QuerySelector("th[aria-sort]")?.GetAttribute("aria-sort"));
        Assert.Contains("sort=createdAt", page.QuerySelector("a[rel=next]")?.GetAttribute("href"), StringComparison.Ordinal);
        Assert.Null(page.QuerySelector("[data-pulse]"));               // such a list is not kept true while it is open
        await host.PageAsync("/jobs?sort=nonsense", HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Chosen_jobs_are_shown_with_what_would_become_of_each_and_done_once_asked()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        var (queued, succeeded) = (Sample.Id(3), Sample.Id(7));
        var ask = await host.PageAsync($"/jobs/bulk?action=cancel&id={queued}&id={succeeded}&id=nonsense&state=queued");
        Assert.Equal("Cancel 1 job?", ask.QuerySelector("h1")?.TextContent);
        Assert.Contains("1 other of those chosen has ended already", ask.QuerySelector(".ask")?.TextContent, StringComparison.Ordinal);
        Assert.Equal(["stays as it is", "cancel"], ask.QuerySelectorAll("tbody td.wide").Select(cell => cell.TextContent).OrderDescending());
        Assert.Empty(host.Jobs.Acts);
        using var done = await host.SendAsync(ConsoleHost.Form(ask, "/jobs/bulk"));
        Assert.Equal("/jobs?state=queued&did=cancel.1.0", done.Headers.Location?.ToString());
        Assert.Equal([("cancel", queued)], host.Jobs.Acts);
        Assert.Equal("1 job was asked to stop.", (await host.PageAsync("/jobs?state=queued&did=cancel.1.0")).QuerySelector(".outcome")?.TextContent);
        var audit = await host.Services.GetRequiredService<IAudit>().ListAuditAsync(Namespace.Default, null, 10, TestContext.Current.CancellationToken);
        Assert.Equal(("cancelJob", queued.ToString()), (audit[0].Entry.Action, audit[0].Entry.Target));
    }

    [Fact]
    public async Task All_that_match_become_an_operation_after_a_count_and_words()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        var ask = await host.PageAsync("/jobs/bulk?action=rerun&all=1&task=report&id=ignored");
        Assert.Equal("task:report", ask.QuerySelector(".ask-search code")?.TextContent);
        Assert.Contains("a new job is submitted", ask.QuerySelector(".ask")?.TextContent, StringComparison.Ordinal);
        Assert.Contains("have not ended yet", ask.QuerySelector(".ask")?.TextContent, StringComparison.Ordinal);
        using var begun = await host.SendAsync(ConsoleHost.Form(ask, "/jobs/bulk"));
        var operation = Assert.Single(host.Services.GetRequiredService<FakeOperations>().All);
        Assert.Equal((OperationAction.Rerun, "task:report (state:succeeded or state:failed or state:cancelled or state:expired)"), (operation.Action, operation.Q));
        Assert.Equal($"/operations/{operation.Job.Row.Id}", begun.Headers.Location?.ToString());
        Assert.Empty(host.Jobs.Acts);
    }

    [Fact]
    public async Task Every_job_of_a_namespace_is_named_as_that_and_nothing_to_do_is_said()
    {
        await using var host = await ConsoleHost.StartAsync();
        host.Jobs.All.Add(Sample.Job("square", JobState.Succeeded));
        Assert.Contains("Every job of namespace default", (await host.PageAsync("/jobs/bulk?action=delete&all=1")).QuerySelector(".ask-search")?.TextContent, StringComparison.Ordinal);
        Assert.Equal("There is nothing to do", (await host.PageAsync("/jobs/bulk?action=cancel&all=1")).QuerySelector(".empty h2")?.TextContent);
        await host.PageAsync("/jobs/bulk?action=cancel", HttpStatusCode.BadRequest);
        await host.PageAsync("/jobs/bulk?action=explode&all=1", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task What_could_not_be_done_is_told_job_by_job()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        host.Jobs.Refuse = _ => new Refusal("unique-conflict", "The key is taken.");
        var ask = await host.PageAsync($"/jobs/bulk?action=rerun&id={Sample.Id(7)}&id={Sample.Id(9)}");
        using var answer = await host.SendManyAsync(ConsoleHost.Form(ask, "/jobs/bulk"));
        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Equal(["The key is taken.", "The key is taken."], (await ConsoleHost.ParseAsync(answer)).QuerySelectorAll(".refusals li > span").Select(line => line.TextContent));
    }

    [Fact]
    public async Task A_list_is_saved_as_CSV_that_no_spreadsheet_runs_and_as_NDJSON()
    {
        await using var host = await ConsoleHost.StartAsync();
        host.Jobs.All.Add(Sample.Job("=cmd|' /C calc'!A0", JobState.Failed, 1, tag: "a,b \"c\""));
        host.Jobs.All.Add(Sample.Job("square", JobState.Succeeded, 2));
        using var csv = await host.GetAsync("/jobs/export.csv");
        Assert.Equal("attachment; filename=\"jobs.csv\"", csv.Content.Headers.GetValues("Content-Disposition").Single());
        var lines = (await csv.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("id,task,queue,state,", lines[0], StringComparison.Ordinal);
        Assert.StartsWith($"{Sample.Id(2)},square,default,succeeded,5,", lines[1], StringComparison.Ordinal);
        Assert.Contains(",\"'=cmd|' /C calc'!A0\",", lines[2], StringComparison.Ordinal);
        Assert.Contains(",\"a,b \"\"c\"\"\",", lines[2], StringComparison.Ordinal);
        using var ndjson = await host.GetAsync("/jobs/export.ndjson?state=failed");
        var row = JsonNode.Parse(Assert.Single((await ndjson.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal(("=cmd|' /C calc'!A0", 1.25, 5), (row?["task"]?.GetValue<string>(), row?["waited"]?.GetValue<double>(), row?["priority"]?.GetValue<int>()));
    }

    [FullFact]
    public async Task Ten_thousand_jobs_make_a_page_like_any_other_and_a_whole_file()
    {
        await using var host = await ConsoleHost.StartAsync();
        for (var i = 1; i <= 10_000; i++) host.Jobs.All.Add(Sample.Job("square", i % 7 == 0 ? JobState.Failed : JobState.Succeeded, i, at: FakeJobs.Noon.AddSeconds(-i)));
        var page = await host.PageAsync("/jobs");
        Assert.Equal(50, page.QuerySelectorAll("tbody[data-rows] tr").Length);
        Assert.Equal("10,000", page.QuerySelector(".tab[aria-current] .count")?.TextContent);
        Assert.InRange(Encoding.UTF8.GetByteCount(page.DocumentElement.OuterHtml), 1_000, 120_000);
        using var file = await host.GetAsync("/jobs/export.ndjson");
        Assert.Equal(10_000, (await file.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Count(c => c == '\n'));
    }

    [Fact]
    public async Task A_list_is_kept_under_a_name_and_forgotten()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        var page = await host.PageAsync("/jobs?q=state%3Afailed&task=report");
        using (var saved = await host.SendAsync(ConsoleHost.Form(page, "/jobs/views"), ("name", "failed-reports")))
            Assert.Equal("/jobs?q=task%3Areport%20state%3Afailed", saved.Headers.Location?.ToString());
        using (var wrong = await host.SendAsync(ConsoleHost.Form(page, "/jobs/views"), ("name", "No Name"))) Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        var with = await host.PageAsync("/jobs");
        Assert.Equal("failed-reports", with.QuerySelector(".views b")?.TextContent);
        using var forgotten = await host.SendAsync(ConsoleHost.Form(with, "/jobs/views/delete"));
        Assert.Null((await host.PageAsync("/jobs")).QuerySelector(".views b"));
    }

    [Fact]
    public async Task Who_may_only_read_sees_no_box_and_no_act_and_is_refused()
    {
        await using var host = await ConsoleHost.StartAsync(keys: true);
        BusyNode.Fill(host);
        await host.SignInAsync("reader-key");
        var page = await host.PageAsync("/jobs");
        Assert.Empty(page.QuerySelectorAll("[data-pick], .bulk, form[method=post][action*=jobs]"));
        Assert.Empty(page.QuerySelectorAll("nav a[href$=webhooks], nav a[href$=audit]"));
        await host.PageAsync("/jobs/bulk?action=cancel&all=1", HttpStatusCode.Forbidden);
        foreach (var path in new[] { "/webhooks", "/audit" }) await host.PageAsync(path, HttpStatusCode.Forbidden);
        Assert.Empty((await host.PageAsync($"/jobs/{Sample.Id(4)}")).QuerySelectorAll(".acts form, .acts a"));
    }

    [Fact]
    public async Task Completions_come_with_the_sign_that_follows_a_field()
    {
        await using var host = await ConsoleHost.StartAsync();
        using var answer = await host.GetAsync("/jobs/complete?q=st&at=2");
        var items = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))?.AsArray();
        Assert.Equal(["state:", "started<"], items?.Select(item => item?["text"]?.GetValue<string>()));
    }
}
