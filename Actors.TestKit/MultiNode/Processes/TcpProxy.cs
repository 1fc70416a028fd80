using System.Net;
using System.Net.Sockets;

namespace ActorPerf.TestKit.MultiNode;

/// <summary>A TCP proxy between one client and one server, such as a node and its database, which a test can slow down, hold and cut, each way by itself. Any thread may do so.</summary>
/// <remarks>What is held is neither lost nor reset: as in a network that delivers nothing, both ends believe in the connection until they give up by themselves.
/// A cut is a reset: both ends are told at once.</remarks>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly HashSet<ProxyLink> _links = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly string _host;
    private readonly int _port;
    private readonly Task _accepting;
    private bool _cut;
    private Loss? _loss;

    private TcpProxy(string host, int port)
    {
        (_host, _port) = (host, port);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(256);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens, on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>What the client says.</summary>
    public ProxyWay ToServer { get; } = new();

    /// <summary>What the server says.</summary>
    public ProxyWay ToClient { get; } = new();

    /// <summary>Connections right now.</summary>
    public int Connections
    {
        get
        {
            lock (_gate) return _links.Count;
        }
    }

    /// <summary>Starts one to a server.</summary>
    public static TcpProxy Start(string host, int port) => new(host, port);

    /// <summary>Resets every connection, and every new one at once, until <see cref="Mend"/>.</summary>
    public void Cut()
    {
        lock (_gate) _cut = true;
        Break();
    }

    /// <summary>Resets the connections of this moment; new ones are let through.</summary>
    public void Break()
    {
        ProxyLink[] links;
        lock (_gate) links = [.. _links];
        foreach (var link in links) link.Reset();
    }

    /// <summary>As good as new: no delay, no limit, nothing held or cut. What was held is delivered.</summary>
    public void Mend()
    {
        lock (_gate) _cut = false;
        ToServer.Mend();
        ToClient.Mend();
    }

    /// <summary>Has the server get one message with a text in it, such as <c>COMMIT</c>, and its client never hear the answer: the connection is reset when the server has given it.</summary>
    /// <param name="text">ASCII, as it stands in the bytes.</param>
    /// <returns>Completes when that has happened.</returns>
    public Task LoseAnswerAsync(string text)
    {
        var loss = new Loss(System.Text.Encoding.ASCII.GetBytes(text), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_gate) _loss = loss;
        return loss.Happened.Task;
    }

    public async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested) return;
        await _closing.CancelAsync();
        _listener.Dispose();
        Break();
        await _accepting;
        _closing.Dispose();
    }

    /// <summary>The loss that a message which goes to the server now brings about; null for none. Each happens once.</summary>
    internal TaskCompletionSource? LossBy(ReadOnlySpan<byte> message)
    {
        lock (_gate)
        {
            if (_loss is not { } loss || message.IndexOf(loss.Text) < 0) return null;
            _loss = null;
            return loss.Happened;
        }
    }

    private async Task AcceptAsync()
    {
        while (!_closing.IsCancellationRequested)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptAsync(_closing.Token);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
            _ = ServeAsync(client);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var link = new ProxyLink(this, client);
        lock (_gate)
        {
            if (_cut) link.Reset();
            else _links.Add(link);
        }
        try
        {
            await link.RunAsync(_host, _port, _closing.Token);
        }
        finally
        {
            lock (_gate) _links.Remove(link);
        }
    }

    private sealed record Loss(byte[] Text, TaskCompletionSource Happened);
}
