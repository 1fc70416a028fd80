using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Operations;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Tasks;
using ActorPerf.Tests.Web.Console.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Web.Console;

public sealed class ConsoleWorkTests
{
    private static readonly string Workflow = $"/workflows/{Sample.Id(900)}";

    [Fact]
    public async Task An_operation_says_how_far_it_is_and_can_be_stopped()
    {
        await using var host = await ConsoleHost.StartAsync();
        FakeWork.Fill(host);
        var list = await host.PageAsync("/operations");
        var page = await host.PageAsync(list.QuerySelector("tbody a")?.GetAttribute("href") ?? "");
        Assert.Equal(["1,240", "500", "3", "1"], new[] { "matched", "done", "skipped", "failed" }.Select(key => page.QuerySelector($"[data-live={key}]")?.TextContent));
        Assert.Equal(("40.5", "task:report"), (page.QuerySelector("progress")?.GetAttribute("value"), page.QuerySelector(".ask-search")?.TextContent));
        using var stopped = await host.SendAsync(ConsoleHost.Form(page, "/cancel"));
        Assert.Equal(Sample.Id(950), Assert.Single(host.Services.GetRequiredService<FakeOperations>().Cancelled));
        await host.PageAsync($"/operations/{Sample.Id(1)}", HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("/operations", "No operation yet")]
    [InlineData("/workflows", "No workflow yet")]
    [InlineData("/schedules", "No schedule yet")]
    [InlineData("/webhooks", "No webhook yet")]
    [InlineData("/audit", "Nobody did anything yet")]
    [InlineData("/audit?who=nobody", "Nothing matches")]
    public async Task An_empty_list_says_what_it_would_hold(string path, string headline)
    {
        await using var host = await ConsoleHost.StartAsync();
        Assert.Equal(headline, (await host.PageAsync(path)).QuerySelector(".empty h2")?.TextContent);
    }

    [Fact]
    public async Task A_workflow_is_a_graph_and_a_table()
    {
        await using var host = await ConsoleHost.StartAsync();
        FakeWork.Fill(host);
        var page = await host.PageAsync(Workflow);
        Assert.Equal(["first", "second", "third"], page.QuerySelectorAll(".graph-node .graph-name").Select(node => node.TextContent));
        Assert.Equal(["succeeded", "succeeded", "finished"], page.QuerySelectorAll(".graph-edge").Select(edge => edge.GetAttribute("data-on")));
        Assert.Equal(["", "first", "first, second"], page.QuerySelectorAll("tbody td.wide").Select(cell => cell.TextContent));
        Assert.Equal("1 job failed; every job has ended.", page.QuerySelector(".sentence")?.TextContent);
        Assert.Contains("keeps the 1 job that succeeded, with results, and runs the other 2 again", page.QuerySelector("#rerun p")?.TextContent, StringComparison.Ordinal);
        using var again = await host.SendAsync(ConsoleHost.Form(page, "/rerun"));
        Assert.Equal((HttpStatusCode.SeeOther, "rerun"), (again.StatusCode, Assert.Single(host.Services.GetRequiredService<FakeWorkflows>().Acts)));
        await host.PageAsync("/workflows/nonsense", HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(201, false)]
    [InlineData(10_000, false)]
    public async Task A_workflow_too_large_for_a_picture_is_a_table(int jobs, bool drawn)
    {
        await using var host = await ConsoleHost.StartAsync();
        var row = new WorkflowRow(1, new WorkflowId(Sample.Id(900).Value), Namespace.Default, "wide", OnFailure.Cancel, FakeJobs.Noon, null) { Counts = new Dictionary<JobState, int> { [JobState.Running] = jobs } };
        host.Services.GetRequiredService<FakeWorkflows>().All.Add(new WorkflowView(row, [.. Enumerable.Range(0, jobs).Select(i => FakeWork.Member($"part-{i}", 1_000 + i))]));
        var page = await host.PageAsync(Workflow);
        Assert.Equal(drawn, page.QuerySelector(".graph") is not null);
        Assert.Equal(Math.Min(jobs, 500), page.QuerySelectorAll("tbody tr").Length);
        Assert.NotNull(page.QuerySelector("form[action$='/cancel']"));
    }

    [Fact]
    public async Task A_schedule_shows_when_in_words_and_what_became_of_its_ticks()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        FakeWork.Fill(host);
        var list = await host.PageAsync("/schedules");
        Assert.Equal(["queued", "failed", "held", "succeeded"], list.QuerySelectorAll(".strip .tick").Select(tick => tick.GetAttribute("data-state")));
        var page = await host.PageAsync("/schedules/hourly");
        Assert.Equal(["succeeded", "skipped", "refused", "pruned"], page.QuerySelectorAll("tbody .state").Select(state => state.TextContent));
        Assert.Equal(("Every hour, UTC", 1), (page.QuerySelector(".sentence")?.TextContent, page.QuerySelectorAll(".next-ticks li").Length));
        foreach (var act in new[] { "pause", "trigger", "delete" })
        {
            using var done = await host.SendAsync(ConsoleHost.Form(page, "/" + act));
            Assert.Equal(HttpStatusCode.SeeOther, done.StatusCode);
        }
        Assert.Equal([("pause", "hourly"), ("trigger", "hourly"), ("delete", "hourly")], host.Services.GetRequiredService<FakeSchedules>().Acts);
        await host.PageAsync("/schedules/unheard-of", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_schedule_is_made_from_a_form_by_the_rules_of_the_API()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Tasks(host.Catalog);
        var form = ConsoleHost.Form(await host.PageAsync("/schedules?new=1"), "/schedules");
        using (var made = await host.SendManyAsync(form, ("name", "nightly"), ("cron", "30 2 * * *"), ("timeZone", "Europe/Berlin"), ("task", "square"), ("args", """{"n": 3}"""), ("overlap", "queue"), ("tags", "a, b"), ("paused", "1")))
            Assert.Equal("/schedules/nightly", made.Headers.Location?.ToString());
        var put = Assert.Single(host.Services.GetRequiredService<FakeSchedules>().Put);
        Assert.Equal(("30 2 * * *", "Europe/Berlin", "square", ScheduleOverlap.Queue, true), (put.Cron, put.TimeZone, put.Task, put.Overlap, put.Paused));
        using var wrong = await host.SendManyAsync(form, ("name", "nightly"), ("cron", "every night"), ("timeZone", "Berlin"), ("task", "square"), ("args", """{"n": 3}"""), ("jitter", "soon"));
        var again = await ConsoleHost.ParseAsync(wrong);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Equal("every night", again.QuerySelector("[name=cron]")?.GetAttribute("value"));
        Assert.NotEmpty(again.QuerySelectorAll("[aria-invalid=true]"));
    }

    [Fact]
    public async Task An_expression_is_explained_while_it_is_typed()
    {
        await using var host = await ConsoleHost.StartAsync();
        var told = await JsonAsync(host, "/console/schedule-preview?cron=30+2+*+*+*&timeZone=UTC");
        Assert.Equal("At 02:30 every day, UTC", told?["words"]?.GetValue<string>());
        Assert.Equal("Sat 2026-11-21 12:00:00 +00:00", told?["ticks"]?[0]?.GetValue<string>());
        Assert.NotEmpty((await JsonAsync(host, "/console/schedule-preview?cron=nonsense"))?["fault"]?.GetValue<string>() ?? "");
    }

    [Fact]
    public async Task A_webhook_is_made_tested_rotated_and_its_deliveries_sent_again()
    {
        await using var host = await ConsoleHost.StartAsync();
        FakeWork.Fill(host);
        var webhooks = host.Services.GetRequiredService<FakeWebhooks>();
        var form = ConsoleHost.Form(await host.PageAsync("/webhooks?new=1"), "/webhooks");
        using (var made = await host.SendManyAsync(form, ("name", "crm"), ("url", "https://crm.example.com/hook"), ("q", "task:report")))
            Assert.Contains(FakeWebhooks.MadeSecret, (await ConsoleHost.ParseAsync(made)).QuerySelector(".secret pre")?.TextContent, StringComparison.Ordinal);
        using (var wrong = await host.SendManyAsync(form, ("name", "bad"), ("url", "ftp://x"), ("q", "stat:x")))
            Assert.Equal(["url", "q"], (await ConsoleHost.ParseAsync(wrong)).QuerySelectorAll("[aria-invalid=true]").Select(field => field.GetAttribute("name")));
        var page = await host.PageAsync("/webhooks/billing");
        Assert.Equal(["pending", "delivered", "failed"], page.QuerySelectorAll("tbody .state").Select(state => state.TextContent));
        foreach (var act in new[] { "test", "redeliver", "rotate", "delete" })
        {
            using var done = await host.SendAsync(ConsoleHost.Form(page, "/" + act));
            Assert.True(done.StatusCode is HttpStatusCode.SeeOther or HttpStatusCode.OK);
        }
        Assert.Equal(["put", "test", "redeliver", "rotate", "delete"], webhooks.Acts.Select(act => act.Act));
        Assert.DoesNotContain(FakeWebhooks.MadeSecret, (await host.PageAsync("/webhooks/billing")).DocumentElement.OuterHtml, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_audit_is_filtered_by_who_what_and_whom()
    {
        await using var host = await ConsoleHost.StartAsync();
        var audit = host.Services.GetRequiredService<IAudit>();
        for (var i = 0; i < 120; i++)
            await audit.RecordAsync(new AuditEntry(Namespace.Default, FakeJobs.Noon.AddSeconds(i), i % 2 == 0 ? "ann" : "bob", "127.0.0.1", i % 3 == 0 ? "cancelJob" : "putSchedule", $"thing-{i.ToString(CultureInfo.InvariantCulture)}"), TestContext.Current.CancellationToken);
        var page = await host.PageAsync("/audit?who=ANN&action=cancel");
        Assert.Equal(20, page.QuerySelectorAll("tbody tr").Length);
        Assert.Single((await host.PageAsync("/audit?target=thing-117")).QuerySelectorAll("tbody tr"));
        var all = await host.PageAsync("/audit");
        Assert.Equal(100, all.QuerySelectorAll("tbody tr").Length);
        Assert.Equal(20, (await host.PageAsync(all.QuerySelector("a[rel=next]")?.GetAttribute("href") ?? "")).QuerySelectorAll("tbody tr").Length);
        using var file = await host.GetAsync("/audit/export.csv?who=bob");
        Assert.Equal(61, (await file.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Queues_members_entries_and_entities_are_saved_whole()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        await BusyNode.FillDataAsync(host);
        foreach (var (path, rows) in new[] { ("queues", 5), ("cluster", 3), ("cache", host.Compute.Remembered.Count), ("data", 120) })
        {
            using var lines = await host.GetAsync($"/{path}/export.ndjson?kind=Account");
            var text = await lines.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.Equal((path, rows), (path, text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject()).Count()));
            using var csv = await host.GetAsync($"/{path}/export.csv?kind=Account");
            Assert.Equal((HttpStatusCode.OK, "text/csv"), (csv.StatusCode, csv.Content.Headers.ContentType?.MediaType));
        }
        using var one = await host.GetAsync("/data/export.ndjson?kind=Account&path=city&op=eq&value=Rome&order=");
        Assert.Equal(30, (await one.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Count(c => c == '\n'));
    }

    [Fact]
    public async Task The_palette_finds_pages_tasks_queues_schedules_and_jobs()
    {
        await using var host = await ConsoleHost.StartAsync("/ops");
        BusyNode.Fill(host);
        FakeWork.Fill(host);
        Assert.Equal("/ops/schedules/hourly", await First("schedule hourly"));
        Assert.Equal("/ops/submit?task=square", await First("submit square"));
        Assert.Equal("/ops/jobs?queue=mail", await First("queue mail"));
        Assert.Equal("/ops/cluster", await First("go cluster"));
        Assert.Equal($"/ops/jobs/{Sample.Id(4)}", await First(Sample.Id(4).ToString()));
        Assert.Equal("/ops/jobs?q=task%3Ax", await First("task:x"));

        async Task<string?> First(string q) => (await JsonAsync(host, "/console/palette?q=" + Uri.EscapeDataString(q)))?[0]?["link"]?.GetValue<string>();
    }

    private static async Task<JsonNode?> JsonAsync(ConsoleHost host, string path)
    {
        using var answer = await host.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
