using System.Globalization;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace ActorPerf.Tests.Web.Console.Browsing;

/// <summary>One tab.</summary>
internal sealed class BrowserPage(Browser browser, string session, string target, ChannelReader<JsonNode> events) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private int _width;
    private int _height;

    /// <summary>What the page complained of so far: errors and warnings of its console, breaches of its policy, requests that failed.</summary>
    public List<string> Complaints { get; } = [];

    /// <summary>Addresses that were asked for.</summary>
    public List<string> Requests { get; } = [];

    public async Task PrepareAsync(int width, int height, bool dark, bool reducedMotion)
    {
        foreach (var domain in new[] { "Page", "Runtime", "Log", "Network" }) await AskAsync(domain + ".enable");
        (_width, _height) = (width, height);
        await ResizeAsync(height);
        await ThemeAsync(dark, reducedMotion);
    }

    /// <summary>Asks for the dark or the light theme as a system does, also while a page is shown.</summary>
    public Task ThemeAsync(bool dark, bool reducedMotion) =>
        AskAsync("Emulation.setEmulatedMedia", new()
        {
            ["features"] = new JsonArray(
                new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = dark ? "dark" : "light" },
                new JsonObject { ["name"] = "prefers-reduced-motion", ["value"] = reducedMotion ? "reduce" : "no-preference" }),
        });

    /// <summary>Goes there, and waits until the page and what it needs are loaded.</summary>
    public async Task GoAsync(Uri address)
    {
        await AskAsync("Page.navigate", new() { ["url"] = address.ToString() });
        await UntilAsync(static message => message["method"]?.GetValue<string>() == "Page.loadEventFired");
    }

    /// <summary>What an expression of the page comes to; a promise is awaited.</summary>
    public async Task<JsonNode?> EvaluateAsync(string expression)
    {
        var told = await AskAsync("Runtime.evaluate", new() { ["expression"] = expression, ["awaitPromise"] = true, ["returnByValue"] = true });
        return told["exceptionDetails"] is { } fault ? throw new InvalidOperationException($"{expression}: {fault.ToJsonString()}") : told["result"]!["value"]?.DeepClone();
    }

    /// <summary>Waits until an expression of the page is true.</summary>
    public async Task WaitAsync(string condition)
    {
        var held = await EvaluateAsync(string.Create(CultureInfo.InvariantCulture, $$"""
            new Promise(done => {
              const until = Date.now() + {{Patience.TotalMilliseconds}};
              const look = () => { let held = false; try { held = {{condition}}; } catch {} if (held || Date.now() > until) done(!!held); else setTimeout(look, 50); };
              look();
            })
            """));
        if (held?.GetValue<bool>() != true) throw new InvalidOperationException($"It never came to be: {condition}. The page complained: {string.Join("; ", Complaints)}");
    }

    public async Task PressAsync(string key)
    {
        var text = key.Length == 1 ? key : key == "Enter" ? "\r" : null;
        var down = new JsonObject { ["type"] = text is null ? "rawKeyDown" : "keyDown", ["key"] = key, ["code"] = key.Length == 1 ? "" : key, ["windowsVirtualKeyCode"] = CodeOf(key) };
        if (text is not null) down["text"] = text;
        await AskAsync("Input.dispatchKeyEvent", down);
        await AskAsync("Input.dispatchKeyEvent", new() { ["type"] = "keyUp", ["key"] = key });
    }

    public Task HoverAsync(double x, double y) => AskAsync("Input.dispatchMouseEvent", new() { ["type"] = "mouseMoved", ["x"] = x, ["y"] = y });

    /// <summary>The whole page as PNG, at most so high.</summary>
    public async Task<byte[]> PictureAsync(int highest = 4_000)
    {
        var height = (await AskAsync("Page.getLayoutMetrics"))["cssContentSize"]!["height"]!.GetValue<double>();
        await ResizeAsync((int)Math.Min(highest, height));      // what sticks to the window's edges is where it would be on a large screen
        var told = await AskAsync("Page.captureScreenshot", new() { ["optimizeForSpeed"] = true });
        await ResizeAsync(_height);
        return Convert.FromBase64String(told["data"]!.GetValue<string>());
    }

    /// <summary>What a screen reader is told: every node that is not ignored, with its role and name.</summary>
    public async Task<IReadOnlyList<(string Role, string Name)>> AccessibleAsync()
    {
        await AskAsync("Accessibility.enable");
        var nodes = (await AskAsync("Accessibility.getFullAXTree"))["nodes"]!.AsArray();
        return [.. nodes.Where(node => node!["ignored"]?.GetValue<bool>() != true).Select(node => (node!["role"]?["value"]?.ToString() ?? "", node["name"]?["value"]?.ToString() ?? ""))];
    }

    public Task<JsonObject> AskAsync(string method, JsonObject? parameters = null) => browser.AskAsync(method, parameters ?? [], session);

    /// <summary>Reads what happened so far into <see cref="Complaints"/> and <see cref="Requests"/>.</summary>
    public void Listen()
    {
        while (events.TryRead(out var message)) Note(message);
    }

    public async ValueTask DisposeAsync() => await browser.AskAsync("Target.closeTarget", new() { ["targetId"] = target });

    private Task<JsonObject> ResizeAsync(int height) =>
        AskAsync("Emulation.setDeviceMetricsOverride", new() { ["width"] = _width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = _width < 600 });

    private async Task UntilAsync(Func<JsonNode, bool> wanted)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var message = await events.ReadAsync(patience.Token);
            Note(message);
            if (wanted(message)) return;
        }
    }

    private void Note(JsonNode message)
    {
        var told = message["params"];
        switch (message["method"]?.GetValue<string>())
        {
            case "Network.requestWillBeSent": Requests.Add(told!["request"]!["url"]!.GetValue<string>()); break;
            case "Log.entryAdded" when told!["entry"]!["level"]!.GetValue<string>() is "error" or "warning": Complaints.Add(told["entry"]!["text"]!.GetValue<string>()); break;
            case "Runtime.exceptionThrown": Complaints.Add(told!["exceptionDetails"]!.ToJsonString()); break;
            case "Runtime.consoleAPICalled" when told!["type"]!.GetValue<string>() is "error" or "warning" or "assert": Complaints.Add(told["args"]!.ToJsonString()); break;
        }
    }

    private static int CodeOf(string key) => key switch
    {
        "Enter" => 13,
        "Tab" => 9,
        "Escape" => 27,
        "ArrowLeft" => 37,
        "ArrowUp" => 38,
        "ArrowRight" => 39,
        "ArrowDown" => 40,
        _ => char.ToUpperInvariant(key[0]),
    };
}
