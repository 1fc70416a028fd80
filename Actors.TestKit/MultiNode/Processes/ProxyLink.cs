using System.Net.Sockets;
using System.Threading.Channels;

namespace ActorPerf.TestKit.MultiNode;

/// <summary>One connection through a <see cref="TcpProxy"/>: two sockets, and a pump each way.</summary>
internal sealed class ProxyLink(TcpProxy proxy, Socket client) : IDisposable
{
    private const int PieceBytes = 16 * 1024;

    /// <summary>Pieces that may be under way in one direction: with a delay they are read before the first has arrived. Beyond that the sender waits, as it would for a network.</summary>
    private const int UnderWay = 256;

    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly CancellationTokenSource _over = new();
    private volatile TaskCompletionSource? _losing;

    /// <summary>Both ends are told at once that the other is gone. May be called at any time, and twice.</summary>
    public void Reset()
    {
        _over.Cancel();
        foreach (var socket in (Socket[])[client, _server])
        {
            try
            {
                // Linger zero makes the close a reset.
                if (socket.Connected) socket.LingerState = new LingerOption(true, 0);
            }
            catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
            {
                // Another reset was quicker, or the other end.
            }
            socket.Dispose();
        }
    }

    // The token's source holds nothing without a timer, and a reset may still come.
    public void Dispose() => Reset();

    public async Task RunAsync(string host, int port, CancellationToken closing)
    {
        await using var closed = closing.Register(Reset);
        try
        {
            client.NoDelay = true;
            await _server.ConnectAsync(host, port, _over.Token);
            // Where one way ends in order the other may still have something to say; where it ends otherwise, both are over.
            await Task.WhenAll(PumpAsync(client, _server, proxy.ToServer, toServer: true), PumpAsync(_server, client, proxy.ToClient, toServer: false));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One end is gone: so is the other.
        }
        finally
        {
            Reset();
        }
    }

    private async Task PumpAsync(Socket from, Socket to, ProxyWay way, bool toServer)
    {
        var pieces = Channel.CreateBounded<(byte[] Bytes, long ReadAt)>(UnderWay);
        var reading = ReadAsync(from, pieces.Writer);
        try
        {
            await foreach (var (bytes, readAt) in pieces.Reader.ReadAllAsync(_over.Token))
            {
                await way.PassAsync(readAt, _over.Token);
                if (!toServer && _losing is { } lost)
                {
                    Reset();
                    lost.TrySetResult();
                    return;
                }
                if (toServer && proxy.LossBy(bytes) is { } loss) _losing = loss;
                await SendAsync(to, bytes);
                await way.PaceAsync(bytes.Length, _over.Token);
            }
            to.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            Reset();
            throw;
        }
        finally
        {
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadAsync(Socket from, ChannelWriter<(byte[] Bytes, long ReadAt)> pieces)
    {
        try
        {
            var buffer = new byte[PieceBytes];
            while (await from.ReceiveAsync(buffer, _over.Token) is > 0 and var count)
                await pieces.WriteAsync((buffer[..count], TimeProvider.System.GetTimestamp()), _over.Token);
            pieces.TryComplete();
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            pieces.TryComplete(exception);
        }
    }

    private async Task SendAsync(Socket to, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[await to.SendAsync(bytes, _over.Token)..];
    }
}
