using System.Net;
using System.Net.Sockets;

namespace ActorPerf.TestKit.MultiNode;

/// <summary>Ports for servers of tests.</summary>
internal static class LoopbackPort
{
    private static readonly Lock Gate = new();

    /// <summary>Whoever was given one may not listen on it yet, or not right now.</summary>
    private static readonly HashSet<int> Given = [];

    /// <summary>A port that nobody listens on, below the range from which clients get theirs, so that it is still free after a restart. This process gives each of them once.</summary>
    /// <param name="row">So many in a row; the first of them.</param>
    public static int Free(int row = 1)
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var ports = Enumerable.Range(Random.Shared.Next(20_000, 32_000 - row), row).ToArray();
            lock (Gate)
            {
                if (!Array.TrueForAll(ports, IsFree)) continue;
                Given.UnionWith(ports);
                return ports[0];
            }
        }
        throw new MultiNodeException("No free port found.");
    }

    private static bool IsFree(int port)
    {
        if (Given.Contains(port)) return false;
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
