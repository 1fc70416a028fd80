using System.Globalization;
using ActorPerf.Tests.Load;
using ActorPerf.Tests.Web.Console.Browsing;
using ActorPerf.Tests.Web.Console.Fakes;

namespace ActorPerf.Tests.Web.Console;

/// <summary>Every page as a picture, light and dark, narrow and wide, under <c>artifacts/console/</c>: for eyes, not for assertions on pixels.</summary>
/// <remarks>With <c>ACTORPERF_PICTURES=overview,queues</c> only those; with <c>ACTORPERF_PICTURES_OF=http://127.0.0.1:8080</c> those of a node that runs.</remarks>
public sealed class ConsolePictures
{
    private const int SmallestPicture = 4_000;       // bytes; a blank page compresses to less

    internal static readonly (string Name, string Path)[] Pages =
    [
        ("overview", "/"), ("tour", "/tour"), ("submit", "/submit"), ("submit-report", "/submit?task=report&queue=slow"), ("jobs", "/jobs"), ("jobs-failed", "/jobs?state=failed&task=report"),
        ("jobs-none", "/jobs?state=held&task=square&tag=weekly"), ("job-running", $"/jobs/{Sample.Id(BusyNode.RunningJob)}"), ("job-failed", $"/jobs/{Sample.Id(BusyNode.FailedJob - 1)}"),
        ("job-succeeded", $"/jobs/{Sample.Id(7)}"), ("queues", "/queues"), ("queue", "/queues/io"), ("cache", "/cache"), ("cache-search", "/cache?task=square&q=12"), ("data", "/data"), ("data-kind", "/data?kind=Account"),
        ("data-query", "/data?kind=Account&path=city&op=eq&value=Rome"), ("cluster", "/cluster"), ("node", "/cluster/self"), ("missing", "/nothing-here"),
        ("jobs-search-fault", "/jobs?q=state%3Afailed+task%3A"), ("jobs-bulk", "/jobs/bulk?action=cancel&all=1"), ("jobs-chosen", $"/jobs/bulk?action=delete&id={Sample.Id(7)}&id={Sample.Id(4)}"), ("operations", "/operations"),
        ("operation", $"/operations/{Sample.Id(950)}"), ("workflows", "/workflows"), ("workflow", $"/workflows/{Sample.Id(900)}"), ("schedules", "/schedules"), ("schedule", "/schedules/hourly"), ("schedule-form", "/schedules/hourly?edit=1"),
        ("webhooks", "/webhooks"), ("webhook", "/webhooks/billing"), ("webhook-form", "/webhooks?new=1"), ("audit", "/audit"),
        ("traces", "/traces"), ("traces-slowest", "/traces?sort=slowest&min=50ms"), ("traces-routes", "/traces/routes"), ("traces-calls", "/traces/calls"), ("traces-findings", "/traces/findings"),
        ("trace-page", $"/traces/{SampleTraces.Page}"), ("trace-slow", $"/traces/{SampleTraces.Slow}"), ("trace-attempt", $"/traces/{SampleTraces.Attempt}"), ("trace-failed", $"/traces/{SampleTraces.Failed}"),
        ("load", "/load"), ("load-ended", "/load/0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a11"), ("load-compare", "/load/compare"),
    ];

    [ChromiumFact]
    public async Task Every_page_is_pictured()
    {
        var only = Environment.GetEnvironmentVariable("ACTORPERF_PICTURES") ?? "";
        var folder = Path.Combine(Root(), "artifacts", "console");
        Directory.CreateDirectory(folder);
        await using var busy = await ConsoleHost.StartAsync();
        BusyNode.Fill(busy);
        FakeWork.Fill(busy);
        var going = FakeLoad.Fill(busy.Services);
        await BusyNode.FillDataAsync(busy);
        await using var empty = await ConsoleHost.StartAsync(keys: false);
        BusyNode.Tasks(empty.Catalog);
        await using var locked = await ConsoleHost.StartAsync(keys: true);
        var at = Environment.GetEnvironmentVariable("ACTORPERF_PICTURES_OF") is { Length: > 0 } node ? new Uri(node) : busy.Address;
        (string Name, Uri Url)[] shots = [.. Pages.Select(page => (page.Name, new Uri(at, page.Path))),
            ("empty", new Uri(empty.Address, "/")), ("empty-jobs", new Uri(empty.Address, "/jobs")), ("empty-queues", new Uri(empty.Address, "/queues")), ("empty-cache", new Uri(empty.Address, "/cache")),
            ("empty-data", new Uri(empty.Address, "/data")), ("empty-traces", new Uri(empty.Address, "/traces")), ("empty-schedules", new Uri(empty.Address, "/schedules")), ("empty-load", new Uri(empty.Address, "/load")), ("empty-audit", new Uri(empty.Address, "/audit")),
            ("traces-none", new Uri(at, "/traces?route=none&errors=1")), ("data-none", new Uri(at, "/data?kind=Account&path=city&op=eq&value=Nowhere")), ("sign-in", new Uri(locked.Address, "/sign-in")), ("load-run", new Uri(at, $"/load/{going}")),
        ];
        shots = [.. shots.Where(shot => only.Length == 0 || only.Split(',').Contains(shot.Name))];
        await using var browser = await Browser.StartAsync();
        foreach (var width in new[] { 1440, 390 })
        {
            await using var page = await browser.OpenAsync(width, width < 500 ? 844 : 900, reducedMotion: true);
            foreach (var (name, url) in shots)
            {
                await page.GoAsync(url);
                if (await page.EvaluateAsync("document.body.hasAttribute('data-live-url')") is { } live && live.GetValue<bool>()) await page.WaitAsync("document.querySelector('[data-pulse]').dataset.pulse === 'live'");
                foreach (var dark in new[] { false, true })
                {
                    await page.ThemeAsync(dark, reducedMotion: true);
                    var picture = await page.PictureAsync();
                    Assert.True(picture.Length > SmallestPicture, $"{url} is a blank picture.");
                    await File.WriteAllBytesAsync(Path.Combine(folder, $"{name}-{width.ToString(CultureInfo.InvariantCulture)}-{(dark ? "dark" : "light")}.png"), picture, TestContext.Current.CancellationToken);
                }
            }
        }
    }

    internal static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ActorPerf.sln"))) folder = folder.Parent;
        return folder?.FullName ?? AppContext.BaseDirectory;
    }
}
