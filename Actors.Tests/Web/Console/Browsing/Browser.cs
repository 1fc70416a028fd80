using Microsoft.Playwright;

namespace ActorPerf.Tests.Web.Console.Browsing;

/// <summary>The system's Chromium without a window, driven by Playwright.</summary>
internal sealed class Browser : IAsyncDisposable
{
    // One for all tests: its process ends with that of the tests.
    private static readonly Lazy<Task<IPlaywright>> Driver = new(Playwright.CreateAsync);

    private readonly IBrowser _browser;

    private Browser(IBrowser browser) => _browser = browser;

    public static async Task<Browser> StartAsync() => new(await (await Driver.Value).Chromium.LaunchAsync(new()
    {
        ExecutablePath = Programs.Find("chromium", "chromium-browser", "google-chrome") ?? "chromium",
        Args = ["--no-sandbox", "--disable-gpu", "--disable-quic"],
        Timeout = 120_000,
    }));

    /// <summary>A tab of its own, with its own cookies.</summary>
    public async Task<BrowserPage> OpenAsync(int width = 1440, int height = 900, bool dark = false, bool reducedMotion = false, string? zone = null)
    {
        var context = await _browser.NewContextAsync(new()
        {
            ViewportSize = new ViewportSize { Width = width, Height = height },
            IsMobile = width < 600,
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            TimezoneId = zone,
            ReducedMotion = reducedMotion ? ReducedMotion.Reduce : ReducedMotion.NoPreference,
        });
        var page = await context.NewPageAsync();
        return new BrowserPage(page, await context.NewCDPSessionAsync(page), width, height);
    }

    public ValueTask DisposeAsync() => _browser.DisposeAsync();
}
