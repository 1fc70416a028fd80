using System.Net;
using System.Net.Sockets;

namespace ActorPerf.Tasks.Fetching;

/// <summary>Which addresses belong to the open internet (the special-purpose registries of RFC 6890). Whatever carries an IPv4 address inside is judged by that one.</summary>
internal static class Addresses
{
    private static readonly IPNetwork[] Internal =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
            "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "::/127", "100::/64", "64:ff9b:1::/48", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
        }.Select(static text => IPNetwork.Parse(text)),
    ];

    public static bool IsPublic(IPAddress address)
    {
        var inner = Unwrap(address);
        return !Array.Exists(Internal, network => network.BaseAddress.AddressFamily == inner.AddressFamily && network.Contains(inner));
    }

    private static IPAddress Unwrap(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address;
        if (address.IsIPv4MappedToIPv6) return address.MapToIPv4();
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        if (bytes[..2] is [0x20, 0x02]) return new IPAddress(bytes[2..6]);                                     // 6to4
        if (bytes[..12] is [0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]) return new IPAddress(bytes[12..]); // NAT64
        // ::a.b.c.d, given up long ago and still understood; :: and ::1 are not of it.
        return !bytes[..12].ContainsAnyExcept((byte)0) && bytes[12..15].ContainsAnyExcept((byte)0) ? new IPAddress(bytes[12..]) : address;
    }
}
