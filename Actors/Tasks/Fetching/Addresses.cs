using System.Net;
using System.Net.Sockets;

namespace ActorPerf.Tasks.Fetching;

/// <summary>Which addresses belong to the open internet (the special-purpose registries of RFC 6890). Of IPv6 only what is given out for it (2000::/3); what carries an IPv4 address inside
/// leads to that one, so both must be open.</summary>
internal static class Addresses
{
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    private static readonly IPNetwork[] Closed =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
            "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "168.63.129.16/32",                                // by its number open, and the inner service of a cloud's machines
            "2001::/23", "2001:db8::/32", "3fff::/20",
        }.Select(static text => IPNetwork.Parse(text)),
    ];

    public static bool IsPublic(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork) return !IsClosed(address);
        if (address.IsIPv4MappedToIPv6) return IsPublic(address.MapToIPv4());
        var inside = Carried(address);
        return (GlobalUnicast.Contains(address) || Nat64.Contains(address)) && !IsClosed(address) && (inside is null || !IsClosed(inside));
    }

    private static bool IsClosed(IPAddress address) => Array.Exists(Closed, network => network.Contains(address));

    /// <summary>The IPv4 address that a tunnel or a translator would take from it. Teredo's are closed altogether.</summary>
    private static IPAddress? Carried(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        if (bytes[..2] is [0x20, 0x02]) return new IPAddress(bytes[2..6]);                                      // 6to4
        return Nat64.Contains(address) || bytes[8..12] is [0x00 or 0x02, 0x00, 0x5e, 0xfe] ? new IPAddress(bytes[12..]) : null;   // NAT64, ISATAP
    }
}
