using System.Net;
using System.Net.Sockets;

namespace ActorPerf.Tasks.Fetching;

/// <summary>What lies below HTTP: how names become addresses, and addresses connections.</summary>
internal sealed record Network
{
    /// <summary>Asked once for each new connection.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>Opens a connection to an address, and to no other; throws <see cref="SocketException"/> where there is none to be had.</summary>
    public Func<IPEndPoint, CancellationToken, Task<Stream>> Connect { get; init; } = DialAsync;

    /// <summary>For a name and a connection together.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    private static async Task<Stream> DialAsync(IPEndPoint address, CancellationToken ct)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
