using System.Diagnostics;
using System.Globalization;
using ActorPerf.Tests.Web.Console.Fakes;

namespace ActorPerf.Tests.Web.Console;

/// <summary>Every page as a picture, light and dark, narrow and wide, under <c>artifacts/console/</c>: for eyes, not for assertions on pixels.</summary>
public sealed class ConsolePictures
{
    private const int SmallestPicture = 4_000;       // bytes; a blank page compresses to less

    private static readonly (string Name, string Path)[] Pages =
    [
        ("overview", "/"), ("tour", "/tour"), ("submit", "/submit"), ("submit-report", "/submit?task=report&queue=slow"), ("jobs", "/jobs"), ("jobs-failed", "/jobs?state=failed&task=report"),
        ("jobs-none", "/jobs?state=held&task=square&tag=weekly"), ("job-running", $"/jobs/{Sample.Id(BusyNode.RunningJob)}"), ("job-failed", $"/jobs/{Sample.Id(BusyNode.FailedJob - 1)}"),
        ("job-succeeded", $"/jobs/{Sample.Id(7)}"), ("queues", "/queues"), ("cache", "/cache"), ("cluster", "/cluster"), ("missing", "/nothing-here"),
    ];

    [ChromiumFact]
    public async Task Every_page_is_pictured()
    {
        var only = Environment.GetEnvironmentVariable("ACTORPERF_PICTURES") ?? "";
        var folder = Path.Combine(Root(), "artifacts", "console");
        Directory.CreateDirectory(folder);
        await using var busy = await ConsoleHost.StartAsync();
        BusyNode.Fill(busy);
        await using var empty = await ConsoleHost.StartAsync(keys: false);
        BusyNode.Tasks(empty.Catalog);
        await using var locked = await ConsoleHost.StartAsync(keys: true);
        var shots = Pages.Select(page => (page.Name, Url: new Uri(busy.Address, page.Path)))
            .Append(("empty", new Uri(empty.Address, "/"))).Append(("empty-jobs", new Uri(empty.Address, "/jobs"))).Append(("sign-in", new Uri(locked.Address, "/sign-in")));
        foreach (var (name, url) in shots.Where(shot => only.Length == 0 || only.Split(',').Contains(shot.Item1)))
        foreach (var width in new[] { 1440, 390 })
        foreach (var dark in new[] { false, true })
        {
            var file = Path.Combine(folder, $"{name}-{width.ToString(CultureInfo.InvariantCulture)}-{(dark ? "dark" : "light")}.png");
            File.Delete(file);
            await ShootAsync(url, file, width, dark);
        }
    }

    private static async Task ShootAsync(Uri url, string file, int width, bool dark)
    {
        var profile = Directory.CreateTempSubdirectory("actorperf-pictures-");
        try
        {
            var start = new ProcessStartInfo("chromium") { RedirectStandardError = true, RedirectStandardOutput = true };
            string[] switches =
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--hide-scrollbars", $"--user-data-dir={profile.FullName}", $"--screenshot={file}", $"--window-size={width},{(width < 500 ? 1500 : 1100)}",
                dark ? "--blink-settings=preferredColorScheme=0" : "--blink-settings=preferredColorScheme=1", "--timeout=3000", url.ToString(),
            ];
            foreach (var word in switches) start.ArgumentList.Add(word);
            using var chromium = Process.Start(start) ?? throw new InvalidOperationException("chromium did not start.");
            var said = Task.WhenAll(chromium.StandardError.ReadToEndAsync(), chromium.StandardOutput.ReadToEndAsync());
            await chromium.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60));
            Assert.True(File.Exists(file) && new FileInfo(file).Length > SmallestPicture, $"Chromium wrote no picture of {url}: {string.Join('\n', await said)}");
        }
        finally
        {
            profile.Delete(recursive: true);
        }
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ActorPerf.sln"))) folder = folder.Parent;
        return folder?.FullName ?? AppContext.BaseDirectory;
    }
}
