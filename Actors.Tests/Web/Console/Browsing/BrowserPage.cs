using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace ActorPerf.Tests.Web.Console.Browsing;

/// <summary>One tab.</summary>
internal sealed class BrowserPage : IAsyncDisposable
{
    /// <summary>Far more than anything here takes where nothing is wrong: a browser wants much of a busy machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly IPage _page;
    private readonly ICDPSession _devTools;
    private readonly int _width;
    private readonly int _height;
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly ConcurrentQueue<string> _requests = new();

    public BrowserPage(IPage page, ICDPSession devTools, int width, int height)
    {
        (_page, _devTools, _width, _height) = (page, devTools, width, height);
        page.SetDefaultTimeout((float)Patience.TotalMilliseconds);
        page.Request += (_, request) => _requests.Enqueue(request.Url);
        page.PageError += (_, error) => _complaints.Enqueue(error);
        page.Console += (_, said) =>
        {
            if (said.Type is "error" or "warning" or "assert") _complaints.Enqueue(said.Text);
        };
    }

    /// <summary>What the page complained of so far: errors and warnings of its console, breaches of its policy, requests that failed.</summary>
    public IReadOnlyList<string> Complaints => [.. _complaints];

    /// <summary>Addresses that were asked for.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    /// <summary>Asks for the dark or the light theme as a system does, also while a page is shown.</summary>
    public Task ThemeAsync(bool dark, bool reducedMotion) => _page.EmulateMediaAsync(new()
    {
        ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
        ReducedMotion = reducedMotion ? ReducedMotion.Reduce : ReducedMotion.NoPreference,
    });

    /// <summary>Goes there, and waits until the page and what it needs are loaded.</summary>
    public Task GoAsync(Uri address) => _page.GotoAsync(address.ToString());

    /// <summary>Does what leads to another page, such as sending a form, and waits until that one is loaded.</summary>
    public async Task LeaveAsync(string act)
    {
        var loaded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Loaded(object? sender, IPage page) => loaded.TrySetResult();
        _page.Load += Loaded;
        await EvaluateAsync(act);
        await loaded.Task.WaitAsync(Patience);
        _page.Load -= Loaded;
    }

    /// <summary>What an expression of the page comes to; a promise is awaited.</summary>
    /// <remarks>Asked of the browser itself: Playwright's own way runs into the policy that the pages are under, which is what is tested here.</remarks>
    public async Task<JsonNode?> EvaluateAsync(string expression)
    {
        var told = await AskAsync("Runtime.evaluate", new() { ["expression"] = expression, ["awaitPromise"] = true, ["returnByValue"] = true });
        return told["exceptionDetails"] is { } fault ? throw new InvalidOperationException($"{expression}: {fault.ToJsonString()}") : told["result"]!["value"]?.DeepClone();
    }

    /// <summary>Waits until an expression of the page is true, of this one or of those that follow it.</summary>
    public async Task WaitAsync(string condition)
    {
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < Patience; await Task.Delay(20))
        {
            try
            {
                if ((await EvaluateAsync($"(() => {{ try {{ return !!({condition}); }} catch {{ return false; }} }})()"))!.GetValue<bool>()) return;
            }
            catch (PlaywrightException)
            {
                // A page that went away took the question with it.
            }
        }
        throw new InvalidOperationException($"It never came to be: {condition}. The page complained: {string.Join("; ", Complaints)}");
    }

    /// <param name="key">By the names of https://playwright.dev/dotnet/docs/api/class-keyboard, such as <c>Enter</c> or <c>Control+k</c>.</param>
    public Task PressAsync(string key) => _page.Keyboard.PressAsync(key);

    /// <summary>Puts a text where the cursor is, at once.</summary>
    public Task TypeAsync(string text) => _page.Keyboard.InsertTextAsync(text);

    public Task HoverAsync(double x, double y) => _page.Mouse.MoveAsync((float)x, (float)y);

    /// <summary>The whole page as PNG, at most so high.</summary>
    public async Task<byte[]> PictureAsync(int highest = 4_000)
    {
        var height = (await EvaluateAsync("document.documentElement.scrollHeight"))!.GetValue<double>();
        await _page.SetViewportSizeAsync(_width, (int)Math.Min(highest, height));      // what sticks to the window's edges is where it would be on a large screen
        var told = await AskAsync("Page.captureScreenshot", new() { ["optimizeForSpeed"] = true });
        await _page.SetViewportSizeAsync(_width, _height);
        return Convert.FromBase64String(told["data"]!.GetValue<string>());
    }

    /// <summary>What a screen reader is told: every node that is not ignored, with its role and name.</summary>
    public async Task<IReadOnlyList<(string Role, string Name)>> AccessibleAsync()
    {
        var nodes = (await AskAsync("Accessibility.getFullAXTree", []))["nodes"]!.AsArray();
        return [.. nodes.Where(node => node!["ignored"]?.GetValue<bool>() != true).Select(node => (node!["role"]?["value"]?.ToString() ?? "", node["name"]?["value"]?.ToString() ?? ""))];
    }

    public async ValueTask DisposeAsync() => await _page.Context.CloseAsync();

    private async Task<JsonObject> AskAsync(string method, JsonObject parameters)
    {
        var arguments = parameters.ToDictionary(static entry => entry.Key, static entry => (object)JsonSerializer.SerializeToElement(entry.Value));
        return await _devTools.SendAsync(method, arguments) is { } told ? JsonNode.Parse(told.GetRawText())!.AsObject() : [];
    }
}
