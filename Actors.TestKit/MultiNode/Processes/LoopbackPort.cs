using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace ActorPerf.TestKit.MultiNode;

/// <summary>Ports for servers of tests.</summary>
internal static class LoopbackPort
{
    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>A port that nobody listens on, below the range from which clients get theirs, so that it is still free after a restart. Given once in this process, for between
    /// two lives of a server nothing else shows that it is taken.</summary>
    public static int Free()
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var port = Random.Shared.Next(20_000, 32_000);
            if (!Given.TryAdd(port, true)) continue;
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Taken: the next.
            }
        }
        throw new MultiNodeException("No free port found.");
    }
}
