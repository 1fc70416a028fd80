using System.Net;
using System.Net.Sockets;

namespace ActorPerf.Tasks.Fetching;

/// <summary>Looks a name up, judges what came, and connects to just that address: between judging and connecting nobody can give another answer.</summary>
/// <param name="internals">Hosts (with port) whose address may be internal.</param>
/// <param name="resolve">Names to addresses.</param>
/// <param name="setting">Where a host may be named whose address is meant to be internal.</param>
internal sealed class PinnedConnection(IReadOnlySet<string> internals, Func<string, CancellationToken, Task<IPAddress[]>> resolve, string setting = "actorperf.fetch.allow-internal")
{
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var (host, port) = (context.DnsEndPoint.Host.Trim('[', ']'), context.DnsEndPoint.Port);
        var found = IPAddress.TryParse(host, out var literal) ? [literal] : await resolve(host, ct);
        var usable = internals.Contains($"{host}:{port}") ? found : Array.FindAll(found, Addresses.IsPublic);
        if (usable.Length == 0)
            throw found.Length == 0
                ? new HttpRequestException($"The host '{host}' has no address.")
                : new FetchRefusedException($"The host '{host}' has an internal address. If that is meant, name it in {setting}.");
        return await ConnectAsync(usable, port, ct);
    }

    private static async Task<Stream> ConnectAsync(IPAddress[] addresses, int port, CancellationToken ct)
    {
        for (var i = 0; ; i++)
        {
            var socket = new Socket(addresses[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(addresses[i], port), ct);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception fault)
            {
                socket.Dispose();
                if (fault is not SocketException || i + 1 == addresses.Length) throw;
            }
        }
    }
}
