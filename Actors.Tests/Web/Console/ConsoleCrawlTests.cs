using System.Net;
using System.Text.Json.Nodes;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Tests.Load;
using ActorPerf.Tests.Web.Console.Fakes;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;

namespace ActorPerf.Tests.Web.Console;

/// <summary>Walks the whole console as somebody would who clicks on everything: every link is followed, every form is sent, and every page is well made.</summary>
public sealed class ConsoleCrawlTests
{
    private const int MostPages = 1_200;

    /// <summary>Pages of the same kind that differ in what they show: so many of each are looked at.</summary>
    private const int OfAKind = 3;

    [FullTheory]
    [InlineData("", "nightly")]
    [InlineData("/ops", "\"><script>window.pwned=1</script>")]
    public async Task Every_link_leads_somewhere_and_every_form_is_answered(string prefix, string text)
    {
        await using var host = await ConsoleHost.StartAsync(prefix);
        BusyNode.Fill(host);
        FakeWork.Fill(host, text);
        host.Traces.All.Clear();
        SampleTraces.Fill(host.Traces, Sample.Id(7).ToString(), text);
        FakeLoad.Fill(host.Services, text);
        var (seen, kinds, open, sent) = (new HashSet<string>(StringComparer.Ordinal), new Dictionary<string, int>(StringComparer.Ordinal), new Queue<string>([host.Prefix + "/", $"{host.Prefix}/jobs/{Sample.Id(2)}", $"{host.Prefix}/jobs/{Sample.Id(7)}", $"{host.Prefix}/jobs/{Sample.Id(BusyNode.RunningJob)}"]), new HashSet<string>(StringComparer.Ordinal));
        // Behind it no trace is left for the links to lead to, so it comes last.
        var (forgetting, last) = ($"{host.Prefix}/traces/reset", (IHtmlFormElement?)null);
        var visited = 0;
        while (open.TryDequeue(out var link) && visited < MostPages)
        {
            link = link.Split('#')[0];
            if (!seen.Add(link) || TooManyOf(kinds, link)) continue;
            visited++;
            using var answer = await host.Http.GetAsync(new Uri(link, UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.True(answer.IsSuccessStatusCode, $"{link} answered {answer.StatusCode}.");
            if (answer.Content.Headers.ContentType?.MediaType != "text/html") continue;
            var page = await ConsoleHost.ParseAsync(answer);
            AssertWellMade(page, link, host.Prefix);
            foreach (var target in page.QuerySelectorAll("a[href]:not(.skip):not([rel=external]):not([href^='#'])")) open.Enqueue(target.GetAttribute("href") ?? "");
            foreach (var form in page.QuerySelectorAll("form[method=get]").OfType<IHtmlFormElement>()) open.Enqueue(Get(form));
            foreach (var form in page.QuerySelectorAll("main form[method=post]").OfType<IHtmlFormElement>())
            {
                if (!sent.Add(Kind(form.GetAttribute("action") ?? ""))) continue;
                if (form.GetAttribute("action") == forgetting)
                {
                    last = form;
                    continue;
                }
                using var done = await host.SendManyAsync(form);
                Assert.True((int)done.StatusCode is 303 or 200 or 400 or 409, $"{form.GetAttribute("action")} on {link} answered {done.StatusCode}.");
                if (done.Headers.Location?.ToString() is { } to) open.Enqueue(to);
                else AssertWellMade(await ConsoleHost.ParseAsync(done), $"the answer to {form.GetAttribute("action")}", host.Prefix);
            }
        }
        using (var done = await host.SendManyAsync(Assert.IsAssignableFrom<IHtmlFormElement>(last))) Assert.Equal(HttpStatusCode.SeeOther, done.StatusCode);
        string[] pages = ["/", "/submit", "/jobs", "/workflows", "/queues", "/schedules", "/cache", "/data", "/cluster", "/webhooks", "/audit", "/operations", "/traces", "/traces/routes", "/traces/calls", "/traces/findings", $"/traces/{SampleTraces.Page}", "/jobs/bulk", "/webhooks/billing", "/schedules/hourly", "/load", "/load/compare"];
        Assert.All(pages, path => Assert.Contains(seen, link => link.Split('?')[0] == host.Prefix + path));
        string[] acts = ["/jobs/*/cancel", "/jobs/*/rerun", "/jobs/*/edit", "/jobs/bulk", "/schedules/*/trigger", "/webhooks/*/redeliver", "/workflows/*/rerun", "/operations/*/cancel", "/load", "/load/*/edit", "/load/*/stop"];
        Assert.All(acts, act => Assert.Contains(sent, each => each == host.Prefix + act));
    }

    private static void AssertWellMade(IDocument page, string where, string prefix)
    {
        ConsoleSafetyTests.AssertNothingInline(page);
        Assert.All(page.QuerySelectorAll("a[href]:not(.skip):not([rel=external]):not([href^='#']), form[action]"), element => Assert.StartsWith(prefix + "/", element.GetAttribute("href") ?? element.GetAttribute("action"), StringComparison.Ordinal));
        Assert.All(page.QuerySelectorAll("a[href^='#']"), link => Assert.True(page.GetElementById((link.GetAttribute("href") ?? "")[1..]) is not null, $"{where} links to {link.GetAttribute("href")}, which it does not have."));
        var twice = page.All.Select(element => element.Id).Where(id => !string.IsNullOrEmpty(id)).GroupBy(id => id).Where(group => group.Count() > 1).Select(group => group.Key);
        Assert.True(!twice.Any(), $"{where} has the ids {string.Join(", ", twice)} more than once.");
        Assert.True(page.QuerySelectorAll("h1").Length == 1, $"{where} has not one heading.");
        Assert.All(page.QuerySelectorAll("table"), table => Assert.All(table.QuerySelectorAll("thead th"), head => Assert.Equal("col", head.GetAttribute("scope"))));
        Assert.All(page.QuerySelectorAll("main input:not([type=hidden]), main select, main textarea"), field => Assert.True(IsNamed(page, field), $"{where}: the field {field.GetAttribute("name")} has no name for who cannot see it."));
        Assert.All(page.QuerySelectorAll("[aria-describedby], [aria-controls], [aria-labelledby]"), element => Assert.All(
            new[] { "aria-describedby", "aria-controls", "aria-labelledby" }.SelectMany(name => (element.GetAttribute(name) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)),
            id => Assert.True(page.GetElementById(id) is not null, $"{where} names an element '{id}' that it does not have.")));
    }

    private static bool IsNamed(IDocument page, IElement field) =>
        field.HasAttribute("aria-label") || field.HasAttribute("title") || field.Closest("label") is not null || (field.Id is { Length: > 0 } id && page.QuerySelector($"label[for='{id}']") is not null);

    private static bool TooManyOf(Dictionary<string, int> kinds, string link)
    {
        var kind = Kind(link.Split('?')[0]) + (link.Contains('?', StringComparison.Ordinal) ? "?" + string.Join('&', link.Split('?')[1].Split('&').Select(pair => pair.Split('=')[0]).Order()) : "");
        kinds[kind] = kinds.GetValueOrDefault(kind) + 1;
        return kinds[kind] > OfAKind;
    }

    private static string Kind(string path) => string.Join('/', path.Split('/').Select(part => Guid.TryParse(part, out _) || part is SampleTraces.Slow or SampleTraces.Failed or SampleTraces.Attempt or "hourly" or "billing" or "cpu" or "mail" or "default" or "io" or "video" ? "*" : part));

    private static string Get(IHtmlFormElement form)
    {
        var fields = form.QuerySelectorAll("input[name], select[name]").OfType<IHtmlInputElement>().Where(input => input.Value.Length > 0 && (input.Type != "checkbox" || input.Name == "id"))
            .Select(input => $"{input.Name}={Uri.EscapeDataString(input.Value)}").Take(20).ToList();
        if (form.QuerySelector("button[name]") is { } button) fields.Add($"{button.GetAttribute("name")}={button.GetAttribute("value")}");
        return form.GetAttribute("action") + (fields.Count == 0 ? "" : "?" + string.Join('&', fields));
    }
}
