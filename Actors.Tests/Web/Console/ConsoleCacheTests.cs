using System.Net;
using System.Text;
using ActorPerf.Caching;
using ActorPerf.Tasks;
using ActorPerf.Tests.Web.Console.Fakes;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;

namespace ActorPerf.Tests.Web.Console;

public sealed class ConsoleCacheTests
{
    [Fact]
    public async Task Entries_are_found_by_task_arguments_tag_and_state()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        host.Compute.Remembered.Add(new CacheEntryView("report", Encoding.UTF8.GetBytes("""{"customer":"Ann"}"""), FakeJobs.Noon, FakeJobs.Noon, 9, 1)
        {
            State = "kept", Tags = ["customer:42"], LastError = new TaskError("timeout", "It took too long."),
        });
        Assert.Equal(9, Rows(await host.PageAsync("/cache")).Length);
        Assert.Single(Rows(await host.PageAsync("/cache?q=ANN")));
        Assert.Single(Rows(await host.PageAsync("/cache?q=customer%3A42")));
        Assert.Equal(8, Rows(await host.PageAsync("/cache?task=square")).Length);
        var kept = Assert.Single(Rows(await host.PageAsync("/cache?state=kept&task=report")));
        Assert.Equal(("failed", "It took too long."), (kept.QuerySelector(".state")?.GetAttribute("data-state"), kept.QuerySelector(".state")?.GetAttribute("title")));
    }

    [Fact]
    public async Task A_search_without_a_match_offers_its_filters_and_says_how_far_it_looked()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        var page = await host.PageAsync("/cache?task=square&q=nothing-like-it");
        Assert.Equal("Nothing matches", page.QuerySelector("#found .empty h2")?.TextContent);
        Assert.Contains("8 entries were looked at; there are no more", page.QuerySelector("#found .empty p")?.TextContent, StringComparison.Ordinal);
        Assert.Equal(["/cache?q=nothing-like-it", "/cache?task=square"], page.QuerySelectorAll(".chip a").Select(chip => chip.GetAttribute("href")));
    }

    [Fact]
    public async Task Pages_of_entries_follow_each_other_and_leave_none_out()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        host.Compute.Remembered.Clear();
        for (var n = 0; n < 130; n++) host.Compute.Remembered.Add(new CacheEntryView("square", Encoding.UTF8.GetBytes($$"""{"n":{{n}}}"""), FakeJobs.Noon, FakeJobs.Noon, 9, n));
        var seen = new HashSet<string>();
        for (var link = "/cache?q=n"; link.Length > 0;)
        {
            var page = await host.PageAsync(link);
            foreach (var row in Rows(page)) Assert.True(seen.Add(row.QuerySelector("code")?.TextContent ?? ""));
            link = page.QuerySelector("a[rel=next]")?.GetAttribute("href") ?? "";
        }
        Assert.Equal(130, seen.Count);
    }

    [Theory]
    [InlineData("call", """{"n":3}""", "The result of task square for the arguments {\"n\":3} in namespace default.")]
    [InlineData("task", "", "Every result of task square in namespace default.")]
    [InlineData("namespace", "", "Every result in namespace default.")]
    [InlineData("everywhere", "", "Every result of every namespace.")]
    public async Task Forgetting_says_first_what_will_go_and_then_forgets_that(string what, string args, string subject)
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        var page = await host.PageAsync("/cache");
        var form = (IHtmlFormElement)page.QuerySelectorAll("form").First(form => form.QuerySelector($"[name=what][value={what}]") is not null);
        using var asked = await host.SendAsync(form, [.. form.QuerySelector("[name=task]") is null ? [] : new[] { ("task", "square") }, .. args.Length == 0 ? [] : new[] { ("args", args) }]);
        Assert.Equal(HttpStatusCode.OK, asked.StatusCode);
        Assert.Empty(host.Compute.Invalidations);
        var confirm = await ConsoleHost.ParseAsync(asked);
        Assert.Equal(subject, confirm.QuerySelector(".subject")?.TextContent);
        using var done = await host.SendAsync(ConsoleHost.Form(confirm, "cache/invalidate"));
        Assert.Equal("/cache?forgot=8", done.Headers.Location?.ToString());
        var sent = Assert.Single(host.Compute.Invalidations);
        Assert.Equal(
            (what is "call" or "task" ? "square" : null, what == "namespace", what == "everywhere", args.Length == 0 ? null : args),
            (sent.Task, sent.All, sent.Everywhere, sent.Args is { } bytes ? Encoding.UTF8.GetString(bytes.Span) : null));
        Assert.Equal("Forgot 8 entries.", (await host.PageAsync("/cache?forgot=8")).QuerySelector(".outcome")?.TextContent);
    }

    [Fact]
    public async Task Tags_grow_stale_rather_than_go_where_that_is_wanted()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        var page = await host.PageAsync("/cache");
        var form = (IHtmlFormElement)page.QuerySelectorAll("form").First(form => form.QuerySelector("[name=what][value=tag]") is not null);
        using var asked = await host.SendAsync(form, ("tag", "customer:42, nightly"), ("expire", "yes"));
        using var done = await host.SendAsync(ConsoleHost.Form(await ConsoleHost.ParseAsync(asked), "cache/invalidate"));
        Assert.Equal("/cache?expired=8", done.Headers.Location?.ToString());
        var sent = Assert.Single(host.Compute.Invalidations);
        Assert.Equal(["customer:42", "nightly"], sent.Tags);
        Assert.True(sent.Expire);
    }

    [Theory]
    [InlineData("call", "square", "{n:3}", "")]
    [InlineData("call", "", "{}", "")]
    [InlineData("task", "", "", "")]
    [InlineData("tag", "", "", " , ")]
    [InlineData("something", "square", "", "")]
    public async Task What_cannot_be_forgotten_is_refused(string what, string task, string args, string tag)
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        var form = ConsoleHost.Form(await host.PageAsync("/cache"), "cache/invalidate");
        using var refused = await host.SendAsync(form, ("what", what), ("task", task), ("args", args), ("tag", tag), ("sure", "yes"));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Empty(host.Compute.Invalidations);
    }

    [Fact]
    public async Task A_cache_without_anything_says_what_leaves_results_there()
    {
        await using var host = await ConsoleHost.StartAsync();
        Assert.Equal("Nothing is remembered yet", (await host.PageAsync("/cache")).QuerySelector(".empty h2")?.TextContent);
    }

    private static IHtmlCollection<IElement> Rows(IDocument page) => page.QuerySelectorAll("#found tbody tr");
}
