using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ActorPerf.Tests.Tasks.Fetching;

/// <summary>Answers each request with a text, as it stands, or by a script; what ends too early is left standing.</summary>
internal sealed class PlainServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _requests;

    public PlainServer()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Func<string, string> Answer { get; set; } = static _ => "HTTP/1.1 204 No Content\r\n\r\n";

    /// <summary>Writes the answer to a request in place of <see cref="Answer"/>; the connection ends with it.</summary>
    public Func<string, Stream, CancellationToken, Task>? Script { get; set; }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Url => $"http://127.0.0.1:{Port}/";

    public int Requests => Volatile.Read(ref _requests);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true) serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        finally
        {
            await Task.WhenAll(serving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            var buffer = new byte[64 * 1024];
            while (true)
            {
                var length = 0;
                while (!IsWhole(Encoding.Latin1.GetString(buffer, 0, length)))
                {
                    var read = await client.GetStream().ReadAsync(buffer.AsMemory(length), _stop.Token);
                    if (read == 0) return;
                    length += read;
                }
                Interlocked.Increment(ref _requests);
                if (Script is { } script)
                {
                    await script(Encoding.UTF8.GetString(buffer, 0, length), client.GetStream(), _stop.Token);
                    return;
                }
                var answer = Answer(Encoding.UTF8.GetString(buffer, 0, length));
                await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(answer), _stop.Token);
                if (answer.Contains("Connection: close", StringComparison.Ordinal)) return;
            }
        }
    }

    private static bool IsWhole(string request)
    {
        var end = request.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0) return false;
        var length = request.IndexOf("Content-Length: ", StringComparison.OrdinalIgnoreCase) is >= 0 and var at
            ? int.Parse(request[(at + 16)..request.IndexOf('\r', at)], System.Globalization.CultureInfo.InvariantCulture) : 0;
        return request.Length >= end + 4 + length;
    }
}
