using System.Net;
using ActorPerf.Jobs;
using ActorPerf.Tests.Web.Console.Fakes;
using AngleSharp.Dom;

namespace ActorPerf.Tests.Web.Console;

public sealed class ConsoleQueueTests
{
    [Fact]
    public async Task A_row_says_what_waits_runs_comes_and_goes()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        var row = (await host.PageAsync("/queues")).QuerySelectorAll("tbody tr").First(row => row.QuerySelector("th")?.TextContent == "io");
        Assert.Equal(["0", "–", "212 of 512", "212 / 1,024", "4.2", "3.9"], row.QuerySelectorAll("td.num").Take(6).Select(cell => cell.TextContent.Trim()));
        Assert.Equal("512 at once, 50 a second", row.QuerySelector(".held-by")?.TextContent);
        Assert.StartsWith("Jobs of queue io that ended", row.QuerySelector("svg.spark")?.GetAttribute("aria-label"), StringComparison.Ordinal);
        Assert.Equal("/jobs?state=queued&queue=io", row.QuerySelector("td a")?.GetAttribute("href"));
    }

    [Fact]
    public async Task A_queue_is_paused_and_resumed_from_its_row()
    {
        await using var host = await ConsoleHost.StartAsync("/ops");
        host.Jobs.Queues.Add(Sample.Queue("mail", queued: 3));
        var page = await host.PageAsync("/queues");
        using var paused = await host.SendAsync(ConsoleHost.Form(page, "queues/mail/pause"));
        Assert.Equal("/ops/queues?paused=mail", paused.Headers.Location?.ToString());
        page = await host.PageAsync("/queues?paused=mail");
        Assert.Equal("Queue mail is paused: nothing of it starts, what runs goes on.", page.QuerySelector(".outcome")?.TextContent);
        Assert.Equal("paused", page.QuerySelector("tbody .mark")?.TextContent);
        using var resumed = await host.SendAsync(ConsoleHost.Form(page, "queues/mail/resume"));
        Assert.Equal(HttpStatusCode.SeeOther, resumed.StatusCode);
        Assert.Equal([true, false], host.Jobs.Changes.Select(change => change.Change?.Paused?.Value));
    }

    [Fact]
    public async Task Limits_are_set_where_they_differ_and_taken_back()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        var page = await host.PageAsync("/queues/io");
        Assert.Equal(["512", "50", "1s", "", "", ""], page.QuerySelectorAll(".limits input:not([type=hidden])").Select(input => input.GetAttribute("value")));
        using var set = await host.SendAsync(ConsoleHost.Form(page, "queues/io/limits"), ("concurrency", "8"), ("keyRate", "10"), ("keyPer", "1m"));
        Assert.Equal("/queues/io?saved=yes", set.Headers.Location?.ToString());
        var change = host.Jobs.Changes.Single().Change;
        Assert.Equal(new Setting<int>(8), change?.Concurrency);
        Assert.Null(change?.Rate);
        Assert.Null(change?.KeyConcurrency);
        Assert.Equal(new Setting<Rate>(new Rate(10, TimeSpan.FromMinutes(1))), change?.KeyRate);
        page = await host.PageAsync("/queues/io?saved=yes");
        Assert.Equal("8", page.QuerySelector("#limit-concurrency")?.GetAttribute("value"));
        using var reset = await host.SendAsync(ConsoleHost.Form(page, "queues/io/reset"));
        Assert.Null(host.Jobs.Changes[^1].Change);
    }

    [Theory]
    [InlineData("concurrency", "many")]
    [InlineData("concurrency", "2000000")]
    [InlineData("rate", "-1")]
    [InlineData("per", "soon")]
    [InlineData("keyConcurrency", "1.5")]
    public async Task A_limit_that_cannot_be_is_told_beside_its_field_and_kept_as_typed(string field, string value)
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        using var answer = await host.SendAsync(ConsoleHost.Form(await host.PageAsync("/queues/io"), "queues/io/limits"), (field, value));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var page = await ConsoleHost.ParseAsync(answer);
        var input = page.QuerySelector($"#limit-{field}");
        Assert.Equal((value, "true"), (input?.GetAttribute("value"), input?.GetAttribute("aria-invalid")));
        Assert.NotEmpty(page.QuerySelector($"#{input?.GetAttribute("aria-describedby")}")?.TextContent ?? "");
        Assert.Empty(host.Jobs.Changes);
    }

    [Fact]
    public async Task Limit_keys_say_what_they_hold_back_and_go_on_behind_the_last()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        var keys = (await host.PageAsync("/queues")).QuerySelectorAll("section[aria-labelledby=keys] tbody tr");
        Assert.Equal("api.example 4 212 212 4 at once", string.Join(' ', keys[0].Children.Select(cell => cell.TextContent.Trim())));
        for (var i = 0; i < 60; i++) host.Jobs.Limits.Add(new LimitView($"z-{i:00}", 0, 1, 0, default));
        var first = await host.PageAsync("/queues");
        Assert.Equal(50, first.QuerySelectorAll("section[aria-labelledby=keys] tbody tr").Length);
        var second = await host.PageAsync(first.QuerySelector("a[rel=next]")?.GetAttribute("href") ?? "");
        Assert.Equal(12, second.QuerySelectorAll("section[aria-labelledby=keys] tbody tr").Length);
        await host.PageAsync("/queues?keys=%2A", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_queue_that_nobody_serves_says_how_to_serve_it_and_a_reader_changes_nothing()
    {
        await using var host = await ConsoleHost.StartAsync(keys: true);
        BusyNode.Fill(host);
        await host.SignInAsync("reader-key");
        var page = await host.PageAsync("/queues/video");
        Assert.Contains("actorperf.queues.video", page.QuerySelector(".callout[data-level=bad]")?.TextContent, StringComparison.Ordinal);
        Assert.Empty(page.QuerySelectorAll("main form"));
        Assert.Empty((await host.PageAsync("/queues")).QuerySelectorAll("main form"));
    }

    [Fact]
    public async Task A_queue_without_anything_is_empty_and_none_at_all_says_how_one_begins()
    {
        await using var host = await ConsoleHost.StartAsync();
        Assert.Equal("No queue yet", (await host.PageAsync("/queues")).QuerySelector(".empty h2")?.TextContent);
        Assert.Equal("0", (await host.PageAsync("/queues/new")).QuerySelector("[data-live=queue-new-waiting]")?.TextContent);
    }
}
