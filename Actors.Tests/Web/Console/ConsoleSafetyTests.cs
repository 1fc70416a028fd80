using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ActorPerf.Caching;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Tests.Web.Console.Fakes;
using ActorPerf.Web.Console;
using ActorPerf.Web.Console.Access;
using AngleSharp.Dom;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Tests.Web.Console;

/// <summary>What holds for every answer of the console: policy headers, nothing inline, text that stays text, links below the prefix, tokens in forms.</summary>
public sealed class ConsoleSafetyTests
{
    private static readonly string[] Payloads =
    [
        "<script>window.pwned=1</script>", "\"><img src=x onerror=window.pwned=1>", "'><svg/onload=window.pwned=1>", "</title><script>window.pwned=1</script>", "</pre></code><iframe src=//evil.example>",
        "javascript:window.pwned=1", "${7*7}{{7*7}}<%= 7*7 %>", "<!--<b data-live=health>", "\u202e\u0000]]>&lt;b&gt;", "<template><a href=//evil.example></template>",
    ];

    private static readonly string[] Paths =
    [
        "/", "/tour", "/submit", "/submit?task=report", "/submit?task=report&as=json", "/jobs", "/jobs?state=failed&task=report", "/jobs?state=nonsense", "/queues", "/cache", "/cache?task=square", "/data", "/data?kind=Account", "/cluster", "/cluster/self", "/cluster/node-2", "/queues/cpu", "/cache?q=5s&state=fresh",
        $"/jobs/{Sample.Id(4)}", $"/jobs/{Sample.Id(8)}", $"/jobs/{Sample.Id(7)}", $"/submit?from={Sample.Id(4)}", "/nowhere", "/jobs/not-an-id", "/console/events?view=nothing", "/console/assets/missing.css",
    ];

    [Fact]
    public async Task Every_answer_carries_the_policy_and_no_page_has_anything_inline_or_foreign()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        foreach (var path in Paths)
        {
            using var answer = await host.GetAsync(path);
            Assert.Equal(ConsoleHeaders.Policy, answer.Headers.GetValues("Content-Security-Policy").Single());
            Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal("same-origin", answer.Headers.GetValues("Cross-Origin-Opener-Policy").Single());
            if (answer.Content.Headers.ContentType?.MediaType == "text/html") AssertNothingInline(await ConsoleHost.ParseAsync(answer));
        }
    }

    [Fact]
    public async Task Errors_carry_the_policy_too()
    {
        await using var host = await ConsoleHost.StartAsync();
        host.Jobs.Fault = new InvalidOperationException("broken");
        using var answer = await host.GetAsync("/jobs");
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Equal(ConsoleHeaders.Policy, answer.Headers.GetValues("Content-Security-Policy").Single());
    }

    [Fact]
    public async Task Hostile_text_in_every_field_makes_no_element()
    {
        await using var plain = await ConsoleHost.StartAsync();
        await using var hostile = await ConsoleHost.StartAsync();
        Fill(plain, "harmless");
        foreach (var payload in Payloads.Take(FullRun.Of(int.MaxValue, 3)))
        {
            Fill(hostile, payload);
            var query = Uri.EscapeDataString(payload);
            string[] paths =
            [
                "/", "/jobs", $"/jobs/{Sample.Id(1)}", $"/jobs/{Sample.Id(2)}", "/queues", "/cache", "/cluster", "/submit", $"/submit?from={Sample.Id(1)}",
                $"/jobs?task={{0}}", "/jobs?queue={0}&tag={0}", "/jobs?state={0}", "/submit?task=report&args={0}&queue={0}&delay={0}", "/jobs?cursor={0}", "/cache?task={0}", "/cache?q={0}+none", "/queues?keys={0}", "/cluster/self", "/cluster/self?actor=/{0}", "/data?kind=Account&id={0}", "/data?kind=Account&cursor={0}",
            ];
            foreach (var path in paths)
            {
                var expected = Elements(await Parse(plain, string.Format(System.Globalization.CultureInfo.InvariantCulture, path, "harmless")));
                var page = await Parse(hostile, string.Format(System.Globalization.CultureInfo.InvariantCulture, path, query));
                Assert.Equal(expected, Elements(page));
                AssertNothingInline(page);
            }
        }

        static async Task<IDocument> Parse(ConsoleHost host, string path)
        {
            using var answer = await host.GetAsync(path);
            return await ConsoleHost.ParseAsync(answer);
        }

        static string Elements(IDocument page) => string.Join(' ', page.All.Select(element => element.LocalName));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("/ops", "/behind/proxy")]
    public Task Every_link_stays_below_the_prefix_and_resolves(string prefix, string pathBase) => FollowLinksAsync(prefix, pathBase);

    [FullTheory]
    [InlineData("/ops", "")]
    [InlineData("/teams/a", "")]
    public Task Every_link_stays_below_other_prefixes_too(string prefix, string pathBase) => FollowLinksAsync(prefix, pathBase);

    private static async Task FollowLinksAsync(string prefix, string pathBase)
    {
        await using var host = await ConsoleHost.StartAsync(prefix, pathBase);
        BusyNode.Fill(host);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<string>([host.Prefix + "/"]);
        while (open.TryDequeue(out var link) && seen.Count < 60)
        {
            if (!seen.Add(link.Split('#')[0])) continue;
            using var answer = await host.Http.GetAsync(new Uri(link, UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.True(answer.IsSuccessStatusCode, $"{link} answered {answer.StatusCode}.");
            if (answer.Content.Headers.ContentType?.MediaType != "text/html") continue;
            var page = await ConsoleHost.ParseAsync(answer);
            foreach (var target in page.QuerySelectorAll("a[href]:not(.skip):not([rel=external]), link[href], script[src], img[src], form[action]").Select(Target))
                Assert.StartsWith(host.Prefix + "/", target, StringComparison.Ordinal);
            foreach (var target in page.QuerySelectorAll("a[href]:not(.skip):not([rel=external]), link[href], script[src], img[src]").Select(Target)) open.Enqueue(target);
        }
        Assert.True(seen.Count > 30, $"Only {seen.Count} links were found.");

        static string Target(IElement element) => element.GetAttribute("href") ?? element.GetAttribute("src") ?? element.GetAttribute("action") ?? "";
    }

    [Fact]
    public async Task Every_form_that_changes_something_carries_a_token_and_is_refused_without()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        foreach (var path in Paths)
        {
            using var answer = await host.GetAsync(path);
            foreach (var form in (await ConsoleHost.ParseAsync(answer)).QuerySelectorAll("form[method=post]"))
            {
                Assert.NotEmpty(form.QuerySelector("input[name=__RequestVerificationToken]")?.GetAttribute("value") ?? "");
                using var bare = await host.PostAsync(form.GetAttribute("action") ?? "", [new("task", "square"), new("arg.n", "3")]);
                Assert.Equal(HttpStatusCode.BadRequest, bare.StatusCode);
            }
        }
        Assert.Empty(host.Jobs.Submissions);
        Assert.Empty(host.Jobs.Cancelled);
        Assert.Empty(host.Compute.Invalidations);
    }

    [Fact]
    public async Task A_first_visit_weighs_less_than_a_hundred_kilobytes_and_assets_are_kept_for_ever()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        var page = await host.PageAsync("/");
        using var packed = new HttpRequestMessage(HttpMethod.Get, new Uri("/", UriKind.Relative));
        packed.Headers.AcceptEncoding.ParseAdd("br");
        using var whole = await host.Http.SendAsync(packed, TestContext.Current.CancellationToken);
        Assert.Equal("br", whole.Content.Headers.ContentEncoding.Single());
        var total = (int)(whole.Content.Headers.ContentLength ?? 0);
        foreach (var asset in page.QuerySelectorAll("link[href], script[src]").Select(element => element.GetAttribute("href") ?? element.GetAttribute("src") ?? ""))
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(asset, UriKind.Relative));
            request.Headers.AcceptEncoding.ParseAdd("br");
            using var answer = await host.Http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal("br", answer.Content.Headers.ContentEncoding.Single());
            Assert.Equal("public, max-age=31536000, immutable", answer.Headers.CacheControl?.ToString());
            total += (int)(answer.Content.Headers.ContentLength ?? 0);
        }
        Assert.InRange(total, 5_000, 100_000);
        Assert.InRange(ConsoleAssets.CompressedBytes, 1_000, 60_000);
    }

    [Fact]
    public void Modules_stay_under_two_hundred_lines_and_ask_nobody_else()
    {
        var modules = Directory.GetFiles(Path.Combine(ConsolePictures.Root(), "Web", "Console", "Assets"), "*.js");
        Assert.NotEmpty(modules);
        Assert.All(modules, module =>
        {
            var text = File.ReadAllText(module);
            Assert.InRange(text.Split('\n').Length, 1, 200);
            Assert.DoesNotMatch(@"https?://|innerHTML|insertAdjacentHTML|document\.write|\beval\b", text);
        });
    }

    [Fact]
    public async Task The_theme_is_rendered_by_the_server_and_survives()
    {
        await using var host = await ConsoleHost.StartAsync("/ops");
        var page = await host.PageAsync("/queues");
        var form = page.QuerySelector("form[action$='console/theme']");
        var fields = form?.QuerySelectorAll("input").ToDictionary(input => input.GetAttribute("name") ?? "", input => input.GetAttribute("value") ?? "") ?? [];
        fields["theme"] = "dark";
        using var answer = await host.PostAsync(form?.GetAttribute("action") ?? "", fields);
        Assert.Equal("/ops/queues", answer.Headers.Location?.ToString());
        Assert.Equal("dark", (await host.PageAsync("/")).DocumentElement.GetAttribute("data-theme"));
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/elsewhere")]
    [InlineData("/ops/\u00e9")]
    [InlineData("/ops/a b")]
    public void A_way_back_leads_to_the_console_only(string target) => Assert.Equal("/ops/", new Links("/ops", null).Back(target));

    [Fact]
    public async Task What_is_sent_oddly_is_refused_and_no_fault_of_ours()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        using var back = await host.GetAsync("/sign-in?returnTo=/%C3%A9");
        Assert.Equal("/", back.Headers.Location?.ToString());
        var page = await host.PageAsync("/submit?task=square");
        var token = page.QuerySelector("input[name=__RequestVerificationToken]")?.GetAttribute("value") ?? "";
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/queues/io/pause", UriKind.Relative)) { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        request.Headers.Add("RequestVerificationToken", token);
        using var noForm = await host.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, noForm.StatusCode);
        Assert.Empty(host.Jobs.Changes);
        foreach (var args in new[] { """{"\ud800":1}""", """{"n":{"\ud800":1}}""", """{"n":1,"\ud800":1,"\ud800":2}""" })
        {
            using var form = await host.GetAsync($"/submit?task=square&args={Uri.EscapeDataString(args)}");
            Assert.Equal(HttpStatusCode.OK, form.StatusCode);
            using var rerun = await host.PostAsync($"/jobs/{Sample.Id(BusyNode.RunningJob)}/rerun", [new("__RequestVerificationToken", token), new("args", args)]);
            Assert.InRange((int)rerun.StatusCode, 200, 499);
        }
    }

    internal static void AssertNothingInline(IDocument page)
    {
        Assert.All(page.QuerySelectorAll("script"), script => Assert.Equal(("", true), (script.TextContent, script.GetAttribute("src")?.StartsWith('/') == true)));
        Assert.Empty(page.QuerySelectorAll("style, base, iframe, object, embed, meta[http-equiv]"));
        Assert.All(page.All, element => Assert.DoesNotContain(element.Attributes, attribute =>
            attribute.Name == "style" || attribute.Name.StartsWith("on", StringComparison.OrdinalIgnoreCase)
            || (attribute.Name is "href" or "src" or "action" && attribute.Value is not ['/', not '/', ..] and not "/" and not ['#', ..] && element.GetAttribute("rel") != "external")));
    }

    /// <summary>A node whose every text is the same.</summary>
    private static void Fill(ConsoleHost host, string text)
    {
        host.Jobs.All.Clear();
        host.Jobs.Queues.Clear();
        host.Catalog.Tasks.Clear();
        host.Cluster.Members.Clear();
        host.Compute.Remembered.Clear();
        var error = new TaskError(text, text);
        foreach (var (state, seq) in new[] { (JobState.Running, 1L), (JobState.Failed, 2L) })
        {
            var job = Sample.Job(text, state, seq, text, args: JsonValue.Create(text).ToJsonString(), tag: text);
            host.Jobs.All.Add(job with { Row = job.Row with { Error = error, Node = text }, Progress = new ProgressReport(10, text, FakeJobs.Noon), Reason = text });
            host.Jobs.Histories[job.Row.Id] = new JobHistory(
                [new HistoryRow(1, 1, FakeJobs.Noon, null, JobState.Queued, 0, text, text)],
                [new AttemptRecord(1, error, [new LogLine(FakeJobs.Noon, LogLevel.Error, text)], 3)], false);
        }
        host.Jobs.Queues.Add(Sample.Queue(text, queued: 2, routees: 0));
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { [text] = new JsonObject { ["type"] = "string", ["description"] = text, ["default"] = text }, ["e"] = new JsonObject { ["enum"] = new JsonArray(text) } },
        };
        host.Catalog.Tasks.Add(Sample.Task(text, text, schema.ToJsonString(), text));
        host.Catalog.Tasks.Add(Sample.Task("report", text, schema.ToJsonString(), text));
        host.Cluster.Members.Add(Sample.Member() with { Name = text, Address = text, Roles = [text], Version = text, Queues = [text], Unreachable = true });
        host.Cluster.Condition = new(false, false, text);
        host.Compute.View = new CacheView(default, new Dictionary<string, CacheTotals> { [text] = default }, 1, 1);
        host.Compute.Remembered.Add(new CacheEntryView(text, Encoding.UTF8.GetBytes(JsonValue.Create(text).ToJsonString()), FakeJobs.Noon, FakeJobs.Noon, 1, 1));
    }
}
