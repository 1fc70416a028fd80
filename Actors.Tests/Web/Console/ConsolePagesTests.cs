using ActorPerf.Cluster;
using System.Net;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Tests.Web.Console.Fakes;
using AngleSharp.Dom;

namespace ActorPerf.Tests.Web.Console;

public sealed class ConsolePagesTests
{
    [Fact]
    public async Task An_empty_node_shows_the_tour_with_lines_to_copy()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Tasks(host.Catalog);
        var page = await host.PageAsync("/");
        Assert.Equal("All well: nothing waits, nothing runs.", page.QuerySelector(".health")?.TextContent);
        Assert.Equal(["memoise", "hundred", "watch"], page.QuerySelectorAll(".tour-step form").Select(form => form.GetAttribute("action")?.Split('/')[^1]));
        Assert.Equal(["curl", "C#", "Python", "Command line"], page.QuerySelectorAll(".tour-step:first-child summary").Select(line => line.TextContent));
        Assert.Contains($"curl -X POST {host.Address}api/v1/compute/square", page.QuerySelector(".tour-step pre")?.TextContent, StringComparison.Ordinal);
        Assert.Contains("| head -100 | curl", page.QuerySelector("#step-hundred pre")?.TextContent, StringComparison.Ordinal);
        Assert.All(page.QuerySelectorAll(".tour-step pre"), line => Assert.DoesNotContain('\n', line.TextContent.Trim()));
    }

    [Fact]
    public async Task The_tour_computes_submits_a_hundred_and_starts_one_to_watch()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Tasks(host.Catalog);
        var page = await host.PageAsync("/");
        using (var computed = await host.SendAsync(ConsoleHost.Form(page, "tour/memoise")))
        {
            var back = computed.Headers.Location?.ToString() ?? "";
            Assert.Contains("Press again: now it comes from memory.", (await host.PageAsync(back)).QuerySelector(".outcome")?.TextContent, StringComparison.Ordinal);
        }
        using (var hundred = await host.SendAsync(ConsoleHost.Form(page, "tour/hundred"))) Assert.Equal("/jobs?tag=tour", hundred.Headers.Location?.ToString());
        using var watched = await host.SendAsync(ConsoleHost.Form(page, "tour/watch"));
        Assert.Equal(101, host.Jobs.Submissions.Count);
        Assert.Equal($"/jobs/{host.Jobs.All[^1].Row.Id}", watched.Headers.Location?.ToString());
    }

    [Fact]
    public async Task A_busy_node_shows_numbers_and_only_problems_each_a_link()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        var page = await host.PageAsync("/");
        Assert.Equal("bad", page.QuerySelector(".health")?.GetAttribute("data-level"));
        Assert.Equal(["12.4/s", "76", "31 m", "667 ms"], page.QuerySelectorAll(".figure-value").Select(value => value.TextContent));
        Assert.Equal(4, page.QuerySelectorAll("figure svg[role=img] > title").Length);
        Assert.Contains("/jobs?state=queued&queue=video", page.QuerySelectorAll(".problems a").Select(link => link.GetAttribute("href")));
        Assert.Contains(page.QuerySelectorAll(".problems a"), link => link.TextContent.StartsWith("Task report fails", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_healthy_node_reads_no_job_rows_for_its_overview()
    {
        await using var host = await ConsoleHost.StartAsync();
        host.Jobs.All.Add(Sample.Job("square", JobState.Succeeded));
        host.Jobs.Queues.Add(Sample.Queue("default", running: 1, busy: 1));
        var page = await host.PageAsync("/");
        Assert.Equal("All well: 1 job runs, nothing waits.", page.QuerySelector(".health")?.TextContent);
        Assert.Equal(0, host.Jobs.Lists);
        Assert.Null(page.QuerySelector(".problems"));
    }

    [Fact]
    public async Task Filters_are_chips_that_can_be_removed_and_tabs_count_within_them()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        var page = await host.PageAsync("/jobs?state=failed&task=report");
        Assert.Equal("failed", page.QuerySelector(".tab[aria-current=page] .tab-word")?.TextContent);
        Assert.Equal("/jobs?state=failed", page.QuerySelector(".chip a")?.GetAttribute("href"));
        Assert.All(page.QuerySelectorAll("tbody .state"), state => Assert.Equal("failed", state.TextContent));
        Assert.Equal(
            page.QuerySelectorAll("tbody[data-rows] tr").Length.ToString(System.Globalization.CultureInfo.InvariantCulture),
            page.QuerySelector(".tab[data-state=failed] .count")?.TextContent);
    }

    [Fact]
    public async Task Older_and_newer_walk_the_whole_list_and_back()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        var first = await host.PageAsync("/jobs");
        var second = await host.PageAsync(first.QuerySelector("a[rel=next]")?.GetAttribute("href") ?? "");
        var third = await host.PageAsync(second.QuerySelector("a[rel=next]")?.GetAttribute("href") ?? "");
        Assert.Null(third.QuerySelector("a[rel=next]"));
        Assert.Equal(130, new[] { first, second, third }.SelectMany(Keys).Distinct().Count());
        var back = await host.PageAsync(third.QuerySelector("a[rel=prev]")?.GetAttribute("href") ?? "");
        Assert.Equal(Keys(second), Keys(back));
        Assert.Equal("/jobs", back.QuerySelector("a[rel=prev]")?.GetAttribute("href"));

        static IEnumerable<string?> Keys(IDocument page) => page.QuerySelectorAll("tbody[data-rows] tr").Select(row => row.GetAttribute("data-key"));
    }

    [Theory]
    [InlineData("/jobs", "No job yet")]
    [InlineData("/jobs?state=failed", "No job yet")]
    public async Task A_list_without_any_job_shows_the_line_that_submits_one(string path, string headline)
    {
        await using var host = await ConsoleHost.StartAsync();
        var page = await host.PageAsync(path);
        Assert.Equal(headline, page.QuerySelector(".empty h2")?.TextContent);
        Assert.Contains("/api/v1/jobs -H 'Content-Type: application/json'", page.QuerySelector(".empty pre")?.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_failed_job_is_good_news_and_no_match_offers_its_filters()
    {
        await using var host = await ConsoleHost.StartAsync();
        host.Jobs.All.Add(Sample.Job("square", JobState.Succeeded));
        Assert.Equal("Good news: no job has failed", (await host.PageAsync("/jobs?state=failed")).QuerySelector(".empty[data-level=good] h2")?.TextContent);
        var none = await host.PageAsync("/jobs?task=report&tag=weekly");
        Assert.Equal("Nothing matches", none.QuerySelector(".empty h2")?.TextContent);
        Assert.Equal(["/jobs?tag=weekly", "/jobs?task=report"], none.QuerySelectorAll(".empty .chip a").Select(chip => chip.GetAttribute("href")));
    }

    [Theory]
    [InlineData("/jobs?q=stat:failed", "At character 1: There is no field 'stat'")]
    [InlineData("/jobs?state=nonsense", "There is no state 'nonsense'")]
    [InlineData("/jobs?cursor=-1", "names a page that cannot be")]
    [InlineData("/jobs?cursor=99999999999999999999", "names a page that cannot be")]
    public async Task An_address_that_cannot_be_says_so(string path, string sentence)
    {
        await using var host = await ConsoleHost.StartAsync();
        var page = await host.PageAsync(path, HttpStatusCode.BadRequest);
        Assert.Contains(sentence, page.QuerySelector("main")?.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_state_has_a_page_with_its_way_lit()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        foreach (var (state, i) in JobStates.All.Select((state, i) => (state, i)))
        {
            var page = await host.PageAsync($"/jobs/{Sample.Id(i + 1)}");
            Assert.Equal(state.Word, page.QuerySelector("h1 .state")?.TextContent);
            Assert.Equal(state.Word, page.QuerySelector(".path [data-lit=here]")?.TextContent.Trim().Split('×')[0]);
            Assert.Equal(!state.IsFinal && state != JobState.Cancelling, page.QuerySelector("form[action$='/cancel']") is not null);
            Assert.Equal(state == JobState.Succeeded, page.QuerySelector("#result") is not null);
        }
    }

    [Fact]
    public async Task A_running_job_shows_progress_attempts_lines_and_what_cancel_will_do()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        var page = await host.PageAsync($"/jobs/{Sample.Id(BusyNode.RunningJob)}");
        Assert.Equal("37", page.QuerySelector(".progress progress")?.GetAttribute("value"));
        Assert.Equal(["Attempt 2", "Attempt 1"], page.QuerySelectorAll(".attempts summary").Select(summary => summary.FirstChild?.TextContent.Trim()));
        Assert.Equal("page 37", page.QuerySelector("[data-rows=log] li:last-child .log-text")?.TextContent);
        Assert.Contains("asked to stop", page.QuerySelector("#cancel form p")?.TextContent, StringComparison.Ordinal);
        Assert.Equal(4, page.QuerySelectorAll(".timeline li").Length);
        using var answer = await host.SendAsync(ConsoleHost.Form(page, "/cancel"));
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal([Sample.Id(BusyNode.RunningJob)], host.Jobs.Cancelled);
    }

    [Theory]
    [InlineData("/jobs/01990000-0000-7000-8000-0000000fffff")]
    [InlineData("/jobs/not-an-id")]
    [InlineData("/jobs/01990000-0000-7000-8000-0000000fffff/result.json")]
    [InlineData("/nowhere")]
    [InlineData("/queues/No%20Where")]
    [InlineData("/queues/default/nowhere")]
    [InlineData("/cluster/nobody")]
    [InlineData("/cluster/self?actor=/user/nobody")]
    [InlineData("/submit?task=unheard-of")]
    public async Task What_is_not_here_is_a_page_that_says_so(string path)
    {
        await using var host = await ConsoleHost.StartAsync();
        var page = await host.PageAsync(path, HttpStatusCode.NotFound);
        Assert.Equal("404", page.QuerySelector(".failure-code")?.TextContent);
        Assert.NotNull(page.QuerySelector("nav[aria-label=Console]"));
    }

    [Fact]
    public async Task A_store_that_is_away_is_503_and_a_fault_of_ours_500_without_its_words()
    {
        await using var host = await ConsoleHost.StartAsync();
        host.Jobs.Fault = new StoreUnavailableException();
        using (var away = await host.GetAsync("/jobs"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, away.StatusCode);
            Assert.Equal("2", away.Headers.GetValues("Retry-After").Single());
        }
        host.Jobs.Fault = new StoreFullException();
        await host.PageAsync("/jobs", HttpStatusCode.InsufficientStorage);
        host.Jobs.Fault = new InvalidOperationException("secret: /var/lib/actorperf.db");
        var page = await host.PageAsync("/jobs", HttpStatusCode.InternalServerError);
        Assert.DoesNotContain("secret", page.DocumentElement.OuterHtml, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Payloads_keep_their_digits()
    {
        await using var host = await ConsoleHost.StartAsync();
        host.Jobs.All.Add(Sample.Job("square", JobState.Succeeded, args: """{"n":123456789012345678901234567890,"x":1.10}"""));
        var page = await host.PageAsync($"/jobs/{Sample.Id(1)}");
        Assert.Contains("123456789012345678901234567890", page.QuerySelector("[aria-labelledby=args] pre")?.TextContent, StringComparison.Ordinal);
        Assert.Contains("1.10", page.QuerySelector("[aria-labelledby=args] pre")?.TextContent, StringComparison.Ordinal);
        using var raw = await host.GetAsync($"/jobs/{Sample.Id(1)}/args.json");
        Assert.Equal("""{"n":123456789012345678901234567890,"x":1.10}""", await raw.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Queues_cache_and_cluster_show_what_the_front_doors_say()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        var queues = await host.PageAsync("/queues");
        Assert.Equal("no node serves this queue", queues.QuerySelector("tr[data-level=bad] .mark")?.TextContent);
        var cache = await host.PageAsync("/cache");
        Assert.Equal("94 %", cache.QuerySelector("[data-live=all-ratio]")?.TextContent);
        var cluster = await host.PageAsync("/cluster");
        Assert.Contains("http://10.0.0.9:8080 | [web, compute] | up | unreachable | 0.1.0", cluster.QuerySelector("pre.plain")?.TextContent, StringComparison.Ordinal);
        Assert.EndsWith("Count: 3 nodes", cluster.QuerySelector("pre.plain")?.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_namespace_is_looked_at_by_its_address_and_links_keep_it()
    {
        await using var host = await ConsoleHost.StartAsync();
        host.Jobs.All.Add(Sample.Job("square", JobState.Succeeded));
        host.Jobs.All.Add(Sample.Job("report", JobState.Running, seq: 2) is var job ? job with { Row = job.Row with { Namespace = Namespace.Parse("tenant-b") } } : job);
        var page = await host.PageAsync("/jobs?ns=tenant-b");
        Assert.Equal(["report"], page.QuerySelectorAll("tbody .task").Select(task => task.TextContent));
        Assert.All(page.QuerySelectorAll("nav a, tbody a"), link => Assert.Contains("ns=tenant-b", link.GetAttribute("href"), StringComparison.Ordinal));
        await host.PageAsync("/jobs?ns=Tenant+B", HttpStatusCode.NotFound);
    }
}
