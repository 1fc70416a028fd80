using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace ActorPerf.Tests.Web.Console.Browsing;

/// <summary>The system's Chromium without a window, driven over its DevTools protocol (https://chromedevtools.github.io/devtools-protocol/).</summary>
internal sealed class Browser : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly DirectoryInfo _profile;
    private readonly ClientWebSocket _socket;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode>> _asked = new();
    private readonly ConcurrentDictionary<string, Channel<JsonNode>> _events = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _reading;
    private int _last;

    private Browser(Process process, DirectoryInfo profile, ClientWebSocket socket)
    {
        (_process, _profile, _socket) = (process, profile, socket);
        _reading = ReadAsync();
    }

    public static async Task<Browser> StartAsync()
    {
        var profile = Directory.CreateTempSubdirectory("actorperf-browser-");
        var start = new ProcessStartInfo(Programs.Find("chromium", "chromium-browser", "google-chrome") ?? "chromium") { RedirectStandardError = true, RedirectStandardOutput = true };
        string[] switches =
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
            "--hide-scrollbars", "--force-color-profile=srgb", "--remote-debugging-port=0", $"--user-data-dir={profile.FullName}", "about:blank",
        ];
        foreach (var word in switches) start.ArgumentList.Add(word);
        var process = Process.Start(start) ?? throw new InvalidOperationException("Chromium did not start.");
        _ = process.StandardOutput.ReadToEndAsync();
        var address = await AddressAsync(process).WaitAsync(Patience);
        _ = process.StandardError.ReadToEndAsync();
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri(address), TestContext.Current.CancellationToken);
        return new Browser(process, profile, socket);
    }

    /// <summary>A tab of its own, with its own cookies.</summary>
    public async Task<BrowserPage> OpenAsync(int width = 1440, int height = 900, bool dark = false, bool reducedMotion = false)
    {
        var context = (await AskAsync("Target.createBrowserContext", []))["browserContextId"]!.GetValue<string>();
        var target = (await AskAsync("Target.createTarget", new() { ["url"] = "about:blank", ["browserContextId"] = context }))["targetId"]!.GetValue<string>();
        var session = (await AskAsync("Target.attachToTarget", new() { ["targetId"] = target, ["flatten"] = true }))["sessionId"]!.GetValue<string>();
        var events = _events[session] = Channel.CreateUnbounded<JsonNode>();
        var page = new BrowserPage(this, session, target, events.Reader);
        await page.PrepareAsync(width, height, dark, reducedMotion);
        return page;
    }

    public async Task<JsonObject> AskAsync(string method, JsonObject parameters, string? session = null)
    {
        var id = Interlocked.Increment(ref _last);
        var answer = _asked[id] = new TaskCompletionSource<JsonNode>(TaskCreationOptions.RunContinuationsAsynchronously);
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        if (session is not null) message["sessionId"] = session;
        var bytes = System.Text.Encoding.UTF8.GetBytes(message.ToJsonString());
        await _sending.WaitAsync(_end.Token);
        try
        {
            await _socket.SendAsync(bytes, WebSocketMessageType.Text, true, _end.Token);
        }
        finally
        {
            _sending.Release();
        }
        var told = await answer.Task.WaitAsync(Patience);
        return told["error"] is { } error ? throw new InvalidOperationException($"{method}: {error["message"]}") : told["result"]!.AsObject();
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _reading;
        _socket.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _sending.Dispose();
        _end.Dispose();
        for (var tries = 0; tries < 10 && !TryDelete(); tries++) await Task.Delay(100);     // its children let go of their files a moment later
    }

    private bool TryDelete()
    {
        try
        {
            _profile.Delete(recursive: true);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task<string> AddressAsync(Process process)
    {
        const string mark = "DevTools listening on ";
        while (await process.StandardError.ReadLineAsync() is { } line)
            if (line.StartsWith(mark, StringComparison.Ordinal)) return line[mark.Length..];
        throw new InvalidOperationException("Chromium ended before it listened.");
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[64 * 1024];
        using var whole = new MemoryStream();
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer.AsMemory(), _end.Token);
                if (part.MessageType == WebSocketMessageType.Close) return;
                whole.Write(buffer, 0, part.Count);
                if (!part.EndOfMessage) continue;
                Take(JsonNode.Parse(whole.GetBuffer().AsSpan(0, (int)whole.Length))!);
                whole.SetLength(0);
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or WebSocketException)
        {
            foreach (var asked in _asked.Values) asked.TrySetException(new InvalidOperationException("The browser has gone."));
        }
    }

    private void Take(JsonNode message)
    {
        if (message["id"]?.GetValue<int>() is { } id && _asked.TryRemove(id, out var asked)) asked.TrySetResult(message);
        else if (message["sessionId"]?.GetValue<string>() is { } session && _events.TryGetValue(session, out var events)) events.Writer.TryWrite(message);
    }
}
