using System.Globalization;

namespace ActorPerf.Benchmarks.Harness;

/// <summary>Pages of the console that stay open: each reads its event stream as a browser does, and throws away what it reads.</summary>
internal sealed class ConsoleViews : IAsyncDisposable
{
    private readonly CancellationTokenSource _closed = new();
    private readonly HttpClient _http;
    private readonly Task[] _reading;
    private long _bytes;

    private ConsoleViews(Uri node, int count, IReadOnlyList<string> views)
    {
        _http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = count }) { BaseAddress = node, Timeout = Timeout.InfiniteTimeSpan };
        _reading = [.. Enumerable.Range(0, count).Select(i => ReadAsync(string.Create(CultureInfo.InvariantCulture, $"/console/events?view={views[i % views.Count]}")))];
    }

    /// <summary>Read by all of them so far.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Opens so many, over the views in turn, and waits until each has its first frame.</summary>
    public static async Task<ConsoleViews> OpenAsync(Uri node, int count, IReadOnlyList<string> views)
    {
        var opened = new ConsoleViews(node, count, views);
        while (opened.Bytes < count * 50L) await Task.Delay(20);
        return opened;
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await Task.WhenAll(_reading);
        _http.Dispose();
        _closed.Dispose();
    }

    private async Task ReadAsync(string path)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            await using var stream = await _http.GetStreamAsync(new Uri(path, UriKind.Relative), _closed.Token);
            while (await stream.ReadAsync(buffer, _closed.Token) is > 0 and var read) Interlocked.Add(ref _bytes, read);
        }
        catch (OperationCanceledException)
        {
            // The page was closed.
        }
    }
}
