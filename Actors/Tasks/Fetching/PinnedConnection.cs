using System.Net;
using System.Net.Sockets;

namespace ActorPerf.Tasks.Fetching;

/// <summary>Looks a name up once, judges what came, and connects to just that: an address that was not judged is never connected to, whatever a second look would say.</summary>
/// <param name="internals">Hosts (with port) whose address may be internal.</param>
/// <param name="setting">Where a host may be named whose address is meant to be internal.</param>
internal sealed class PinnedConnection(IReadOnlySet<string> internals, Network network, string setting = "actorperf.fetch.allow-internal")
{
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var (host, port) = (context.DnsEndPoint.Host.Trim('[', ']'), context.DnsEndPoint.Port);
        var found = IPAddress.TryParse(host, out var literal) ? [literal] : await network.Resolve(host, ct);
        var usable = internals.Contains($"{host}:{port}") ? found : Array.FindAll(found, Addresses.IsPublic);
        if (usable.Length == 0)
            throw found.Length == 0
                ? new HttpRequestException($"The host '{host}' has no address.")
                : new FetchRefusedException($"The host '{host}' has an internal address. If that is meant, name it in {setting}.");
        for (var i = 0; ; i++)
        {
            try
            {
                return await network.Connect(new IPEndPoint(usable[i], port), ct);
            }
            catch (SocketException) when (i + 1 < usable.Length)
            {
                // The next address of the host may answer.
            }
        }
    }
}
